//! What the loops of `saphan-kafka` report, as metrics and log lines.

use std::sync::Arc;
use std::time::Duration;

use saphan_kafka::{AbortCause, Observer, RecycleReason, Trouble};

use super::{Metrics, gauge};
use crate::admin::Latch;

/// Observes one worker of one role.
#[derive(Clone, Debug)]
pub struct LoopMetrics {
    metrics: Metrics,
    role: &'static str,
    worker: Arc<str>,
    joined: Option<Latch>,
}

impl LoopMetrics {
    pub(super) fn new(metrics: Metrics, role: &'static str, worker: u32) -> Self {
        Self { metrics, role, worker: worker.to_string().into(), joined: None }
    }

    /// Sets `latch` once the worker has joined its group.
    #[must_use]
    pub fn joining(self, latch: Latch) -> Self {
        Self { joined: Some(latch), ..self }
    }
}

impl Observer for LoopMetrics {
    fn consumed(&self, topic: &str, _partition: i32, records: u64) {
        let labels = [self.role, topic];
        self.metrics.families().loop_consumed.with_label_values(&labels).inc_by(records);
    }

    fn produced(&self, topic: &str, records: u64) {
        let labels = [self.role, topic];
        self.metrics.families().loop_produced.with_label_values(&labels).inc_by(records);
    }

    fn committed(&self, records: u64, commit: Duration) {
        let (families, role) = (self.metrics.families(), [self.role]);
        families.loop_committed.with_label_values(&role).inc_by(records);
        let records = u32::try_from(records).map_or(f64::MAX, f64::from);
        families.loop_batch.with_label_values(&role).observe(records);
        families.loop_commit_seconds.with_label_values(&role).observe(commit.as_secs_f64());
    }

    fn aborted(&self, cause: AbortCause) {
        self.metrics.families().loop_aborts.with_label_values(&[self.role, cause.as_str()]).inc();
        tracing::warn!(role = self.role, cause = cause.as_str(), "batch rolled back");
    }

    fn producer_recycled(&self, reason: RecycleReason) {
        let labels = [self.role, reason.as_str()];
        self.metrics.families().loop_recycled.with_label_values(&labels).inc();
        tracing::warn!(role = self.role, reason = reason.as_str(), "producer replaced");
    }

    fn restored(&self, partition: i32, rows: u64, elapsed: Duration) {
        let (families, role) = (self.metrics.families(), [self.role]);
        families.loop_restored.with_label_values(&role).inc_by(rows);
        families.loop_restore_seconds.with_label_values(&role).observe(elapsed.as_secs_f64());
        tracing::info!(role = self.role, partition, rows, "state restored");
    }

    fn lag(&self, topic: &str, partition: i32, records: i64) {
        let partition = partition.to_string();
        let labels = [self.role, topic, partition.as_str()];
        self.metrics.families().loop_lag.with_label_values(&labels).set(records);
    }

    fn owned(&self, partitions: usize) {
        let owned = gauge(u64::try_from(partitions).unwrap_or(u64::MAX));
        let labels = [self.role, &*self.worker];
        self.metrics.families().loop_owned.with_label_values(&labels).set(owned);
        if let Some(latch) = &self.joined {
            latch.set(true);
        }
        tracing::info!(role = self.role, worker = &*self.worker, partitions, "partitions assigned");
    }

    fn range_written(
        &self,
        topic: &str,
        _partition: i32,
        rows: u64,
        elapsed: Duration,
        retries: u32,
    ) {
        let (families, sink) = (self.metrics.families(), [self.role]);
        families.sink_records.with_label_values(&[self.role, topic]).inc_by(rows);
        families.sink_seconds.with_label_values(&sink).observe(elapsed.as_secs_f64());
        families.sink_retries.with_label_values(&sink).inc_by(u64::from(retries));
    }

    fn trouble(&self, trouble: &Trouble) {
        let labels = [self.role, trouble.code];
        self.metrics.families().loop_trouble.with_label_values(&labels).inc();
        tracing::warn!(role = self.role, code = trouble.code, reason = trouble.reason, "trouble");
    }
}
