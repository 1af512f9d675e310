//! What one record of the log must have led to: the router's own decision step and delivery desk, run
//! again over the same log.

use std::sync::Arc;

use saphan_codec::{Peeked, SchemaIds};
use saphan_kafka::{Header, Outbound};
use saphan_keys::Keys;
use saphan_model::EventType;
use saphan_model::decision::Decision;
use saphan_pipeline::encode::encode;
use saphan_pipeline::route::{At, Desk, Judged, Parcel, RouteState};
use saphan_policy::{Action, Permitted, RouteTable};
use saphan_topology::{Names, Topology};

/// The tools of the replay; the state is the caller's, one a partition.
pub struct Replay {
    table: RouteTable,
    desk: Desk,
    ids: Arc<SchemaIds>,
    names: Names,
    decision: Arc<str>,
}

/// What a record led to.
pub struct Replayed {
    /// The decision.
    pub decision: Decision,
    /// The decision's record first, then a record for each agency that receives one.
    pub outputs: Vec<Output>,
}

/// One record that must have been written.
pub enum Output {
    /// These bytes.
    Record(Outbound),
    /// It could not be made again: the topic, and why.
    Unmade {
        /// Where it would stand.
        topic: String,
        /// Why, as a coded sentence.
        why: String,
    },
}

impl Replay {
    /// Tools for one topology; `rule_ids` as in [`Desk::new`].
    pub fn new(
        topology: &Topology,
        rule_ids: &[u32],
        keys: &Keys,
        ids: Arc<SchemaIds>,
        names: &Names,
    ) -> Self {
        Self {
            table: topology.routes().clone(),
            desk: Desk::new(topology, rule_ids, keys, names),
            ids,
            names: names.clone(),
            decision: names.decision().into(),
        }
    }

    /// The contracts.
    pub fn table(&self) -> &RouteTable {
        &self.table
    }

    /// Registry ids of the platform's schemas.
    pub fn ids(&self) -> &SchemaIds {
        &self.ids
    }

    /// Decides one record again and folds it into the state. `revoked` says from whom the overlay
    /// withheld it. A coded sentence if the record cannot be read.
    pub fn judge<'e>(
        &self,
        state: &mut RouteState,
        at: At,
        peeked: &'e Peeked<'_>,
        revoked: impl Fn(&Permitted<'e>) -> bool,
    ) -> Result<Judged<'e>, String> {
        state.judge(&self.table, at, peeked, revoked).map_err(|it| it.to_string())
    }

    /// The topic of a delivery.
    pub(crate) fn topic_of(&self, it: &Permitted<'_>, event_type: EventType) -> String {
        self.names.agency(self.table.id_of(it.agency()), event_type)
    }

    /// Makes the records of a judgement again.
    pub fn outputs(&self, judged: Judged<'_>, peeked: &Peeked<'_>, source: &Header) -> Replayed {
        let Judged { decision, actions } = judged;
        let mut outputs = Vec::with_capacity(actions.len() + 1);
        let value = encode(&decision, &self.ids);
        let key = peeked.envelope.patient.0;
        outputs.push(Output::Record(Outbound::keyed(self.decision.clone(), key, value)));
        let parcel = Parcel::new(peeked.body, source);
        for action in actions {
            let agency = action.agency();
            let event_type = match &action {
                Action::Retract(it) => it.event_type(),
                Action::Deliver(_) | Action::Withhold(_) => decision.event_type,
            };
            match self.desk.carry_out(action, &parcel) {
                Ok(Some(outbound)) => outputs.push(Output::Record(outbound)),
                Ok(None) => {}
                Err(why) => {
                    let agency = self.table.id_of(agency);
                    let topic = self.names.agency(agency, event_type);
                    outputs.push(Output::Unmade { topic, why: why.to_string() });
                }
            }
        }
        Replayed { decision, outputs }
    }
}
