//! EPI: a vaccine given. Key: PID, DATE_SERV, VACCINETYPE.

use saphan_model::Body;
use saphan_model::body::Immunisation;

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

carried!(PID, DATE_SERV, VACCINETYPE, VACCINEPLACE, D_UPDATE, CID);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let immunisation = Immunisation {
        given_on: row.date(DATE_SERV)?,
        vaccine: row.string(VACCINETYPE)?,
        facility: row.facility_opt(VACCINEPLACE)?,
    };
    let (day, vaccine) = (immunisation.given_on, &immunisation.vaccine);
    let natural_key = natural::immunisation(row.text(PID)?, day, vaccine);
    let body = Body::Immunisation(Box::new(immunisation));
    let updated_at = row.instant_opt(D_UPDATE)?;
    Ok(Draft::typed(identity, natural_key, day.thai_midnight(), updated_at, body))
}
