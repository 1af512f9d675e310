//! DRUG_IPD: a part of a stay. Key of 2026: AN, DATETIME_ADMIT, TYPEDRUG, DIDSTD.

use saphan_model::body::Medication;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(
    PID, AN, TYPEDRUG, DIDSTD, DNAME, DATESTART, DATEFINISH, AMOUNT, UNIT, DRUGPRICE, DRUGCOST,
    D_UPDATE,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::stay(row, AN, PID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let usage = row.string(TYPEDRUG)?;
    let code = row.string(DIDSTD)?;
    let key = super::joined(&[&code, &usage]);
    let medication = Medication {
        code,
        name: row.string_opt(DNAME)?,
        amount: row.decimal_opt(AMOUNT)?,
        unit: row.string_opt(UNIT)?,
        usage: Some(usage),
        start_date: row.date_opt(DATESTART)?,
        end_date: row.date_opt(DATEFINISH)?,
        price_satang: row.money_opt(DRUGPRICE)?,
        cost_satang: row.money_opt(DRUGCOST)?,
    };
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::Medication(medication)))
}
