//! Route: from `patient.log.v1` to the agencies' topics, with one decision record per input record.
//!
//! This file is bytes in, bytes out; who may receive what is decided in `saphan_policy`, the shape of
//! a delivery in `saphan_codec`, the loop in `saphan_kafka`.

mod call_back;
mod consents;
mod deliver;
mod held;
mod index;
mod judge;
mod overlay;
mod state;

use std::collections::HashMap;
use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::{Failure, Outbound, Processor, Record};
use saphan_keys::Keys;
use saphan_model::{EventType, Timestamp};
use saphan_policy::{RouteTable, still_permits};
use saphan_topology::{Names, Topology};

pub use deliver::{Desk, Parcel};
pub use judge::{At, Judged};
pub use overlay::{Foreseen, Overlay};
pub use state::RouteState;

use crate::encode::{encode, source_header};
use crate::tally::{Outcomes, Tally};

/// The stage.
pub struct Route {
    table: RouteTable,
    desk: Desk,
    ids: Arc<SchemaIds>,
    partitions: HashMap<i32, RouteState>,
    overlay: Arc<Overlay>,
    /// Next offset of each partition in the open batch.
    next: HashMap<i32, i64>,
    outcomes: Outcomes,
    tally: Arc<dyn Tally>,
    decision: Arc<str>,
    state: Arc<str>,
}

impl Route {
    /// A stage without partitions; the loop assigns them. `rule_ids` as in [`Desk::new`]. Whoever runs
    /// it keeps `overlay` fed.
    pub fn new(
        topology: &Topology,
        rule_ids: &[u32],
        keys: &Keys,
        ids: Arc<SchemaIds>,
        names: &Names,
        overlay: Arc<Overlay>,
        tally: Arc<dyn Tally>,
    ) -> Self {
        Self {
            desk: Desk::new(topology, rule_ids, keys, names),
            table: topology.routes().clone(),
            ids,
            partitions: HashMap::new(),
            overlay,
            next: HashMap::new(),
            outcomes: Outcomes::default(),
            tally,
            decision: names.decision().into(),
            state: names.consent_state().into(),
        }
    }

    fn partition(&mut self, partition: i32) -> Result<&mut RouteState, Failure> {
        self.partitions.get_mut(&partition).ok_or_else(|| not_owned(partition))
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
        self.overlay.hears()?;
        let value = record.value.unwrap_or_default();
        let value = self.ids.current(value).map_err(judge::unreadable)?;
        let peeked = saphan_codec::peek(&value, &self.ids).map_err(judge::unreadable)?;
        let state = self
            .partitions
            .get_mut(&record.partition)
            .ok_or_else(|| not_owned(record.partition))?;
        let at = At {
            partition: record.partition,
            offset: record.offset,
            appended_at: Timestamp(record.append_time_ms),
        };
        let patient = peeked.envelope.patient;
        let place = (record.partition, record.offset);
        let consent = state.consent(patient)?;
        let foreseen = self.overlay.foresee(patient, place, &consent);
        let Judged { decision, actions } = state.judge(&self.table, at, &peeked, |it| {
            let foreseen = foreseen.as_ref();
            foreseen.is_some_and(|of| !still_permits(&self.table, &of.consent, it, of.at))
        })?;
        self.next.insert(record.partition, record.offset + 1);
        let source = source_header(record);
        let parcel = Parcel::new(peeked.body, &source);
        for action in actions {
            out.extend(self.desk.carry_out(action, &parcel)?);
        }
        self.outcomes.count(&decision);
        if decision.event_type == EventType::Directive {
            self.outcomes.enforced(at.appended_at);
        }
        let value = encode(&decision, &self.ids);
        out.push(Outbound::keyed(self.decision.clone(), patient.0, value).with(source));
        Ok(())
    }

    fn before_commit(&mut self, out: &mut Vec<Outbound>) -> Result<(), Failure> {
        for (partition, state) in &self.partitions {
            state.changed(*partition, &self.state, &self.ids, &self.table, out);
        }
        Ok(())
    }

    fn committed(&mut self) {
        self.overlay.routed(self.next.drain());
        self.outcomes.tell(self.tally.as_ref());
        self.partitions.values_mut().for_each(RouteState::commit);
    }

    fn rolled_back(&mut self) {
        self.next.clear();
        self.outcomes.clear();
        self.partitions.values_mut().for_each(RouteState::roll_back);
    }

    fn revoke(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }
}

fn not_owned(partition: i32) -> Failure {
    Failure::fatal("SP-1330", format!("route does not own patient log partition {partition}"))
}
