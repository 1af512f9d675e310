//! What an event says: one file per type, fields after the 43 files and FHIR R4.
//!
//! Codes stay text as the source sends them; their sets are checked by the adapter.
//! Money is in satang (1/100 baht). Times are instants, days are Thai calendar days (Gregorian).

mod appointment;
mod condition;
mod death;
mod encounter;
mod immunisation;
mod maternity;
mod person;
mod referral;
mod screening;

pub use appointment::Appointment;
pub use condition::{Allergy, Chronic, Condition, Surveillance};
pub use death::Death;
pub use encounter::{
    Accident, Charge, Diagnosis, Encounter, EncounterClass, FollowUp, LabResult, Medication,
    Procedure, Stay, VitalSigns,
};
pub use immunisation::Immunisation;
pub use maternity::Maternity;
pub use person::{Address, Coverage, Person};
pub use referral::{ClinicalFinding, Referral, ReferralMedication, ReferralReply};
pub use screening::Screening;

use crate::EventType;
use crate::directive::Directive;

/// The body of an event, by type.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// See [`Person`].
    Person(Box<Person>),
    /// See [`Encounter`].
    Encounter(Box<Encounter>),
    /// See [`Referral`].
    Referral(Box<Referral>),
    /// See [`ReferralReply`].
    ReferralReply(Box<ReferralReply>),
    /// See [`Condition`].
    Condition(Box<Condition>),
    /// See [`Immunisation`].
    Immunisation(Box<Immunisation>),
    /// See [`Maternity`].
    Maternity(Box<Maternity>),
    /// See [`Screening`].
    Screening(Box<Screening>),
    /// See [`Appointment`].
    Appointment(Box<Appointment>),
    /// See [`Death`].
    Death(Box<Death>),
    /// See [`Directive`].
    Directive(Box<Directive>),
}

impl Body {
    /// The type of the event.
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::Person(_) => EventType::Person,
            Self::Encounter(_) => EventType::Encounter,
            Self::Referral(_) => EventType::Referral,
            Self::ReferralReply(_) => EventType::ReferralReply,
            Self::Condition(_) => EventType::Condition,
            Self::Immunisation(_) => EventType::Immunisation,
            Self::Maternity(_) => EventType::Maternity,
            Self::Screening(_) => EventType::Screening,
            Self::Appointment(_) => EventType::Appointment,
            Self::Death(_) => EventType::Death,
            Self::Directive(_) => EventType::Directive,
        }
    }

    /// Every ICD-10 code the event carries, as sent.
    pub fn icd10_codes(&self) -> Vec<&str> {
        match self {
            Self::Encounter(it) => it.diagnoses.iter().map(|d| d.code.as_str()).collect(),
            Self::Condition(it) => it.icd10_codes(),
            Self::Death(it) => it.icd10_codes(),
            Self::Appointment(it) => it.diagnosis.as_deref().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Does it say what it codes nowhere? Then nobody can tell what it does not mention,
    /// and it must be taken to mention everything.
    ///
    /// REFER_HISTORY has its diagnoses as text only (DIAGLAST must be filled); REFER_RESULT has the
    /// REASON of a refusal. A visit without DIAGNOSIS_OPD still has its complaint, drugs and results.
    pub const fn uncoded(&self) -> bool {
        match self {
            Self::Referral(_) => true,
            Self::ReferralReply(it) => it.reason.is_some(),
            Self::Encounter(it) => it.diagnoses.is_empty(),
            Self::Person(_)
            | Self::Condition(_)
            | Self::Immunisation(_)
            | Self::Maternity(_)
            | Self::Screening(_)
            | Self::Appointment(_)
            | Self::Death(_)
            | Self::Directive(_) => false,
        }
    }
}
