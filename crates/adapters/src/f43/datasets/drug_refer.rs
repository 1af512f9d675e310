//! DRUG_REFER: a part of a referral. Key: REFERID, DATETIME_DSTART, DIDSTD.

use saphan_model::body::ReferralMedication;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(REFERID, DATETIME_DSTART, DATETIME_DFINISH, DIDSTD, DNAME, DDESCRIPTION, D_UPDATE);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::single(row, REFERID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let medication = ReferralMedication {
        start: row.instant(DATETIME_DSTART)?,
        end: row.instant_opt(DATETIME_DFINISH)?,
        code: row.string(DIDSTD)?,
        name: row.string_opt(DNAME)?,
        description: row.string_opt(DDESCRIPTION)?,
    };
    let key = super::joined(&[row.text(DATETIME_DSTART)?, &medication.code]);
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::ReferralMedication(medication)))
}
