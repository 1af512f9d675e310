//! DRUGALLERGY. Key: PID, DRUGALLERGY.

use saphan_model::Body;
use saphan_model::body::{Allergy, Condition};

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

carried!(
    PID,
    DATERECORD,
    DRUGALLERGY,
    DNAME,
    TYPEDX,
    ALEVEL,
    SYMPTOM,
    INFORMANT,
    INFORMHOSP,
    D_UPDATE,
    CID,
);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let allergy = Allergy {
        drug_code: row.string(DRUGALLERGY)?,
        drug_name: row.string_opt(DNAME)?,
        recorded_on: row.date(DATERECORD)?,
        certainty: row.string_opt(TYPEDX)?,
        severity: row.string_opt(ALEVEL)?,
        symptom: row.string_opt(SYMPTOM)?,
        informant: row.string(INFORMANT)?,
        informed_by: row.facility_opt(INFORMHOSP)?,
    };
    let natural_key = natural::allergy(row.text(PID)?, &allergy.drug_code);
    let occurred_at = allergy.recorded_on.thai_midnight();
    let body = Body::Condition(Box::new(Condition::Allergy(allergy)));
    Ok(Draft::typed(identity, natural_key, occurred_at, row.instant_opt(D_UPDATE)?, body))
}
