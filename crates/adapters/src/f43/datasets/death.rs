//! DEATH. Key: PID.

use saphan_model::Body;
use saphan_model::body::Death;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

carried!(
    PID, HOSPDEATH, DDEATH, CDEATH_A, CDEATH_B, CDEATH_C, CDEATH_D, ODISEASE, CDEATH, PREGDEATH,
    PDEATH, D_UPDATE, CID,
);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let mut other_causes = Vec::new();
    for column in [CDEATH_A, CDEATH_B, CDEATH_C, CDEATH_D, ODISEASE] {
        other_causes.extend(row.icd10_opt(column)?);
    }
    let death = Death {
        died_on: row.date(DDEATH)?,
        cause: row.icd10(CDEATH)?,
        other_causes,
        place: row.string(PDEATH)?,
        facility: row.facility_opt(HOSPDEATH)?,
        pregnancy: row.string_opt(PREGDEATH)?,
    };
    let occurred_at = death.died_on.thai_midnight();
    let body = Body::Death(Box::new(death));
    let natural_key = row.string(PID)?;
    Ok(Draft::typed(identity, natural_key, occurred_at, row.instant_opt(D_UPDATE)?, body))
}
