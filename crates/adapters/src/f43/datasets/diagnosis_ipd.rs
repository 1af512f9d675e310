//! DIAGNOSIS_IPD: a part of a stay. Key of 2026: AN, DATETIME_ADMIT, DIAGCODE; with DIAGTYPE here,
//! for the reason given at DIAGNOSIS_OPD.

use saphan_model::body::Diagnosis;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(PID, AN, DIAGTYPE, DIAGCODE, WARDDIAG, D_UPDATE);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::stay(row, AN, PID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let diagnosis = Diagnosis {
        code: row.icd10(DIAGCODE)?,
        role: row.string(DIAGTYPE)?,
        clinic: row.string_opt(WARDDIAG)?,
    };
    let key = super::joined(&[&diagnosis.role, &diagnosis.code]);
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::Diagnosis(diagnosis)))
}
