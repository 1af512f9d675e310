//! The terms of the conservation law, as the ledger of admit and the decisions tell them.

use clickhouse::Row;
use serde::Deserialize;

use crate::failure::QueryError;
use crate::store::Store;

/// What became of all submissions admit has accounted for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Row, Deserialize)]
pub struct LedgerTotals {
    /// Admitted.
    pub admitted: u64,
    /// With nothing new.
    pub unchanged: u64,
    /// Quarantined.
    pub quarantined: u64,
    /// Records appended to the patient log.
    pub appended: u64,
}

/// The ledger of one partition of `ingest.v1`.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct LedgerPartition {
    /// The partition.
    pub partition: u16,
    /// First offset accounted for.
    pub first_offset: u64,
    /// Offset after the last accounted for.
    pub next_offset: u64,
    /// Submissions accounted for: must be `next_offset - first_offset`.
    pub accounted: u64,
}

/// Offsets of a partition that no batch of the ledger covers.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct Gap {
    /// The partition.
    pub partition: u16,
    /// First offset missing (or covered twice).
    pub from_offset: u64,
    /// Where the next batch begins: below `from_offset` when batches overlap.
    pub to_offset: u64,
}

/// Outcomes by kind, and the records they are about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Row, Deserialize)]
pub struct OutcomeTotals {
    /// Records of the patient log with a decision.
    pub decided: u64,
    /// Pairs of a record and an agency that was a candidate for it.
    pub candidates: u64,
    /// Candidates the event was delivered to.
    pub delivered: u64,
    /// Candidates it was withheld from.
    pub withheld: u64,
    /// Former holders that received a retraction.
    pub retracted: u64,
}

impl Store {
    /// Totals of the ledger of admit.
    pub async fn ledger_totals(&self) -> Result<LedgerTotals, QueryError> {
        let sql = "SELECT sum(admitted) AS admitted, sum(unchanged) AS unchanged, \
                   sum(quarantined) AS quarantined, sum(appended) AS appended FROM admission FINAL";
        self.one("ledger totals", sql).await
    }

    /// How far the ledger reaches, by partition of `ingest.v1`.
    pub async fn ledger_partitions(&self) -> Result<Vec<LedgerPartition>, QueryError> {
        let sql = "SELECT ingest_partition AS partition, min(first_offset) AS first_offset, \
                   max(next_offset) AS next_offset, \
                   sum(admitted + unchanged + quarantined) AS accounted \
                   FROM admission FINAL GROUP BY ingest_partition ORDER BY ingest_partition";
        self.rows("ledger by partition", self.read(sql)).await
    }

    /// The first places, in order, where a batch does not begin where the one before it ended.
    pub async fn ledger_gaps(&self, limit: u32) -> Result<Vec<Gap>, QueryError> {
        let sql = "SELECT partition, from_offset, to_offset FROM ( \
                   SELECT ingest_partition AS partition, first_offset AS to_offset, \
                   lagInFrame(next_offset, 1, first_offset) OVER ( \
                     PARTITION BY ingest_partition ORDER BY first_offset \
                     ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS from_offset \
                   FROM (SELECT DISTINCT ingest_partition, first_offset, next_offset \
                         FROM admission FINAL)) \
                   WHERE from_offset != to_offset ORDER BY partition, to_offset LIMIT ?";
        self.rows("gaps of the ledger", self.read(sql).bind(limit)).await
    }

    /// Totals of all decisions.
    pub async fn outcome_totals(&self) -> Result<OutcomeTotals, QueryError> {
        let sql = "SELECT uniqExact(log_partition, log_offset) AS decided, \
                   uniqExactIf((log_partition, log_offset, agency), \
                     kind NOT IN ('no-candidate', 'retracted')) AS candidates, \
                   countIf(kind = 'delivered') AS delivered, countIf(kind = 'withheld') AS withheld, \
                   countIf(kind = 'retracted') AS retracted FROM decision FINAL";
        self.one("outcome totals", sql).await
    }
}
