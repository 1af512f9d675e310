//! PERSON: who is registered.

use saphan_model::Body;
use saphan_model::body::Person;

use crate::f43::defect::{Code, RowDefect};
use crate::f43::row::Row;
use crate::f43::typed::{Cid, Draft, Identity, Typed};

use super::Key;

carried!(
    CID,
    PID,
    PRENAME,
    NAME,
    LNAME,
    HN,
    SEX,
    BIRTH,
    MSTATUS,
    OCCUPATION_NEW,
    NATION,
    EDUCATION,
    DISCHARGE,
    DDISCHARGE,
    ABOGROUP,
    RHGROUP,
    LABOR,
    PASSPORT,
    TYPEAREA,
    D_UPDATE,
    TELEPHONE,
    MOBILE,
);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::single(row, PID)
}

pub(super) fn link<'a>(row: &Row<'a>) -> (&'a str, &'a str) {
    (row.raw(PID), row.raw(CID))
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    if identity.cid == Cid::Bad {
        return Err(row.defect(Code::CitizenId, CID));
    }
    let person = Person {
        pid: row.private(PID)?,
        hn: row.private_opt(HN)?,
        prename: row.string(PRENAME)?,
        given_name: row.private(NAME)?,
        family_name: row.private(LNAME)?,
        sex: row.string(SEX)?,
        birth_date: row.date(BIRTH)?,
        marital_status: row.string_opt(MSTATUS)?,
        occupation: row.string_opt(OCCUPATION_NEW)?,
        nationality: row.string(NATION)?,
        education: row.string_opt(EDUCATION)?,
        abo_group: row.string_opt(ABOGROUP)?,
        rh_group: row.string_opt(RHGROUP)?,
        labor: row.string_opt(LABOR)?,
        passport: row.private_opt(PASSPORT)?,
        type_area: row.string(TYPEAREA)?,
        discharge: row.string_opt(DISCHARGE)?,
        discharge_date: row.date_opt(DDISCHARGE)?,
        telephone: row.private_opt(TELEPHONE)?.or(row.private_opt(MOBILE)?),
        addresses: Vec::new(),
        coverages: Vec::new(),
    };
    // A registration has no other time of its own than its last edit.
    let updated_at = row.instant(D_UPDATE)?;
    let natural_key = row.string(PID)?;
    let body = Body::Person(Box::new(person));
    Ok(Draft::typed(identity, natural_key, updated_at, Some(updated_at), body))
}
