//! What a verification says in the end: counts, findings, and whether there is anything to worry about.

use std::collections::BTreeMap;

use crate::conservation::Balance;
use crate::finding::{Finding, Kind};

/// What the log leads to for one agency, over the records compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgencyCounts {
    /// Deliveries due.
    pub delivered: u64,
    /// Orders to drop what it held, due.
    pub retracted: u64,
    /// Lawful withholdings.
    pub withheld: u64,
}

/// Records read and compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records of the patient log replayed.
    pub replayed: u64,
    /// Of these, compared with their decisions and deliveries.
    pub compared: u64,
    /// Records of the log that were not yet routed.
    pub in_flight: u64,
    /// Outputs that may have left their topic by its retention, and are not there.
    pub expired: u64,
    /// Outputs seen.
    pub outputs: u64,
}

/// The whole answer.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Counts.
    pub counts: Counts,
    /// By agency id.
    pub agencies: BTreeMap<String, AgencyCounts>,
    /// How submissions ended; none when the ledger was not asked for.
    pub balance: Option<Balance>,
    /// Number of findings of each kind.
    pub by_kind: BTreeMap<Kind, u64>,
    /// The first findings of each kind, up to the limit.
    pub findings: Vec<Finding>,
    /// What was not verified, and why.
    pub notes: Vec<String>,
    limit: u64,
}

impl Report {
    /// An empty report that lists up to `limit` findings of a kind; all are counted.
    pub fn new(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Is there no finding?
    pub fn clean(&self) -> bool {
        self.by_kind.is_empty()
    }

    /// Number of findings.
    pub fn total(&self) -> u64 {
        self.by_kind.values().sum()
    }

    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        let count = self.by_kind.entry(finding.kind).or_default();
        *count += 1;
        if *count <= self.limit {
            self.findings.push(finding);
        }
    }
}
