//! Explains from the log itself what was delivered or withheld, when, and on which basis: the same
//! replay, told instead of compared. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use saphan_codec::{SchemaIds, decode_framed};
use saphan_kafka::Record;
use saphan_model::contract::BasisKind;
use saphan_model::decision::{Decision, Outcome, OutcomeKind, WithholdReason};
use saphan_model::{EventId, EventType, PatientId, Timestamp};
use saphan_pipeline::route::{At, RouteState};
use saphan_policy::{Permitted, RuleEntry};

use crate::replay::Replay;

/// What to explain.
#[derive(Clone)]
pub enum Subject {
    /// Every record of a patient.
    Patient(PatientId),
    /// Every record of an event. It can move from one patient to another; these are its patients, found
    /// by [`patient_of`].
    Event(EventId, BTreeSet<PatientId>),
    /// Everything, summed up for one agency.
    Agency(String),
}

/// A past position: as if the log ended there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    /// Partition of the patient log.
    pub partition: i32,
    /// The last offset to be seen of it.
    pub offset: i64,
    /// Its append time: how far the other partitions are seen.
    pub appended_at: Timestamp,
}

impl Until {
    /// Did the log hold the record then?
    pub fn includes(self, record: &Record<'_>) -> bool {
        if record.partition == self.partition {
            record.offset <= self.offset
        } else {
            record.append_time_ms <= self.appended_at.0
        }
    }
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number among all records of the patient, from 1: a list with a gap is not the whole list. None
    /// where a single event is asked for.
    pub number: Option<u64>,
    /// Is it a retraction?
    pub retraction: bool,
    /// Has route come to it? If not, this is what would become of it by the log as it is.
    pub routed: bool,
    /// Position, event, facility and outcomes. The type is the one decided about.
    pub decision: Decision,
    /// Beside the outcomes: the law, section or agreement behind each.
    pub sources: Vec<String>,
}

/// What sums are by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SumKey {
    /// Contract version.
    pub contract_version: i32,
    /// Type decided about.
    pub event_type: EventType,
    /// What was done.
    pub kind: OutcomeKind,
    /// Why not.
    pub reason: Option<WithholdReason>,
    /// On which basis.
    pub basis: Option<BasisKind>,
}

/// A number of records with the append times of the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub records: u64,
    /// The earliest append time.
    pub first: Timestamp,
    /// The latest append time.
    pub last: Timestamp,
}

/// Replays and tells. One state a partition; records of a partition come in order.
pub struct Explainer {
    replay: Replay,
    subject: Subject,
    until: Option<Until>,
    /// Next offset to be routed, by partition.
    routed: BTreeMap<i32, i64>,
    states: HashMap<i32, RouteState>,
    overlay: HashMap<(i32, i64), Vec<String>>,
    sums: BTreeMap<SumKey, Sum>,
    told: u64,
    waiting: u64,
}

/// The patient a record of the log belongs to, if it is a record of the event.
pub fn patient_of(event_id: EventId, record: &Record<'_>, ids: &SchemaIds) -> Option<PatientId> {
    let value = ids.current(record.value?).ok()?;
    let view = saphan_codec::log::view(&value, ids).ok()?;
    (view.event_id == event_id).then_some(view.patient)
}

impl Explainer {
    /// Nothing replayed yet. `routed`: the next offset to be routed, by partition of the log.
    pub fn new(
        replay: Replay,
        subject: Subject,
        until: Option<Until>,
        routed: BTreeMap<i32, i64>,
    ) -> Self {
        let (states, overlay, sums) = (HashMap::new(), HashMap::new(), BTreeMap::new());
        Self { replay, subject, until, routed, states, overlay, sums, told: 0, waiting: 0 }
    }

    /// Takes a record of `decision.v1`: only it knows what a revocation stopped on the way.
    pub fn decision(&mut self, record: &Record<'_>) {
        if !self.concerns(record.key) {
            return;
        }
        let value = record.value.unwrap_or_default();
        let Ok(decision) = decode_framed::<Decision>(value, self.replay.ids()) else { return };
        let by_overlay = |it: &Outcome| it.reason == Some(WithholdReason::RevokedOverlay);
        let stopped = decision.outcomes.into_iter().filter(by_overlay);
        let stopped: Vec<String> = stopped.map(|it| it.agency).collect();
        if !stopped.is_empty() {
            self.overlay.insert((decision.partition, decision.offset), stopped);
        }
    }

