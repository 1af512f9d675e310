//! CHRONICFU: a part of a visit. Key of 2026: PID, DATE_SERV, so one a visit.

use saphan_model::body::FollowUp;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(
    PID,
    SEQ,
    DATE_SERV,
    WEIGHT,
    HEIGHT,
    WAIST_CM,
    SBP,
    DBP,
    FOOT,
    RETINA,
    D_UPDATE,
    CHRONICFUPLACE,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::visit(row, SEQ, PID, DATE_SERV)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let follow_up = FollowUp {
        weight_kg: row.decimal(WEIGHT)?,
        height_cm: row.integer(HEIGHT)?,
        waist_cm: row.integer(WAIST_CM)?,
        systolic_mmhg: row.integer(SBP)?,
        diastolic_mmhg: row.integer(DBP)?,
        foot: row.string(FOOT)?,
        retina: row.string(RETINA)?,
        facility: row.facility_opt(CHRONICFUPLACE)?,
    };
    let key = row.string(DATE_SERV)?;
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::FollowUp(follow_up)))
}
