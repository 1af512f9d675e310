//! CLINICAL_REFER: a part of a referral. Key: REFERID, DATETIME_ASSESS, CLINICALCODE.

use saphan_model::body::ClinicalFinding;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(
    REFERID,
    DATETIME_ASSESS,
    CLINICALCODE,
    CLINICALNAME,
    CLINICALVALUE,
    CLINICALRESULT,
    D_UPDATE,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::single(row, REFERID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let finding = ClinicalFinding {
        assessed_at: row.instant(DATETIME_ASSESS)?,
        code: row.string(CLINICALCODE)?,
        name: row.string_opt(CLINICALNAME)?,
        value: row.integer_opt(CLINICALVALUE)?,
        result: row.private_opt(CLINICALRESULT)?,
    };
    let key = super::joined(&[row.text(DATETIME_ASSESS)?, &finding.code]);
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::ClinicalFinding(finding)))
}
