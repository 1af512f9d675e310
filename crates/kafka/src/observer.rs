//! Observation from outside: the loops report here, so that stages hold no counters and this crate no
//! metrics library.

use std::time::Duration;

use crate::failure::Trouble;

/// Receives what the loops did. Every method does nothing by default and must return quickly.
pub trait Observer: Send + Sync {
    /// Records taken from a partition in one batch.
    fn consumed(&self, topic: &str, partition: i32, records: u64) {
        let _ = (topic, partition, records);
    }
    /// Records handed to the producer for a topic in one batch (they count only once committed).
    fn produced(&self, topic: &str, records: u64) {
        let _ = (topic, records);
    }
    /// A batch of input records was committed; `commit` is the time from the last send to the end.
    fn committed(&self, records: u64, commit: Duration) {
        let _ = (records, commit);
    }
    /// A batch was rolled back.
    fn aborted(&self, cause: AbortCause) {
        let _ = cause;
    }
    /// A producer was replaced.
    fn producer_recycled(&self, reason: RecycleReason) {
        let _ = reason;
    }
    /// The partition's state was restored from `rows` rows.
    fn restored(&self, partition: i32, rows: u64, elapsed: Duration) {
        let _ = (partition, rows, elapsed);
    }
    /// Records between this group's position and the last stable offset.
    fn lag(&self, topic: &str, partition: i32, records: i64) {
        let _ = (topic, partition, records);
    }
    /// Partitions owned after a rebalance.
    fn owned(&self, partitions: usize) {
        let _ = partitions;
    }
    /// A planned range was written: `retries` is 0 when the first attempt succeeded.
    fn range_written(
        &self,
        topic: &str,
        partition: i32,
        rows: u64,
        elapsed: Duration,
        retries: u32,
    ) {
        let _ = (topic, partition, rows, elapsed, retries);
    }
    /// Trouble the loop overcame; worth a warning in the log.
    fn trouble(&self, trouble: &Trouble) {
        let _ = trouble;
    }
}

/// Why a batch was rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AbortCause {
    /// The processor reported a failure.
    Processor,
    /// A record could not be delivered or the transaction failed.
    Transaction,
    /// The partitions were lost to another worker.
    AssignmentLost,
}

/// Why a producer was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecycleReason {
    /// An error whose effect at the broker is unknown.
    Indefinite,
    /// The commit took so long that a hidden retry may be under way.
    SlowCommit,
    /// The producer was fenced or otherwise unusable.
    Fatal,
}

/// Observes nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {}

impl AbortCause {
    /// Label value.
    pub fn as_str(self) -> &'static str {
        match self {
            AbortCause::Processor => "processor",
            AbortCause::Transaction => "transaction",
            AbortCause::AssignmentLost => "assignment-lost",
        }
    }
}

impl RecycleReason {
    /// Label value.
    pub fn as_str(self) -> &'static str {
        match self {
            RecycleReason::Indefinite => "indefinite",
            RecycleReason::SlowCommit => "slow-commit",
            RecycleReason::Fatal => "fatal",
        }
    }
}
