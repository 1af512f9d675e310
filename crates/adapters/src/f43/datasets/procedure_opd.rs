//! PROCEDURE_OPD: a part of a visit. Key of 2026: SEQ, DATE_SERV, PROCEDCODE.

use saphan_model::body::Procedure;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(PID, SEQ, DATE_SERV, CLINIC, PROCEDCODE, SERVICEPRICE, D_UPDATE);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::visit(row, SEQ, PID, DATE_SERV)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let procedure = Procedure {
        code: row.string(PROCEDCODE)?,
        clinic: row.string_opt(CLINIC)?,
        start: None,
        end: None,
        price_satang: row.money_opt(SERVICEPRICE)?,
    };
    let key = procedure.code.clone();
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::Procedure(procedure)))
}
