//! Builds the records admit appends. Pure.

use saphan_codec::{Fault, Malformed};
use saphan_model::admission::{EventState, Quarantined};
use saphan_model::envelope::{Envelope, Event, Provenance, RetractReason};
use saphan_model::label::Labels;
use saphan_model::{
    Body, CitizenId, Defect, EventId, EventType, FacilityCode, LogRecord, PatientId, Revision,
    Submission,
};
use saphan_topology::Facility;

use super::admission::{Context, Resolved};
use super::facts;
use super::ledger::Position;
use crate::redrive::Redrive;

/// The patient a record belongs to, with the citizen id where there is one.
pub(super) struct Whose {
    pub(super) patient: PatientId,
    pub(super) citizen_id: Option<CitizenId>,
}

impl From<&Resolved> for Whose {
    fn from(it: &Resolved) -> Self {
        Self { patient: it.patient, citizen_id: it.citizen_id }
    }
}

impl Whose {
    /// Seals the citizen id for one event: equal input, equal bytes.
    fn seal(&self, context: &Context, event_id: EventId) -> Option<Vec<u8>> {
        self.citizen_id.as_ref().map(|it| context.keys.seal(it, &event_id.0))
    }
}

/// The event is so.
pub(super) fn put(
    context: &Context,
    submission: &Submission,
    facility: &Facility,
    body: &Body,
    (event_id, revision): (EventId, Revision),
    whose: Whose,
    at: Position,
) -> LogRecord {
    let envelope = Envelope {
        event_id,
        revision,
        sequence: at.offset,
        patient: whose.patient,
        sealed_citizen_id: whose.seal(context, event_id),
        facility: facility.hospcode.clone(),
        event_type: body.event_type(),
        occurred_at: submission.occurred_at,
        recorded_at: submission.recorded_at,
        labels: facts::labels(body, &context.topology),
        facets: facts::facets(Some(body), facility, &context.topology),
        provenance: submission.provenance.clone(),
        defaulted: submission.defaulted.clone(),
    };
    LogRecord { envelope, event: Event::Put(body.clone()) }
}

/// The event is no longer so for the patient its state names.
pub(super) fn retraction(
    context: &Context,
    submission: &Submission,
    facility: &Facility,
    known: &EventState,
    event_id: EventId,
    reason: RetractReason,
    at: Position,
) -> LogRecord {
    let envelope = Envelope {
        event_id,
        revision: known.revision.unwrap_or(Revision([0; 16])),
        sequence: at.offset,
        patient: known.patient,
        sealed_citizen_id: None,
        facility: facility.hospcode.clone(),
        event_type: EventType::Retraction,
        occurred_at: submission.occurred_at,
        recorded_at: submission.recorded_at,
        labels: Labels::NONE,
        facets: facts::facets(None, facility, &context.topology),
        provenance: submission.provenance.clone(),
        defaulted: Vec::new(),
    };
    LogRecord { envelope, event: Event::Retract { retracted_type: known.event_type, reason } }
}

/// Two pseudonyms are one person.
pub(super) fn link(
    context: &Context,
    facility: &Facility,
    former: PatientId,
    whose: Whose,
    at: Position,
) -> LogRecord {
    let event_id =
        context.keys.event_id(&facility.hospcode, Some(EventType::Link), &former.to_hex());
    let envelope = Envelope {
        event_id,
        revision: Revision(whose.patient.0),
        sequence: at.offset,
        patient: whose.patient,
        sealed_citizen_id: whose.seal(context, event_id),
        facility: facility.hospcode.clone(),
        event_type: EventType::Link,
        occurred_at: at.appended_at,
        recorded_at: at.appended_at,
        labels: Labels::NONE,
        facets: facts::facets(None, facility, &context.topology),
        provenance: Provenance { source: "admit".to_owned(), ..Provenance::default() },
        defaulted: Vec::new(),
    };
    LogRecord { envelope, event: Event::Link { former } }
}

/// A submission that cannot be admitted.
pub(super) fn quarantined(
    submission: &Submission,
    defect: Defect,
    event_id: EventId,
    at: Position,
) -> Quarantined {
    Quarantined {
        facility: submission.facility.clone(),
        defect,
        provenance: submission.provenance.clone(),
        event_id,
        partition: at.partition,
        offset: at.offset,
        appended_at: at.appended_at,
        mended_at: None,
    }
}

/// A defect that a redrive settled.
pub(super) fn mended(submission: &Submission, redrive: &Redrive, at: Position) -> Quarantined {
    let defect =
        Defect { code: redrive.code.clone(), column: String::new(), remedy: String::new() };
    let mended_at = Some(at.appended_at);
    Quarantined { mended_at, ..quarantined(submission, defect, redrive.defect, at) }
}

/// The facility a record's key names; empty where it is no facility code.
pub(super) fn sender(key: Option<&[u8]>) -> String {
    let text = key.and_then(|it| std::str::from_utf8(it).ok());
    text.and_then(|it| it.parse::<FacilityCode>().ok())
        .map_or_else(String::new, |it| it.to_string())
}

/// What is wrong with bytes that are no submission, and who can mend it: the person who keeps the
/// source's citizen ids, or whoever wrote the sending program.
pub(super) fn why(malformed: Malformed) -> Defect {
    let (code, column, remedy) = match malformed.fault() {
        Fault::Value => {
            ("SP-1304", "citizen_id", "correct the citizen id and send the event again")
        }
        _ => ("SP-1301", "", "send the event again with a registered schema"),
    };
    let remedy = format!("{remedy} ({malformed})");
    Defect { code: code.to_owned(), column: column.to_owned(), remedy }
}

/// A record of `ingest.v1` that is no submission.
pub(super) fn unreadable(
    facility: String,
    defect: Defect,
    event_id: EventId,
    at: Position,
) -> Quarantined {
    Quarantined {
        facility,
        defect,
        provenance: Provenance {
            source: "ingest".to_owned(),
            document: format!("ingest.v1/{}", at.partition),
            line: i32::try_from(at.offset).unwrap_or(i32::MAX),
            ..Provenance::default()
        },
        event_id,
        partition: at.partition,
        offset: at.offset,
        appended_at: at.appended_at,
        mended_at: None,
    }
}
