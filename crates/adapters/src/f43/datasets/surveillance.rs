//! SURVEILLANCE: a case of a disease under report 506. Key: PID, SEQ, DIAGCODE.

use saphan_model::Body;
use saphan_model::body::{Condition, Surveillance};

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

carried!(
    PID,
    SEQ,
    DATE_SERV,
    SYNDROME,
    DIAGCODE,
    CODE506,
    DIAGCODELAST,
    CODE506LAST,
    ILLDATE,
    ILLVILLAGE,
    ILLTAMBON,
    ILLAMPUR,
    ILLCHANGWAT,
    PTSTATUS,
    DATE_DEATH,
    COMPLICATION,
    ORGANISM,
    D_UPDATE,
    CID,
);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let place = [row.text(ILLCHANGWAT)?, row.text(ILLAMPUR)?, row.text(ILLTAMBON)?].concat();
    let case = Surveillance {
        visit_number: row.private(SEQ)?,
        served_on: row.date(DATE_SERV)?,
        code: row.icd10(DIAGCODE)?,
        code506: row.string(CODE506)?,
        last_code: row.icd10_opt(DIAGCODELAST)?,
        last_code506: row.string_opt(CODE506LAST)?,
        syndrome: row.string_opt(SYNDROME)?,
        ill_on: row.date(ILLDATE)?,
        ill_place: place,
        ill_village: row.string(ILLVILLAGE)?,
        patient_status: row.string(PTSTATUS)?,
        died_on: row.date_opt(DATE_DEATH)?,
        complication: row.string_opt(COMPLICATION)?,
        organism: row.string_opt(ORGANISM)?,
    };
    let natural_key = natural::surveillance(row.text(PID)?, row.text(SEQ)?, &case.code);
    let occurred_at = case.served_on.thai_midnight();
    let body = Body::Condition(Box::new(Condition::Surveillance(case)));
    Ok(Draft::typed(identity, natural_key, occurred_at, row.instant_opt(D_UPDATE)?, body))
}
