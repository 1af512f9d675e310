//! ACCIDENT: a part of a visit, one at most. Key of 2026: PID, SEQ, DATETIME_SERV.

use saphan_model::body::Accident;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(
    PID,
    SEQ,
    DATETIME_SERV,
    DATETIME_AE,
    AETYPE,
    AEPLACE,
    TRAFFIC,
    VEHICLE,
    ALCOHOL,
    BELT,
    HELMET,
    URGENCY,
    COMA_EYE,
    COMA_SPEAK,
    COMA_MOVEMENT,
    D_UPDATE,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    let day = row.instant(DATETIME_SERV)?.thai_date();
    Ok(Key { group: row.text(SEQ)?, pid: row.text(PID)?, day: Some(day) })
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let accident = Accident {
        happened_at: row.instant_opt(DATETIME_AE)?,
        kind: row.string_opt(AETYPE)?,
        place: row.string(AEPLACE)?,
        road_user: row.string_opt(TRAFFIC)?,
        vehicle: row.string_opt(VEHICLE)?,
        alcohol: row.string(ALCOHOL)?,
        belt: row.string_opt(BELT)?,
        helmet: row.string_opt(HELMET)?,
        urgency: row.string(URGENCY)?,
        glasgow_coma_scale: coma_scale(row)?,
    };
    // An encounter has room for one accident, so all rows of a visit have the same key.
    Ok(PartRow::typed(String::new(), row.instant_opt(D_UPDATE)?, Part::Accident(accident)))
}

/// Eye, speech and movement added; none unless all three are there.
fn coma_scale(row: &Row<'_>) -> Result<Option<i32>, RowDefect> {
    let mut sum = Some(0);
    for column in [COMA_EYE, COMA_SPEAK, COMA_MOVEMENT] {
        row.text_opt(column)?;
        sum = sum.zip(row.integer_opt(column)?).map(|(sum, score)| sum + score);
    }
    Ok(sum)
}
