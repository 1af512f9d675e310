//! What admit keeps and reports: the ledger, quarantine, and its compacted state.

use crate::envelope::Provenance;
use crate::ids::{EventId, PatientId, Revision};
use crate::label::Labels;
use crate::submission::Defect;
use crate::wire_enum::wire_enum;
use crate::{EventType, Timestamp};

wire_enum! {
    /// How a submission ended.
    pub enum AdmissionOutcome {
        /// At least one record was appended to the patient log.
        Admitted = "admitted",
        /// Nothing new in it.
        Unchanged = "unchanged",
        /// It went to `quarantine.v1`.
        Quarantined = "quarantined",
    }
}

/// One record of `admission.v1`: a batch of one ingest partition, written in the transaction that
/// also wrote its results. Ranges are contiguous, so the sum over the topic proves that nothing
/// was lost or counted twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmissionLedger {
    /// Partition of `ingest.v1`.
    pub partition: i32,
    /// First offset of the batch.
    pub first_offset: i64,
    /// Offset after the last of the batch.
    pub next_offset: i64,
    /// Append time of the last record of the batch.
    pub appended_at: Timestamp,
    /// Counts by facility and type.
    pub counts: Vec<AdmissionCount>,
}

/// How many submissions of one facility and type ended in which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmissionCount {
    /// Reporting facility; empty where it could not be read.
    pub facility: String,
    /// Event type; none for defects and unreadable records.
    pub event_type: Option<EventType>,
    /// Admitted.
    pub admitted: i64,
    /// Unchanged.
    pub unchanged: i64,
    /// Quarantined.
    pub quarantined: i64,
    /// Records appended to the patient log (a link can append many).
    pub appended: i64,
}

/// One record of `quarantine.v1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarantined {
    /// Reporting facility; empty where it could not be read.
    pub facility: String,
    /// What is wrong and what to do.
    pub defect: Defect,
    /// Where it stands in the source.
    pub provenance: Provenance,
    /// Names the defect: of one submission, or of one row an adapter reports again and again.
    pub event_id: EventId,
    /// Partition of `ingest.v1`.
    pub partition: i32,
    /// Offset in `ingest.v1`: where the submission can be read again, for redrive.
    pub offset: i64,
    /// When it was appended there.
    pub appended_at: Timestamp,
    /// Set when a redrive settled the defect: it is admitted, or something newer was said of the event.
    /// The position is then the redrive's.
    pub mended_at: Option<Timestamp>,
}

/// A row of `admit.state.v1` about one event (key: `e` and the event id).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventState {
    /// Latest content; none once retracted.
    pub revision: Option<Revision>,
    /// Whose it is now.
    pub patient: PatientId,
    /// Position in `ingest.v1` of the latest change.
    pub sequence: i64,
    /// The event's type.
    pub event_type: EventType,
    /// The encoded submission, kept only while its patient has no citizen id, to move it when one comes.
    pub held: Option<Vec<u8>>,
    /// Where the facility said so; none where that is the sequence. A redrive and a move change the event at
    /// a later position than that.
    pub origin: Option<i64>,
}

impl EventState {
    /// Place of what stands in the order in which the facility sent it.
    pub fn said_at(&self) -> i64 {
        self.origin.unwrap_or(self.sequence)
    }
}

/// A row of `admit.state.v1` about what of one event was refused (key: `r` and the event's name under the
/// code it was sent with, which need not be registered).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalState {
    /// Position in `ingest.v1` of the latest change.
    pub sequence: i64,
    /// Where the last refused submission first stood, in the order in which the facility sent them.
    pub origin: i64,
    /// Its content.
    pub content: Revision,
    /// Where the last refused deletion first stood.
    pub deletion: Option<i64>,
}

/// A row of `admit.state.v1` about one local number (key: `p` and its keyed hash).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkState {
    /// The pseudonym in use.
    pub patient: PatientId,
    /// Position in `ingest.v1` of the latest change.
    pub sequence: i64,
    /// The citizen id under AEAD, once known.
    pub sealed_citizen_id: Option<Vec<u8>>,
    /// Events held under the local pseudonym, to be moved when a citizen id comes.
    pub events: Vec<EventId>,
}

/// A row of `consent.state.v1` about one patient (key: `c` and the pseudonym).
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentState {
    /// Offset of `patient.log.v1` that last changed it.
    pub applied_offset: i64,
    /// All directives, newest revision each, with the event that carried it.
    pub directives: Vec<HeldDirective>,
}

/// A directive and the event that carried it.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldDirective {
    /// The event, by which a retraction finds it.
    pub event_id: EventId,
    /// The directive.
    pub directive: crate::directive::Directive,
}

/// One record of `consent.revoked.v1` (key: pseudonym and event id): a change of consent that stands in
/// the patient log, told to every router before it comes to it there.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentChange {
    /// Partition of `patient.log.v1`.
    pub partition: i32,
    /// Offset of the change there: with the partition, the citizen's receipt.
    pub offset: i64,
    /// When it was appended there.
    pub appended_at: Timestamp,
    /// The event that carried it.
    pub event_id: EventId,
    /// The directive as it is now, without its note; none once its event was retracted.
    pub directive: Option<crate::directive::Directive>,
}

/// A row of `consent.state.v1` about one event's holders (key: `h`, pseudonym, event id).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Offset of `patient.log.v1` that last changed it.
    pub applied_offset: i64,
    /// The event's type.
    pub event_type: EventType,
    /// Agencies that hold the event, sorted.
    pub agencies: Vec<String>,
    /// What it takes to call the event back; none where no holder's contract asks for it.
    pub recallable: Option<Recallable>,
}

/// What it takes to call an event back without its body: what consent is asked about, and what the
/// retraction says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recallable {
    /// Of the holders, those that received it by a rule with `on-revoke = "retract"`, sorted.
    pub agencies: Vec<String>,
    /// The content they hold.
    pub revision: Revision,
    /// Its position in `ingest.v1`.
    pub sequence: i64,
    /// The reporting facility, 5-digit code.
    pub facility: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Sensitivity labels.
    pub labels: Labels,
}
