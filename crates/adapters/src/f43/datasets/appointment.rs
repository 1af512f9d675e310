//! APPOINTMENT. Key of 2026: PID, SEQ, DATE_SERV, APTYPE.

use saphan_model::Body;
use saphan_model::body::Appointment;

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

carried!(PID, SEQ, DATE_SERV, CLINIC, APDATE, APTYPE, APDIAG, D_UPDATE, CID);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let appointment = Appointment {
        visit_number: row.private(SEQ)?,
        made_on: row.date(DATE_SERV)?,
        due_on: row.date(APDATE)?,
        clinic: row.string(CLINIC)?,
        kind: row.string(APTYPE)?,
        diagnosis: row.icd10_opt(APDIAG)?,
    };
    let (day, kind) = (appointment.made_on, &appointment.kind);
    let natural_key = natural::appointment(row.text(PID)?, row.text(SEQ)?, day, kind);
    let body = Body::Appointment(Box::new(appointment));
    let updated_at = row.instant_opt(D_UPDATE)?;
    Ok(Draft::typed(identity, natural_key, day.thai_midnight(), updated_at, body))
}
