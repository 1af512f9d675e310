//! DRUG_OPD: a part of a visit. Key of 2026: SEQ, DATE_SERV, DIDSTD.

use saphan_model::body::Medication;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(PID, SEQ, DATE_SERV, DIDSTD, DNAME, AMOUNT, UNIT, DRUGPRICE, DRUGCOST, D_UPDATE);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::visit(row, SEQ, PID, DATE_SERV)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let medication = Medication {
        code: row.string(DIDSTD)?,
        name: row.string_opt(DNAME)?,
        amount: row.decimal_opt(AMOUNT)?,
        unit: row.string_opt(UNIT)?,
        usage: None,
        start_date: None,
        end_date: None,
        price_satang: row.money_opt(DRUGPRICE)?,
        cost_satang: row.money_opt(DRUGCOST)?,
    };
    let key = medication.code.clone();
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::Medication(medication)))
}
