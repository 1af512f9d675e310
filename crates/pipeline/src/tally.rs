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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// An outcome without its agency.
type Outcome = (EventType, OutcomeKind, Option<WithholdReason>);

/// The open batch's outcomes, by agency inside.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    records: BTreeMap<EventType, u64>,
    outcomes: BTreeMap<Outcome, BTreeMap<String, u64>>,
    enforced: Vec<Timestamp>,
}

impl Outcomes {
    pub(crate) fn count(&mut self, decision: &Decision) {
        *self.records.entry(decision.event_type).or_default() += 1;
        for it in &decision.outcomes {
            self.add((decision.event_type, it.kind, it.reason), &it.agency);
        }
        for it in &decision.recalls {
            self.add((it.event_type, OutcomeKind::Retracted, Some(it.reason)), &it.agency);
        }
    }

    /// Copies a name only the first time in a batch.
    fn add(&mut self, outcome: Outcome, agency: &str) {
        let agencies = self.outcomes.entry(outcome).or_default();
        match agencies.get_mut(agency) {
            Some(records) => *records += 1,
            None => drop(agencies.insert(agency.to_owned(), 1)),
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
        for ((event_type, kind, reason), agencies) in std::mem::take(&mut self.outcomes) {
            for (agency, records) in agencies {
                tally.ended(&OutcomeKey { agency, event_type, kind, reason }, records);
            }
        }
    }
}
