//! ADMISSION: a stay that ended. Key: AN (2026 adds DATETIME_DISCH, which a correction may change).

use saphan_model::Body;
use saphan_model::body::{Encounter, EncounterClass, Stay, VitalSigns};

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

use super::Key;

carried!(
    PID,
    SEQ,
    AN,
    DATETIME_ADMIT,
    WARDADMIT,
    INSTYPE,
    TYPEIN,
    REFERINHOSP,
    CAUSEIN,
    ADMITWEIGHT,
    ADMITHEIGHT,
    DATETIME_DISCH,
    WARDDISCH,
    DISCHSTATUS,
    DISCHTYPE,
    REFEROUTHOSP,
    CAUSEOUT,
    COST,
    PRICE,
    PAYPRICE,
    ACTUALPAY,
    D_UPDATE,
    DRG,
    ADJRW,
    CID,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::stay(row, AN, PID)
}

pub(super) fn link<'a>(row: &Row<'a>) -> (&'a str, &'a str) {
    (row.raw(PID), row.raw(CID))
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let period_start = row.instant(DATETIME_ADMIT)?;
    let encounter = Encounter {
        class: EncounterClass::Inpatient,
        visit_number: row.private(SEQ)?,
        period_start,
        period_end: Some(row.instant(DATETIME_DISCH)?),
        scheme: row.string(INSTYPE)?,
        main_facility: None,
        type_in: row.string(TYPEIN)?,
        referred_from: row.facility_opt(REFERINHOSP)?,
        cause_in: row.string_opt(CAUSEIN)?,
        location: None,
        in_time: None,
        service_place: None,
        chief_complaint: None,
        vital_signs: VitalSigns::default(),
        type_out: row.string(DISCHSTATUS)?,
        referred_to: row.facility_opt(REFEROUTHOSP)?,
        cause_out: row.string_opt(CAUSEOUT)?,
        cost_satang: row.money_opt(COST)?,
        price_satang: row.money(PRICE)?,
        pay_price_satang: row.money(PAYPRICE)?,
        actual_pay_satang: row.money(ACTUALPAY)?,
        stay: Some(stay(row)?),
        diagnoses: Vec::new(),
        procedures: Vec::new(),
        medications: Vec::new(),
        lab_results: Vec::new(),
        charges: Vec::new(),
        follow_ups: Vec::new(),
        accident: None,
    };
    let natural_key = natural::stay(row.text(AN)?);
    let body = Body::Encounter(Box::new(encounter));
    Ok(Draft::typed(identity, natural_key, period_start, row.instant_opt(D_UPDATE)?, body))
}

fn stay(row: &Row<'_>) -> Result<Stay, RowDefect> {
    Ok(Stay {
        admission_number: row.private(AN)?,
        ward_admit: row.string(WARDADMIT)?,
        ward_discharge: row.string(WARDDISCH)?,
        discharge_type: row.string(DISCHTYPE)?,
        weight_kg: row.decimal_opt(ADMITWEIGHT)?,
        height_cm: row.integer_opt(ADMITHEIGHT)?,
        drg: row.string_opt(DRG)?,
        adjusted_rw: row.decimal_opt(ADJRW)?,
    })
}
