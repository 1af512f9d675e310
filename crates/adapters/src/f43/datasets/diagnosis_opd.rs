//! DIAGNOSIS_OPD: a part of a visit. Key of 2026: SEQ, DATE_SERV, DIAGCODE.
//!
//! DIAGTYPE is in no published key, so by REPLACE one ICD-10 code in two roles (principal and
//! external cause, say) would collapse to its last row and a visit could lose its principal
//! diagnosis. Both rows are true, so DIAGTYPE belongs to the key here.

use saphan_model::body::Diagnosis;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(PID, SEQ, DATE_SERV, DIAGTYPE, DIAGCODE, CLINIC, D_UPDATE);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::visit(row, SEQ, PID, DATE_SERV)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let diagnosis = Diagnosis {
        code: row.icd10(DIAGCODE)?,
        role: row.string(DIAGTYPE)?,
        clinic: row.string_opt(CLINIC)?,
    };
    let key = super::joined(&[&diagnosis.role, &diagnosis.code]);
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::Diagnosis(diagnosis)))
}
