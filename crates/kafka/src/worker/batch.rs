//! Bookkeeping of the open batch. Pure: counts and times, no broker.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::BatchLimits;
use crate::record::Outbound;

/// Records by topic; asked for each record, and the names are ours.
type ByTopic = HashMap<Arc<str>, u64, foldhash::fast::RandomState>;

/// What was taken and produced since the last commit.
#[derive(Debug, Default)]
pub(super) struct Batch {
    started: Option<Instant>,
    records: usize,
    outbound: usize,
    marked: usize,
    by_partition: BTreeMap<i32, u64>,
    by_topic: ByTopic,
}

impl Batch {
    pub fn is_open(&self) -> bool {
        self.started.is_some()
    }

    pub fn records(&self) -> u64 {
        self.records as u64
    }

    pub fn take(&mut self, partition: i32, now: Instant) {
        self.started.get_or_insert(now);
        self.records += 1;
        *self.by_partition.entry(partition).or_default() += 1;
    }

    pub fn produce(&mut self, outbound: &Outbound) {
        self.outbound += 1;
        self.marked += usize::from(outbound.mark.is_some());
        match self.by_topic.get_mut(&outbound.topic) {
            Some(count) => *count += 1,
            None => drop(self.by_topic.insert(outbound.topic.clone(), 1)),
        }
    }

    /// Records whose places are to be told.
    pub fn marked(&self) -> usize {
        self.marked
    }

    /// The batch must be committed now.
    pub fn is_full(&self, limits: &BatchLimits, now: Instant) -> bool {
        self.records >= limits.records_max
            || self.outbound >= limits.outbound_max
            || self.started.is_some_and(|it| now.duration_since(it) >= limits.linger)
    }

    /// How long to wait for one more record before committing.
    pub fn patience(&self, limits: &BatchLimits, now: Instant) -> Duration {
        let age = self.started.map_or(Duration::ZERO, |it| now.duration_since(it));
        limits.linger.min(limits.brisk).saturating_sub(age).min(limits.idle)
    }

    pub fn by_partition(&self) -> &BTreeMap<i32, u64> {
        &self.by_partition
    }

    pub fn by_topic(&self) -> &ByTopic {
        &self.by_topic
    }

    pub fn clear(&mut self) {
        self.started = None;
        self.records = 0;
        self.outbound = 0;
        self.marked = 0;
        self.by_partition.clear();
        self.by_topic.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BatchLimits = BatchLimits {
        records_max: 3,
        outbound_max: 10,
        linger: Duration::from_millis(100),
        idle: Duration::from_millis(3),
        brisk: Duration::from_millis(20),
    };

    #[track_caller]
    fn check(records: usize, outbound: usize, age_ms: u64, full: bool, patience_ms: u64) {
        let (started, mut it) = (Instant::now(), Batch::default());
        for _ in 0..records {
            it.take(0, started);
        }
        let topic: Arc<str> = "t".into();
        for _ in 0..outbound {
            it.produce(&Outbound::keyed(topic.clone(), [1], [2]));
        }
        let now = started + Duration::from_millis(age_ms);
        assert_eq!(it.is_full(&LIMITS, now), full);
        assert_eq!(it.patience(&LIMITS, now), Duration::from_millis(patience_ms));
        it.clear();
        assert!(!it.is_open() && !it.is_full(&LIMITS, now + LIMITS.linger));
    }

    #[test]
    fn ends_by_records_outbound_or_age() {
        check(1, 0, 0, false, 3);
        check(2, 9, 99, false, 0);
        check(3, 0, 0, true, 3);
        check(1, 10, 0, true, 3);
        check(1, 0, 100, true, 0);
    }

    #[test]
    fn an_older_batch_waits_for_nothing_but_takes_what_is_there() {
        check(1, 0, 17, false, 3);
        check(1, 0, 19, false, 1);
        check(1, 0, 20, false, 0);
        check(2, 9, 60, false, 0);
    }
}
