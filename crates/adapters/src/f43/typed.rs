//! What a row says once typed: an event, a part of one, or a deletion.

use saphan_model::body::{
    Accident, Address, Charge, ClinicalFinding, Coverage, Diagnosis, FollowUp, LabResult,
    Medication, Procedure, ReferralMedication,
};
use saphan_model::{Body, CitizenId, EventType, Private, Timestamp};

use super::defect::RowDefect;
use super::row::{Column, Row};

/// A typed row.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// An event of its own; parts may join it.
    Event(Box<Draft>),
    /// A part of an event.
    Part(Box<PartRow>),
    /// The deletion of an event.
    Correction(Box<Correction>),
    /// The deletion of a row of a file that is not carried: nothing to do.
    Nothing,
}

/// An event on its way, still without facility and provenance.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Whose it is, as the row says.
    pub identity: Identity,
    /// Names it inside facility and type.
    pub natural_key: Private<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// D_UPDATE; `None` when the source left it out.
    pub recorded_at: Option<Timestamp>,
    /// Fields filled by the mapping.
    pub defaulted: Vec<String>,
    /// What it says.
    pub body: Body,
}

impl Draft {
    /// An event of which nothing was filled.
    pub fn typed(
        identity: Identity,
        natural_key: String,
        occurred_at: Timestamp,
        recorded_at: Option<Timestamp>,
        body: Body,
    ) -> Typed {
        Typed::Event(Box::new(Self {
            identity,
            natural_key: Private::new(natural_key),
            occurred_at,
            recorded_at,
            defaulted: Vec::new(),
            body,
        }))
    }
}

/// Whose row it is, before the facility's person index was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// PID; only answers to referrals may lack it.
    pub pid: Option<Private<String>>,
    /// CID of the row.
    pub cid: Cid,
}

/// The CID column of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cid {
    /// Empty, or no such column.
    #[default]
    Absent,
    /// Right by its check digit.
    Valid(CitizenId),
    /// Wrong.
    Bad,
}

impl Cid {
    /// Reads a trimmed text.
    pub fn read(text: &str) -> Self {
        if text.is_empty() {
            return Self::Absent;
        }
        CitizenId::parse(text).map_or(Self::Bad, Self::Valid)
    }
}

impl Identity {
    /// From the two columns of a row.
    pub fn of(row: &Row<'_>, pid: Column, cid: Option<Column>) -> Result<Self, RowDefect> {
        Ok(Self {
            pid: Some(row.private(pid)?),
            cid: cid.map_or(Cid::Absent, |it| Cid::read(row.raw(it))),
        })
    }
}

/// A part of an event and the key by which a later row replaces it.
#[derive(Clone, Debug, PartialEq)]
pub struct PartRow {
    /// The key of 2026 inside the event; parts are ordered by it.
    pub key: Private<String>,
    /// D_UPDATE.
    pub updated_at: Option<Timestamp>,
    /// What it says.
    pub part: Part,
}

impl PartRow {
    /// A typed part.
    pub fn typed(key: String, updated_at: Option<Timestamp>, part: Part) -> Typed {
        Typed::Part(Box::new(Self { key: Private::new(key), updated_at, part }))
    }
}

/// A part of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Of a person.
    Address(Address),
    /// Of a person.
    Coverage(Coverage),
    /// Of an encounter.
    Diagnosis(Diagnosis),
    /// Of an encounter.
    Procedure(Procedure),
    /// Of an encounter.
    Medication(Medication),
    /// Of an encounter.
    Charge(Charge),
    /// Of a visit.
    LabResult(LabResult),
    /// Of a visit.
    FollowUp(FollowUp),
    /// Of a visit.
    Accident(Accident),
    /// Of a referral.
    ClinicalFinding(ClinicalFinding),
    /// Of a referral.
    ReferralMedication(ReferralMedication),
}

impl Part {
    /// Its kind as a number: parts of different kinds never replace each other.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Address(_) => 0,
            Self::Coverage(_) => 1,
            Self::Diagnosis(_) => 2,
            Self::Procedure(_) => 3,
            Self::Medication(_) => 4,
            Self::Charge(_) => 5,
            Self::LabResult(_) => 6,
            Self::FollowUp(_) => 7,
            Self::Accident(_) => 8,
            Self::ClinicalFinding(_) => 9,
            Self::ReferralMedication(_) => 10,
        }
    }

    /// Adds the part to the event it belongs to. The tables of a family and the bodies they make
    /// are matched in one place, so a part never meets a body without room for it.
    pub fn join(self, body: &mut Body) {
        match (self, body) {
            (Self::Address(it), Body::Person(to)) => to.addresses.push(it),
            (Self::Coverage(it), Body::Person(to)) => to.coverages.push(it),
            (Self::Diagnosis(it), Body::Encounter(to)) => to.diagnoses.push(it),
            (Self::Procedure(it), Body::Encounter(to)) => to.procedures.push(it),
            (Self::Medication(it), Body::Encounter(to)) => to.medications.push(it),
            (Self::Charge(it), Body::Encounter(to)) => to.charges.push(it),
            (Self::LabResult(it), Body::Encounter(to)) => to.lab_results.push(it),
            (Self::FollowUp(it), Body::Encounter(to)) => to.follow_ups.push(it),
            (Self::Accident(it), Body::Encounter(to)) => to.accident = Some(it),
            (Self::ClinicalFinding(it), Body::Referral(to)) => to.findings.push(it),
            (Self::ReferralMedication(it), Body::Referral(to)) => to.medications.push(it),
            (part, body) => debug_assert!(false, "{part:?} is no part of {body:?}"),
        }
    }
}

/// A deletion asked for by DATA_CORRECT.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// The type of the event to take back.
    pub event_type: EventType,
    /// Its natural key.
    pub natural_key: Private<String>,
    /// The person inside the facility, where the key names one.
    pub pid: Option<Private<String>>,
    /// D_UPDATE.
    pub recorded_at: Timestamp,
}
