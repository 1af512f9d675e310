//! Route: from `patient.log.v1` to the agencies' topics, with one decision record per input record.
//!
//! This file is bytes in, bytes out; who may receive what is decided in `saphan_policy`, the shape of
//! a delivery in `saphan_codec`, the loop in `saphan_kafka`.

mod deliver;
mod state;

use std::collections::HashMap;
use std::sync::Arc;

use saphan_codec::{Peeked, SchemaIds};
use saphan_kafka::{Failure, Outbound, Processor, Record};
use saphan_keys::Keys;
use saphan_model::decision::Decision;
use saphan_model::{Body, Envelope, Event, EventType, Timestamp};
use saphan_policy::{PatientConsent, RecordKind, RecordView, RouteTable, plan};
use saphan_topology::{Names, Topology};

pub use deliver::Desk;
use state::{Held, RouteState};

use crate::encode::{encode, source_header};
use crate::tally::{Outcomes, Tally};

/// The stage.
pub struct Route {
    table: RouteTable,
    desk: Desk,
    ids: Arc<SchemaIds>,
    partitions: HashMap<i32, RouteState>,
    outcomes: Outcomes,
    tally: Arc<dyn Tally>,
    decision: Arc<str>,
    state: Arc<str>,
}

impl Route {
    /// A stage without partitions; the loop assigns them. `rule_ids` as in [`Desk::new`].
    pub fn new(
        topology: &Topology,
        rule_ids: &[u32],
        keys: &Keys,
        ids: Arc<SchemaIds>,
        names: &Names,
        tally: Arc<dyn Tally>,
    ) -> Self {
        Self {
            desk: Desk::new(topology, rule_ids, keys, names),
            table: topology.routes().clone(),
            ids,
            partitions: HashMap::new(),
            outcomes: Outcomes::default(),
            tally,
            decision: names.decision().into(),
            state: names.consent_state().into(),
        }
    }

    fn partition(&mut self, partition: i32) -> Result<&mut RouteState, Failure> {
        self.partitions.get_mut(&partition).ok_or_else(|| not_owned(partition))
    }

    /// Folds directives and their retractions into the patient's consent.
    fn fold(state: &mut RouteState, envelope: &Envelope, event: &Event, offset: i64) {
        match event {
            Event::Put(Body::Directive(directive)) => {
                state.put_directive(envelope.patient, envelope.event_id, directive, offset);
            }
            Event::Retract { retracted_type: EventType::Directive, .. } => {
                state.retract_directive(envelope.patient, envelope.event_id, offset);
            }
            Event::Put(_) | Event::Retract { .. } | Event::Link { .. } => {}
        }
    }
}

impl Processor for Route {
    fn assign(&mut self, partition: i32) {
        self.partitions.insert(partition, RouteState::default());
    }

    fn restore(&mut self, partition: i32, key: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        let state = self.partitions.get_mut(&partition).ok_or_else(|| not_owned(partition))?;
        state.restore(key, value, &self.ids, &self.table)
    }

    fn restored(&mut self, partition: i32, next_offset: Option<i64>) -> Result<(), Failure> {
        self.partition(partition)?.check(next_offset.unwrap_or(0))
    }

    fn apply(&mut self, record: &Record<'_>, out: &mut Vec<Outbound>) -> Result<(), Failure> {
        let value = record.value.unwrap_or_default();
        let Peeked { event_type, envelope, body } =
            saphan_codec::peek(value, &self.ids).map_err(unreadable)?;
        let kind = kind(event_type, body)?;
        let state = self
            .partitions
            .get_mut(&record.partition)
            .ok_or_else(|| not_owned(record.partition))?;
        let view = RecordView { envelope: &envelope, kind };
        if view.decided_type() == EventType::Directive {
            let event = saphan_codec::log::decode_event(event_type, body).map_err(unreadable)?;
            Self::fold(state, &envelope, &event, record.offset);
        }
        let held = state.held(envelope.patient, envelope.event_id);
        let now = Timestamp(record.append_time_ms);
        let nothing = PatientConsent::default();
        let consent = state.consent(envelope.patient).unwrap_or(&nothing);
        let plan = plan(&self.table, consent, held, now, view);
        let decision = Decision {
            partition: record.partition,
            offset: record.offset,
            appended_at: now,
            event_id: envelope.event_id,
            revision: envelope.revision,
            event_type: view.decided_type(),
            facility: envelope.facility.clone(),
            outcomes: plan.outcomes(&self.table),
        };
        if plan.held_after != held {
            let row = Held {
                applied_offset: record.offset,
                event_type: view.decided_type(),
                agencies: plan.held_after,
            };
            state.hold(envelope.patient, envelope.event_id, row);
        }
        let source = source_header(record);
        for action in plan.actions {
            out.extend(self.desk.carry_out(action, body, &source)?);
        }
        self.outcomes.count(&decision);
        let value = encode(&decision, &self.ids);
        out.push(Outbound {
            headers: vec![source],
            ..Outbound::keyed(self.decision.clone(), envelope.patient.0.to_vec(), value)
        });
        Ok(())
    }

    fn before_commit(&mut self, out: &mut Vec<Outbound>) -> Result<(), Failure> {
        for (partition, state) in &self.partitions {
            state.changed(*partition, &self.state, &self.ids, &self.table, out);
        }
        Ok(())
    }

    fn committed(&mut self) {
        self.outcomes.tell(self.tally.as_ref());
        self.partitions.values_mut().for_each(RouteState::commit);
    }

    fn rolled_back(&mut self) {
        self.outcomes.clear();
        self.partitions.values_mut().for_each(RouteState::roll_back);
    }

    fn revoke(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }
}

fn kind(event_type: EventType, body: &[u8]) -> Result<RecordKind, Failure> {
    if event_type != EventType::Retraction {
        return Ok(RecordKind::Put);
    }
    match saphan_codec::log::decode_event(event_type, body).map_err(unreadable)? {
        Event::Retract { retracted_type, .. } => Ok(RecordKind::Retract { retracted_type }),
        Event::Put(_) | Event::Link { .. } => Ok(RecordKind::Put),
    }
}

fn not_owned(partition: i32) -> Failure {
    Failure::fatal("SP-1330", format!("route does not own patient log partition {partition}"))
}

/// Only admit writes the patient log, in schemas of this release or an earlier one: an unreadable
/// record means that this process must not go on, since passing it by would hide a consent.
fn unreadable(why: saphan_codec::Malformed) -> Failure {
    Failure::fatal("SP-1331", format!("a record of the patient log cannot be read: {why}"))
}
