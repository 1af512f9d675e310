//! CHARGE_IPD: a part of a stay. Key of 2026: AN, DATETIME_ADMIT, CHARGEITEM, CHARGELIST, INSTYPE.

use saphan_model::body::Charge;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(PID, AN, CHARGEITEM, CHARGELIST, QUANTITY, INSTYPE, COST, PRICE, PAYPRICE, D_UPDATE,);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::stay(row, AN, PID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let charge = Charge {
        group: row.string(CHARGEITEM)?,
        item: row.string(CHARGELIST)?,
        scheme: row.string(INSTYPE)?,
        quantity: row.long_opt(QUANTITY)?,
        cost_satang: row.money_opt(COST)?,
        price_satang: row.money(PRICE)?,
        pay_price_satang: row.money_opt(PAYPRICE)?,
    };
    let key = super::joined(&[&charge.group, &charge.item, &charge.scheme]);
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::Charge(charge)))
}
