//! NCDSCREEN. Key: PID, DATE_SERV.

use saphan_model::Body;
use saphan_model::body::Screening;

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

carried!(
    PID,
    DATE_SERV,
    SERVPLACE,
    SMOKE,
    ALCOHOL,
    DMFAMILY,
    HTFAMILY,
    WEIGHT,
    HEIGHT,
    WAIST_CM,
    SBP_1,
    DBP_1,
    SBP_2,
    DBP_2,
    BSLEVEL,
    BSTEST,
    SCREENPLACE,
    D_UPDATE,
    CID,
);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let screening = Screening {
        screened_on: row.date(DATE_SERV)?,
        service_place: row.string(SERVPLACE)?,
        smoke: row.string_opt(SMOKE)?,
        alcohol: row.string_opt(ALCOHOL)?,
        diabetes_in_family: row.string_opt(DMFAMILY)?,
        hypertension_in_family: row.string_opt(HTFAMILY)?,
        weight_kg: row.decimal(WEIGHT)?,
        height_cm: row.integer(HEIGHT)?,
        waist_cm: row.integer(WAIST_CM)?,
        systolic_1_mmhg: row.integer(SBP_1)?,
        diastolic_1_mmhg: row.integer(DBP_1)?,
        systolic_2_mmhg: row.integer_opt(SBP_2)?,
        diastolic_2_mmhg: row.integer_opt(DBP_2)?,
        blood_sugar_mg_dl: row.integer_opt(BSLEVEL)?,
        blood_sugar_test: row.string_opt(BSTEST)?,
        facility: row.facility_opt(SCREENPLACE)?,
    };
    let natural_key = natural::screening(row.text(PID)?, screening.screened_on);
    let occurred_at = screening.screened_on.thai_midnight();
    let body = Body::Screening(Box::new(screening));
    Ok(Draft::typed(identity, natural_key, occurred_at, row.instant_opt(D_UPDATE)?, body))
}
