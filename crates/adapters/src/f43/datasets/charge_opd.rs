//! CHARGE_OPD: a part of a visit. Key of 2026: SEQ, DATE_SERV, CHARGEITEM, CHARGELIST, INSTYPE.

use saphan_model::body::Charge;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(
    PID, SEQ, DATE_SERV, CHARGEITEM, CHARGELIST, QUANTITY, INSTYPE, COST, PRICE, PAYPRICE,
    D_UPDATE,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::visit(row, SEQ, PID, DATE_SERV)
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
