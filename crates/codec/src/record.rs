//! The records that stand in topics: one closed list, each with its name and schema.

use saphan_model::admission::{
    AdmissionLedger, ConsentChange, ConsentState, EventState, Holding, LinkState, Quarantined,
    RefusalState,
};
use saphan_model::decision::Decision;
use saphan_model::{EventType, Submission};

use crate::batch::SubmissionBatch;
use crate::schema;
use crate::wire::Wire;

macro_rules! records {
    ($($(#[$meta:meta])* $variant:ident = $name:literal in $folder:literal,)+) => {
        /// A record type of the platform that the schema registry knows. Agency records are made
        /// by [`crate::projection`] and are not in this list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Record { $($(#[$meta])* $variant,)+ }

        impl Record {
            /// Every record.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The full Avro name, also the registry subject.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The folder in `schemas/` that holds its versions.
            pub const fn folder(self) -> &'static str {
                match self { $(Self::$variant => $folder,)+ }
            }
        }
    };
}

records! {
    /// `ingest.v1`.
    Submission = "th.saphan.Submission" in "submission",
    /// Body of a gateway request.
    SubmissionBatch = "th.saphan.SubmissionBatch" in "submission-batch",
    /// `patient.log.v1`: a person.
    Person = "th.saphan.log.Person" in "log/person",
    /// `patient.log.v1`: an encounter.
    Encounter = "th.saphan.log.Encounter" in "log/encounter",
    /// `patient.log.v1`: a referral.
    Referral = "th.saphan.log.Referral" in "log/referral",
    /// `patient.log.v1`: a reply to a referral.
    ReferralReply = "th.saphan.log.ReferralReply" in "log/referral-reply",
    /// `patient.log.v1`: a condition.
    Condition = "th.saphan.log.Condition" in "log/condition",
    /// `patient.log.v1`: an immunisation.
    Immunisation = "th.saphan.log.Immunisation" in "log/immunisation",
    /// `patient.log.v1`: an antenatal visit.
    Maternity = "th.saphan.log.Maternity" in "log/maternity",
    /// `patient.log.v1`: a screening.
    Screening = "th.saphan.log.Screening" in "log/screening",
    /// `patient.log.v1`: an appointment.
    Appointment = "th.saphan.log.Appointment" in "log/appointment",
    /// `patient.log.v1`: a death.
    Death = "th.saphan.log.Death" in "log/death",
    /// `patient.log.v1`: a consent directive.
    Directive = "th.saphan.log.Directive" in "log/directive",
    /// `patient.log.v1`: two pseudonyms of one person.
    Link = "th.saphan.log.Link" in "log/link",
    /// `patient.log.v1`: an event taken back.
    Retraction = "th.saphan.log.Retraction" in "log/retraction",
    /// `decision.v1`.
    Decision = "th.saphan.Decision" in "decision",
    /// `quarantine.v1`.
    Quarantined = "th.saphan.Quarantined" in "quarantined",
    /// `admission.v1`.
    AdmissionLedger = "th.saphan.AdmissionLedger" in "admission-ledger",
    /// `admit.state.v1`, keys `e`.
    EventState = "th.saphan.state.EventState" in "state/event",
    /// `admit.state.v1`, keys `p`.
    LinkState = "th.saphan.state.LinkState" in "state/link",
    /// `admit.state.v1`, keys `r`.
    RefusalState = "th.saphan.state.RefusalState" in "state/refusal",
    /// `consent.state.v1`, keys `c`.
    ConsentState = "th.saphan.state.ConsentState" in "state/consent",
    /// `consent.state.v1`, keys `h`.
    Holding = "th.saphan.state.Holding" in "state/holding",
    /// `consent.revoked.v1`.
    ConsentChange = "th.saphan.ConsentChange" in "consent-change",
}

impl Record {
    /// The record of `patient.log.v1` that carries an event type.
    pub const fn of_log(event_type: EventType) -> Self {
        match event_type {
            EventType::Person => Self::Person,
            EventType::Encounter => Self::Encounter,
            EventType::Referral => Self::Referral,
            EventType::ReferralReply => Self::ReferralReply,
            EventType::Condition => Self::Condition,
            EventType::Immunisation => Self::Immunisation,
            EventType::Maternity => Self::Maternity,
            EventType::Screening => Self::Screening,
            EventType::Appointment => Self::Appointment,
            EventType::Death => Self::Death,
            EventType::Directive => Self::Directive,
            EventType::Link => Self::Link,
            EventType::Retraction => Self::Retraction,
        }
    }

    /// The event type a record of `patient.log.v1` carries; none for other records.
    pub fn event_type(self) -> Option<EventType> {
        EventType::ALL.iter().copied().find(|it| Self::of_log(*it) == self)
    }

    /// The record of a full name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// Today's schema: self-contained, one line, ready for the registry.
    pub fn schema(self) -> &'static str {
        &schema::composed(self).text
    }

    /// CRC-64-AVRO of today's schema in parsing canonical form.
    pub fn fingerprint(self) -> u64 {
        schema::composed(self).fingerprint
    }
}

/// A value that is a whole record. Records of `patient.log.v1` go through [`crate::log`] instead.
pub trait Named: Wire {
    /// Which record.
    const RECORD: Record;
    /// Its full Avro name.
    const NAME: &'static str = Self::RECORD.name();

    /// Today's schema, see [`Record::schema`].
    fn schema() -> &'static str {
        Self::RECORD.schema()
    }
}

macro_rules! named {
    ($($name:ident,)+) => {
        $(impl Named for $name { const RECORD: Record = Record::$name; })+
    };
}

named! {
    Submission, SubmissionBatch, Decision, Quarantined, AdmissionLedger, EventState, LinkState,
    RefusalState, ConsentState, Holding, ConsentChange,
}
