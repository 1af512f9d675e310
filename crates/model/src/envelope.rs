//! The envelope every record of the patient log begins with, and the record itself.

use crate::body::Body;
use crate::facets::Facets;
use crate::ids::{EventId, PatientId, Revision};
use crate::label::Labels;
use crate::{EventType, Timestamp};

/// Where an event came from: enough to find the row again, nothing about the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Source system, e.g. `f43`, `fhir-consent`, `desk`.
    pub source: String,
    /// The file or message it came in: the name of the zip, never a path.
    pub document: String,
    /// The inner file, e.g. `SERVICE.txt`.
    pub file: String,
    /// The line in that file, from 1; 0 when there is none.
    pub line: i32,
    /// Name and version of the adapter.
    pub adapter: String,
}

/// The first field of every record of `patient.log.v1`. Routing reads it and stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The event's name for ever.
    pub event_id: EventId,
    /// This content of the event.
    pub revision: Revision,
    /// Grows with every change of this event: its position in `ingest.v1`, where all records of one
    /// facility stand in one partition. Sinks keep the highest.
    pub sequence: i64,
    /// Whose event it is.
    pub patient: PatientId,
    /// The citizen id under AEAD, `None` for a person known by local number only.
    pub sealed_citizen_id: Option<Vec<u8>>,
    /// The reporting facility, 5-digit code.
    pub facility: String,
    /// What the record is.
    pub event_type: EventType,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the source last edited it (43 files: D_UPDATE). A hint: exporters fill it badly.
    pub recorded_at: Timestamp,
    /// Sensitivity labels.
    pub labels: Labels,
    /// Routing facts.
    pub facets: Facets,
    /// Where it came from.
    pub provenance: Provenance,
    /// Names of the fields the source left out and the adapter filled.
    pub defaulted: Vec<String>,
}

impl Envelope {
    /// Orders the states of one event, whoever's it was: the greatest holds. `stands` says whether the
    /// record puts the event. A move between patients is a retraction and a put of one sequence from
    /// two partitions, in any order: the put stands above.
    pub const fn version(&self, stands: bool) -> i64 {
        self.sequence.saturating_mul(2).saturating_add(stands as i64)
    }
}

/// An event that an agency shall no longer hold: all that a retraction tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retracted {
    /// The event.
    pub event_id: EventId,
    /// The content that no longer holds.
    pub revision: Revision,
    /// See [`Envelope::version`].
    pub version: i64,
    /// Whose event it is.
    pub patient: PatientId,
}

impl Retracted {
    /// By a record of the log that replaces or retracts the event.
    pub const fn by(record: &Envelope) -> Self {
        let Envelope { event_id, revision, patient, .. } = *record;
        Self { event_id, revision, version: record.version(false), patient }
    }

    /// Without a record of its own, after the state of a sequence was delivered: newer than the
    /// delivery, and older than the next put of the event, whose sequence is at least one greater.
    pub const fn after(
        event_id: EventId,
        revision: Revision,
        sequence: i64,
        patient: PatientId,
    ) -> Self {
        Self { event_id, revision, version: sequence.saturating_mul(2).saturating_add(2), patient }
    }
}

/// What a record of the patient log says, besides its envelope.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The event is so.
    Put(Body),
    /// The event, of the type given, is no longer so for this patient.
    Retract {
        /// The type of the event that is taken back.
        retracted_type: EventType,
        /// Why.
        reason: RetractReason,
    },
    /// The patient of the envelope is the same person as another pseudonym.
    Link {
        /// The pseudonym used before, whose events move to the envelope's patient.
        former: PatientId,
    },
}

crate::wire_enum::wire_enum! {
    /// Why an event was taken back.
    pub enum RetractReason {
        /// The source deleted it (43 files: DATA_CORRECT).
        SourceDeleted = "source-deleted",
        /// It moved to another patient: a local number was linked, or its citizen id was corrected.
        PatientChanged = "patient-changed",
    }
}

/// One record of `patient.log.v1`.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// Common to all types.
    pub envelope: Envelope,
    /// By type.
    pub event: Event,
}
