//! REFER_HISTORY: a referral out. Key: REFERID.

use saphan_model::Body;
use saphan_model::body::Referral;

use crate::f43::defect::RowDefect;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

use super::Key;

carried!(
    REFERID,
    REFERID_PROVINCE,
    PID,
    SEQ,
    AN,
    REFERID_ORIGIN,
    HOSPCODE_ORIGIN,
    DATETIME_SERV,
    DATETIME_REFER,
    CLINIC_REFER,
    HOSP_DESTINATION,
    CHIEFCOMP,
    PHYSICALEXAM,
    DIAGFIRST,
    DIAGLAST,
    PSTATUS,
    PTYPE,
    EMERGENCY,
    PTYPEDIS,
    CAUSEOUT,
    REQUEST,
    D_UPDATE,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::single(row, REFERID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, None)?;
    let referred_at = row.instant(DATETIME_REFER)?;
    let referral = Referral {
        referral_number: row.private(REFERID)?,
        province_number: row.private_opt(REFERID_PROVINCE)?,
        visit_number: row.private(SEQ)?,
        admission_number: row.private_opt(AN)?,
        origin_number: row.private_opt(REFERID_ORIGIN)?,
        origin_facility: row.facility_opt(HOSPCODE_ORIGIN)?,
        visited_at: row.instant(DATETIME_SERV)?,
        referred_at,
        clinic: row.string_opt(CLINIC_REFER)?,
        destination: row.facility(HOSP_DESTINATION)?,
        chief_complaint: row.private_opt(CHIEFCOMP)?,
        physical_exam: row.private_opt(PHYSICALEXAM)?,
        first_diagnosis: row.private_opt(DIAGFIRST)?,
        last_diagnosis: row.private(DIAGLAST)?,
        patient_status: row.private(PSTATUS)?,
        patient_type: row.string(PTYPE)?,
        emergency: row.string(EMERGENCY)?,
        disease_group: row.string_opt(PTYPEDIS)?,
        cause_out: row.string(CAUSEOUT)?,
        request: row.private_opt(REQUEST)?,
        findings: Vec::new(),
        medications: Vec::new(),
    };
    let natural_key = row.string(REFERID)?;
    let body = Body::Referral(Box::new(referral));
    Ok(Draft::typed(identity, natural_key, referred_at, row.instant_opt(D_UPDATE)?, body))
}
