//! What a stage tells its observer once a batch is committed. Stages hold no counters; the caller's
//! metrics do.

use std::collections::BTreeMap;

use saphan_model::admission::AdmissionLedger;
use saphan_model::decision::{Decision, OutcomeKind, WithholdReason};
use saphan_model::{EventType, Timestamp};

/// Receives committed counts. Every method does nothing by default and must return quickly.
pub trait Tally: Send + Sync {
    /// Submissions ended.
    fn admitted(&self, ledger: &AdmissionLedger) {
        let _ = ledger;
    }
    /// Submissions were set aside for one defect.
    fn quarantined(&self, code: &str, submissions: u64) {
        let _ = (code, submissions);
    }
    /// Records were decided about.
    fn decided(&self, event_type: EventType, records: u64) {
        let _ = (event_type, records);
    }
    /// A change of consent appended at this instant is in force for everything that follows it.
    fn enforced(&self, appended_at: Timestamp) {
        let _ = appended_at;
    }
    /// Outcomes for one agency.
    fn ended(&self, of: &OutcomeKey, records: u64) {
        let _ = (of, records);
    }
}

/// Counts nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Tally for Silent {}

/// What outcomes are counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutcomeKey {
    /// The agency.
    pub agency: String,
    /// The type decided about.
    pub event_type: EventType,
    /// What was done.
    pub kind: OutcomeKind,
    /// Why not.
    pub reason: Option<WithholdReason>,
}

/// The open batch's outcomes.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    records: BTreeMap<EventType, u64>,
    outcomes: BTreeMap<OutcomeKey, u64>,
    enforced: Vec<Timestamp>,
}

impl Outcomes {
    pub(crate) fn count(&mut self, decision: &Decision) {
        *self.records.entry(decision.event_type).or_default() += 1;
        for outcome in &decision.outcomes {
            let key = OutcomeKey {
                agency: outcome.agency.clone(),
                event_type: decision.event_type,
                kind: outcome.kind,
                reason: outcome.reason,
            };
            *self.outcomes.entry(key).or_default() += 1;
        }
        for recalled in &decision.recalls {
            let key = OutcomeKey {
                agency: recalled.agency.clone(),
                event_type: recalled.event_type,
                kind: OutcomeKind::Retracted,
                reason: Some(recalled.reason),
            };
            *self.outcomes.entry(key).or_default() += 1;
        }
    }

    /// A change of consent, or the end of a directive, was folded in.
    pub(crate) fn enforced(&mut self, appended_at: Timestamp) {
        self.enforced.push(appended_at);
    }

    pub(crate) fn clear(&mut self) {
        self.enforced.clear();
        self.records.clear();
        self.outcomes.clear();
    }

    pub(crate) fn tell(&mut self, tally: &dyn Tally) {
        self.enforced.drain(..).for_each(|it| tally.enforced(it));
        for (event_type, records) in std::mem::take(&mut self.records) {
            tally.decided(event_type, records);
        }
        for (key, records) in std::mem::take(&mut self.outcomes) {
            tally.ended(&key, records);
        }
    }
}