    fn concerns(&self, key: Option<&[u8]>) -> bool {
        match &self.subject {
            Subject::Patient(patient) => key == Some(&patient.0),
            Subject::Event(_, patients) => patients.iter().any(|it| key == Some(&it.0)),
            Subject::Agency(_) => true,
        }
    }

    /// Takes the next record of the log; what became of it, if it is asked for. A coded sentence if it
    /// cannot be read.
    pub fn apply(&mut self, record: &Record<'_>) -> Result<Option<Told>, String> {
        if !self.concerns(record.key) || !self.until.is_none_or(|it| it.includes(record)) {
            return Ok(None);
        }
        let ids = self.replay.ids();
        let value = ids.current(record.value.unwrap_or_default()).map_err(|it| it.to_string())?;
        let peeked = saphan_codec::peek(&value, ids).map_err(|it| it.to_string())?;
        let at = At {
            partition: record.partition,
            offset: record.offset,
            appended_at: Timestamp(record.append_time_ms),
        };
        let nobody = Vec::new();
        let stopped = self.overlay.get(&(at.partition, at.offset)).unwrap_or(&nobody);
        let state = self.states.entry(record.partition).or_default();
        let table = self.replay.table();
        let by_overlay = |it: &Permitted<'_>| {
            stopped.iter().any(|agency| agency == table.id_of(it.agency()).as_str())
        };
        let decision = self.replay.judge(state, at, &peeked, by_overlay)?.decision;
        state.commit();
        self.told += 1;
        let routed = self.routed.get(&at.partition).is_some_and(|next| at.offset < *next);
        self.waiting += u64::from(!routed);
        match &self.subject {
            Subject::Event(event_id, _)
                if decision.event_id != *event_id
                    && !decision.recalls.iter().any(|it| it.event_id == *event_id) =>
            {
                Ok(None)
            }
            Subject::Agency(_) if !routed => Ok(None),
            Subject::Agency(agency) => {
                let agency = agency.clone();
                self.sum_up(&agency, &decision);
                Ok(None)
            }
            Subject::Patient(_) | Subject::Event(..) => {
                let retraction = peeked.event_type == EventType::Retraction;
                let number = matches!(self.subject, Subject::Patient(_)).then_some(self.told);
                let sources =
                    decision.outcomes.iter().map(|it| self.source(&decision, it)).collect();
                Ok(Some(Told { number, retraction, routed, decision, sources }))
            }
        }
    }

    /// The law behind an outcome: what the contract version that decided says.
    fn source(&self, decision: &Decision, outcome: &Outcome) -> String {
        let table = self.replay.table();
        let decided = |it: &RuleEntry<'_>| {
            it.contract.agency.as_str() == outcome.agency
                && i64::from(it.contract.version) == i64::from(outcome.contract_version)
                && it.rule.event_type == decision.event_type
        };
        table.rules().find(decided).map(|it| it.rule.basis_source.clone()).unwrap_or_default()
    }

    fn sum_up(&mut self, agency: &str, decision: &Decision) {
        let now = decision.appended_at;
        let outcomes = decision.outcomes.iter().filter(|it| it.agency == agency);
        let outcomes = outcomes.map(|it| SumKey {
            contract_version: it.contract_version,
            event_type: decision.event_type,
            kind: it.kind,
            reason: it.reason,
            basis: it.basis,
        });
        let recalls = decision.recalls.iter().filter(|it| it.agency == agency);
        let recalls = recalls.map(|it| SumKey {
            contract_version: it.contract_version,
            event_type: it.event_type,
            kind: OutcomeKind::Retracted,
            reason: Some(it.reason),
            basis: None,
        });
        for key in outcomes.chain(recalls) {
            let sum = self.sums.entry(key).or_insert(Sum { records: 0, first: now, last: now });
            sum.records += 1;
            (sum.first, sum.last) = (sum.first.min(now), sum.last.max(now));
        }
    }

    /// Records of the log that route has not come to; an agency's sums leave them out.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// The sums of an agency.
    pub fn sums(&self) -> &BTreeMap<SumKey, Sum> {
        &self.sums
    }
}
