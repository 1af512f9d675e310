//! ANC: an antenatal visit. Key: PID, DATE_SERV; the platform adds GRAVIDA, the pregnancy it is of.

use saphan_model::Body;
use saphan_model::body::Maternity;

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

carried!(PID, DATE_SERV, GRAVIDA, ANCNO, GA, ANCRESULT, ANCPLACE, D_UPDATE, CID, WEIGHT);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let visit = Maternity {
        visited_on: row.date(DATE_SERV)?,
        gravida: row.integer(GRAVIDA)?,
        anc_number: row.string(ANCNO)?,
        gestation_weeks: row.integer(GA)?,
        result: row.string(ANCRESULT)?,
        facility: row.facility_opt(ANCPLACE)?,
        weight_kg: row.decimal_opt(WEIGHT)?,
    };
    let day = visit.visited_on;
    let natural_key = natural::maternity(row.text(PID)?, day, visit.gravida);
    let body = Body::Maternity(Box::new(visit));
    let updated_at = row.instant_opt(D_UPDATE)?;
    Ok(Draft::typed(identity, natural_key, day.thai_midnight(), updated_at, body))
}
