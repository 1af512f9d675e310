//! The decision of admit about one submission: admitted, unchanged or quarantined. Pure but for its
//! own tables; knows neither Kafka nor clocks.
//!
//! All submissions of one facility stand in one ingest partition, so the tables of that partition know
//! every earlier content of an event.

use saphan_keys::Keys;
use saphan_model::admission::{EventState, LinkState, Quarantined, RefusalState};
use saphan_model::envelope::RetractReason;
use saphan_model::{
    Body, CitizenId, Content, Defect, EventId, EventType, LogRecord, PatientId, Revision,
    Submission,
};
use saphan_topology::{Facility, Topology};

use super::ledger::Position;
use super::records;
use crate::table::Table;

/// What admit consults besides its tables.
#[derive(Debug)]
pub struct Context {
    /// Platform keys.
    pub keys: Keys,
    /// Facilities and code tables, among others.
    pub topology: Topology,
}

/// How a submission ended.
#[derive(Debug)]
pub enum Ending {
    /// Records for the patient log, in order; at least one.
    Admitted(Vec<LogRecord>),
    /// Nothing new.
    Unchanged,
    /// A record for `quarantine.v1`.
    Quarantined(Box<Quarantined>),
}

impl Ending {
    /// It tells of this defect.
    pub(super) fn tells_of(&self, defect: EventId) -> bool {
        matches!(self, Self::Quarantined(it) if it.event_id == defect)
    }
}

/// Admit's state for one ingest partition.
#[derive(Debug, Default)]
pub struct Admission {
    /// Every event seen, by id.
    pub events: Table<EventId, EventState>,
    /// Local numbers that were once sent without a citizen id, by their keyed hash.
    pub links: Table<PatientId, LinkState>,
    /// What of an event was refused, by the event's name.
    pub refusals: Table<EventId, RefusalState>,
}

/// Who a submission is about.
pub(super) struct Resolved {
    pub(super) patient: PatientId,
    pub(super) citizen_id: Option<CitizenId>,
    /// The keyed hash of the local number, while no citizen id is known for it.
    pub(super) unlinked: Option<PatientId>,
}

impl Admission {
    /// Decides about one submission. `payload` is its encoding, kept while its patient is unlinked.
    pub fn admit(
        &mut self,
        context: &Context,
        submission: &Submission,
        payload: &[u8],
        at: Position,
    ) -> Ending {
        let Some(facility) = context.topology.facilities.get(&submission.facility) else {
            return self.refuse(context, submission, at, unknown_facility());
        };
        match &submission.content {
            Content::Defect(defect) => self.refuse(context, submission, at, defect.clone()),
            Content::Retract(kind) => self.retract(context, submission, facility, *kind, at),
            Content::Put(body) => {
                self.put(context, submission, facility, body, payload, at).consent_first()
            }
        }
    }

    fn put(
        &mut self,
        context: &Context,
        submission: &Submission,
        facility: &Facility,
        body: &Body,
        payload: &[u8],
        at: Position,
    ) -> Ending {
        let mut out = Vec::new();
        let event_id = context.event_id(facility, body.event_type(), submission);
        let Some(who) = self.resolve(context, submission, facility, event_id, at, &mut out) else {
            return self.refuse(context, submission, at, no_identifier());
        };
        let revision = context.revision(event_id, submission, body);
        let known = self.events.get(&event_id).cloned();
        let same = known
            .as_ref()
            .is_some_and(|it| it.revision == Some(revision) && it.patient == who.patient);
        if let Some(known) = known.as_ref().filter(|_| same) {
            self.said_again(context, submission, event_id, known, at);
            return if out.is_empty() { Ending::Unchanged } else { Ending::Admitted(out) };
        }
        if let Some(old) = known.filter(|it| it.revision.is_some() && it.patient != who.patient) {
            let reason = RetractReason::PatientChanged;
            out.push(records::retraction(
                context, submission, facility, &old, event_id, reason, at,
            ));
        }
        let ids = (event_id, revision);
        out.push(records::put(context, submission, facility, body, ids, (&who).into(), at));
        self.keep(event_id, revision, body.event_type(), who.patient, who.unlinked, payload, at);
        Ending::Admitted(out)
    }

    fn retract(
        &mut self,
        context: &Context,
        submission: &Submission,
        facility: &Facility,
        kind: EventType,
        at: Position,
    ) -> Ending {
        let event_id = context.event_id(facility, kind, submission);
        let Some(known) = self.events.get(&event_id).cloned() else {
            return self.refuse(context, submission, at, unknown_event());
        };
        if known.revision.is_none() {
            self.said_again(context, submission, event_id, &known, at);
            return Ending::Unchanged;
        }
        let reason = RetractReason::SourceDeleted;
        let record =
            records::retraction(context, submission, facility, &known, event_id, reason, at);
        let row = EventState {
            revision: None,
            sequence: at.offset,
            held: None,
            origin: at.origin(),
            ..known
        };
        self.events.put(event_id, row);
        Ending::Admitted(vec![record])
    }

    #[expect(clippy::too_many_arguments, reason = "one row of state has this many parts")]
    fn keep(
        &mut self,
        event_id: EventId,
        revision: Revision,
        event_type: EventType,
        patient: PatientId,
        unlinked: Option<PatientId>,
        payload: &[u8],
        at: Position,
    ) {
        let held = unlinked.is_some().then(|| payload.to_vec());
        let row = EventState {
            revision: Some(revision),
            patient,
            sequence: at.offset,
            event_type,
            held,
            origin: at.origin(),
        };
        self.events.put(event_id, row);
        if let Some(local) = unlinked
            && let Some(link) = self.links.get(&local)
            && !link.events.contains(&event_id)
        {
            let mut link = link.clone();
            link.events.push(event_id);
            link.sequence = at.offset;
            self.links.put(local, link);
        }
    }
}

impl Context {
    pub(super) fn event_id(
        &self,
        facility: &Facility,
        kind: EventType,
        submission: &Submission,
    ) -> EventId {
        self.keys.event_id(&facility.hospcode, Some(kind), submission.natural_key.reveal())
    }

    /// The content an event is compared by: its body and when it happened; not when it was edited,
    /// since exporters fill that badly.
    fn revision(&self, event_id: EventId, submission: &Submission, body: &Body) -> Revision {
        let mut bytes = saphan_codec::body_bytes(body);
        bytes.extend_from_slice(&submission.occurred_at.0.to_be_bytes());
        self.keys.revision(event_id, &bytes)
    }
}

fn defect(code: &str, column: &str, remedy: &str) -> Defect {
    Defect { code: code.to_owned(), column: column.to_owned(), remedy: remedy.to_owned() }
}

fn unknown_facility() -> Defect {
    defect("SP-1302", "HOSPCODE", "register the facility in topology/facilities.csv, then redrive")
}

fn no_identifier() -> Defect {
    defect("SP-1303", "PID", "send a citizen id or a local person number with the event")
}

fn unknown_event() -> Defect {
    defect(
        "SP-1310",
        "DATA_CORRECT",
        "the event to take back was never admitted: check its key, or send the event first",
    )
}
