//! Puts the parts together: gather what route wrote, replay the log partition by partition, compare.
//! Pure: fed with records, asked for a report.

use std::io;
use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::Record;
use saphan_keys::Keys;
use saphan_topology::{Names, Topology};

use crate::catalog::Catalog;
use crate::evidence::Evidence;
use crate::finding::Finding;
use crate::overlay::Changes;
use crate::partition::{Bounds, PartitionProof};
use crate::replay::Replay;
use crate::report::Report;
use crate::scope::Scope;
use crate::shelf::Shelf;
use crate::sighting::Fingerprints;

/// One verification. Call [`Verifier::see`] and [`Verifier::see_state`] for everything route wrote, then
/// [`Verifier::partition`] for each partition of the patient log.
pub struct Verifier {
    pub(crate) scope: Scope,
    pub(crate) catalog: Catalog,
    pub(crate) replay: Replay,
    pub(crate) fingerprints: Fingerprints,
    pub(crate) log: String,
    pub(crate) names: Names,
    pub(crate) log_partitions: i32,
    pub(crate) report: Report,
    evidence: Evidence,
}

/// What a verification needs to know of the platform.
pub struct Platform<'p> {
    /// Contracts and topics.
    pub topology: &'p Topology,
    /// Registry id of each rule's schema, by `RuleId`.
    pub rule_ids: &'p [u32],
    /// The platform's keys.
    pub keys: &'p Keys,
    /// Registry ids of the platform's schemas.
    pub ids: Arc<SchemaIds>,
    /// Topic names.
    pub names: &'p Names,
}

impl Verifier {
    /// A verification that has seen nothing. `log_partitions`: of the patient log. `secret`: random, new
    /// for every run. `limit`: findings of one kind to list.
    pub fn new(
        platform: &Platform<'_>,
        scope: Scope,
        log_partitions: i32,
        shelf: Box<dyn Shelf>,
        secret: &[u8; 32],
        limit: u64,
    ) -> Self {
        let Platform { topology, rule_ids, keys, ids, names } = platform;
        let fingerprints = Fingerprints::new(secret);
        let log = names.patient_log();
        Self {
            catalog: Catalog::new(topology.routes(), names, &scope),
            replay: Replay::new(topology, rule_ids, keys, ids.clone(), names),
            evidence: Evidence::new(
                (log.clone(), log_partitions),
                ids.clone(),
                fingerprints.clone(),
                shelf,
            ),
            report: Report::new(limit),
            scope,
            fingerprints,
            log,
            names: (*names).clone(),
            log_partitions,
        }
    }

    /// The topics to be read.
    pub fn catalog(&mut self) -> &mut Catalog {
        &mut self.catalog
    }

    /// Takes one record of a topic of the catalog, in the order of its partition.
    pub fn see(&mut self, record: &Record<'_>) -> io::Result<()> {
        if let Some(finding) = self.evidence.see(&self.catalog, record)?
            && self.scope.whole_log()
        {
            self.report.add(finding);
        }
        Ok(())
    }

    /// Takes one row of `consent.state.v1`.
    pub fn see_state(&mut self, record: &Record<'_>) -> io::Result<()> {
        if let Some(finding) = self.evidence.see_state(record)? {
            self.report.add(finding);
        }
        Ok(())
    }

    /// Begins a partition of the patient log, once everything route wrote was seen. `changes`: all of the
    /// partition, up to its end.
    pub fn partition(
        &mut self,
        partition: i32,
        bounds: Bounds,
        changes: Changes,
    ) -> io::Result<PartitionProof<'_>> {
        let filed = self.evidence.take(partition)?;
        Ok(PartitionProof::new(self, partition, bounds, filed, changes))
    }

    /// Adds a finding of another part, e.g. of the ledger.
    pub fn add(&mut self, finding: Finding) {
        self.report.add(finding);
    }

    /// The answer.
    pub fn finish(mut self) -> Report {
        self.report.counts.outputs = self.evidence.seen();
        self.report
    }
}
