//! SERVICE: an out-patient visit. Key of 2026: SEQ, DATE_SERV.

use saphan_model::Body;
use saphan_model::body::{Encounter, EncounterClass, VitalSigns};

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

use super::Key;

carried!(
    PID,
    SEQ,
    DATE_SERV,
    TIME_SERV,
    LOCATION,
    INTIME,
    INSTYPE,
    MAIN,
    TYPEIN,
    REFERINHOSP,
    CAUSEIN,
    CHIEFCOMP,
    SERVPLACE,
    BTEMP,
    SBP,
    DBP,
    PR,
    RR,
    TYPEOUT,
    REFEROUTHOSP,
    CAUSEOUT,
    COST,
    PRICE,
    PAYPRICE,
    ACTUALPAY,
    D_UPDATE,
    CID,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::visit(row, SEQ, PID, DATE_SERV)
}

pub(super) fn link<'a>(row: &Row<'a>) -> (&'a str, &'a str) {
    (row.raw(PID), row.raw(CID))
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let date = row.date(DATE_SERV)?;
    let seconds = row.time_opt(TIME_SERV)?;
    let period_start = date.thai_midnight().plus_seconds(seconds.unwrap_or(0));
    let encounter = Encounter {
        class: EncounterClass::Ambulatory,
        visit_number: row.private(SEQ)?,
        period_start,
        period_end: None,
        scheme: row.string(INSTYPE)?,
        main_facility: row.facility_opt(MAIN)?,
        type_in: row.string(TYPEIN)?,
        referred_from: row.facility_opt(REFERINHOSP)?,
        cause_in: row.string_opt(CAUSEIN)?,
        location: row.string_opt(LOCATION)?,
        in_time: row.string_opt(INTIME)?,
        service_place: row.string_opt(SERVPLACE)?,
        chief_complaint: row.private_opt(CHIEFCOMP)?,
        vital_signs: VitalSigns {
            temperature_c: row.decimal_opt(BTEMP)?,
            systolic_mmhg: row.integer_opt(SBP)?,
            diastolic_mmhg: row.integer_opt(DBP)?,
            pulse_per_min: row.integer_opt(PR)?,
            respiration_per_min: row.integer_opt(RR)?,
        },
        type_out: row.string(TYPEOUT)?,
        referred_to: row.facility_opt(REFEROUTHOSP)?,
        cause_out: row.string_opt(CAUSEOUT)?,
        cost_satang: row.money_opt(COST)?,
        price_satang: row.money(PRICE)?,
        pay_price_satang: row.money(PAYPRICE)?,
        actual_pay_satang: row.money(ACTUALPAY)?,
        stay: None,
        diagnoses: Vec::new(),
        procedures: Vec::new(),
        medications: Vec::new(),
        lab_results: Vec::new(),
        charges: Vec::new(),
        follow_ups: Vec::new(),
        accident: None,
    };
    Ok(Typed::Event(Box::new(Draft {
        identity,
        natural_key: natural::visit(row.text(SEQ)?, date).into(),
        occurred_at: period_start,
        recorded_at: row.instant_opt(D_UPDATE)?,
        defaulted: seconds.is_none().then(|| "period_start".to_owned()).into_iter().collect(),
        body: Body::Encounter(Box::new(encounter)),
    })))
}
