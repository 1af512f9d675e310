//! CARD: a part of a person. Key of 2026: PID, INSTYPE_NEW.

use saphan_model::body::Coverage;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(PID, INSTYPE_NEW, INSID, STARTDATE, EXPIREDATE, MAIN, SUB, D_UPDATE);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::single(row, PID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let updated_at = row.instant_opt(D_UPDATE)?;
    let coverage = Coverage {
        scheme: row.string(INSTYPE_NEW)?,
        card_number: row.private_opt(INSID)?,
        start_date: row.date_opt(STARTDATE)?,
        end_date: row.date_opt(EXPIREDATE)?,
        main_facility: row.facility_opt(MAIN)?,
        primary_facility: row.facility_opt(SUB)?,
        updated_at,
    };
    let key = coverage.scheme.clone();
    Ok(PartRow::typed(key, updated_at, Part::Coverage(coverage)))
}
