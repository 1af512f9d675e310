//! PROCEDURE_IPD: a part of a stay. Key of 2026: AN, DATETIME_ADMIT, PROCEDCODE, TIMESTART.

use saphan_model::body::Procedure;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(PID, AN, WARDSTAY, PROCEDCODE, TIMESTART, TIMEFINISH, SERVICEPRICE, D_UPDATE);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::stay(row, AN, PID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let procedure = Procedure {
        code: row.string(PROCEDCODE)?,
        clinic: row.string_opt(WARDSTAY)?,
        start: Some(row.instant(TIMESTART)?),
        end: row.instant_opt(TIMEFINISH)?,
        price_satang: row.money_opt(SERVICEPRICE)?,
    };
    let key = super::joined(&[&procedure.code, row.text(TIMESTART)?]);
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::Procedure(procedure)))
}
