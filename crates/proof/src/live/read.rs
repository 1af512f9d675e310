//! Reading a topic so that nothing committed before the call is left out.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use saphan_kafka::{Admin, Reader, Record};
use saphan_model::Timestamp;

use super::LiveError;

/// An open transaction ends or is aborted by the broker within a minute; longer is a fault.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// Clients to read with.
pub(super) struct Topics {
    pub(super) admin: Admin,
    pub(super) committed: Reader,
    pub(super) everything: Reader,
}

/// A topic that was read.
pub(super) struct Read {
    /// Is every record since the beginning still there?
    pub(super) whole: bool,
    /// By partition: everything appended at or after this instant is still there.
    pub(super) horizons: Vec<Timestamp>,
}

impl Topics {
    /// Reads all partitions of a topic to their ends.
    pub(super) fn read(
        &self,
        topic: &str,
        mut visit: impl FnMut(&Record<'_>),
    ) -> Result<Read, LiveError> {
        let (mut truncated, mut empty) = (BTreeMap::new(), true);
        let partitions = self.partitions(topic)?;
        for partition in partitions.clone() {
            let bounds = self.settle(topic, partition)?;
            empty &= bounds.0 >= bounds.1;
            if bounds.0 > 0 {
                truncated.insert(partition, None);
            }
        }
        if !empty {
            self.committed.read_to_end(topic, |record| {
                if let Some(oldest) = truncated.get_mut(&record.partition) {
                    oldest.get_or_insert(record.append_time_ms);
                }
                visit(record);
            })?;
        }
        let horizon = |partition: i32| match truncated.get(&partition) {
            None => i64::MIN,
            // What lost records and holds none says nothing about any instant.
            Some(oldest) => oldest.unwrap_or(i64::MAX),
        };
        let horizons = partitions.map(|it| Timestamp(horizon(it))).collect();
        Ok(Read { whole: truncated.is_empty(), horizons })
    }

    /// Reads one partition to its end; the number of records.
    pub(super) fn read_partition(
        &self,
        topic: &str,
        partition: i32,
        visit: impl FnMut(&Record<'_>),
    ) -> Result<u64, LiveError> {
        let (first, end) = self.settle(topic, partition)?;
        if first >= end {
            return Ok(0);
        }
        Ok(self.committed.read_range(topic, partition, first, end - 1, visit)?)
    }

    /// Number of records in a range of a partition.
    pub(super) fn count(
        &self,
        topic: &str,
        partition: i32,
        first: i64,
        next: i64,
    ) -> Result<i64, LiveError> {
        let bounds = self.committed.bounds(topic, partition)?;
        let (first, next) = (first.max(bounds.first), next.min(bounds.end));
        if first >= next {
            return Ok(0);
        }
        let records = self.committed.read_range(topic, partition, first, next - 1, |_| {})?;
        Ok(i64::try_from(records).unwrap_or(i64::MAX))
    }

    pub(super) fn partitions(&self, topic: &str) -> Result<std::ops::Range<i32>, LiveError> {
        Ok(0..i32::try_from(self.committed.partitions(topic)?).unwrap_or(i32::MAX))
    }

    /// Waits until everything that stands in the partition now can be read; its first offset and its end.
    pub(super) fn settle(&self, topic: &str, partition: i32) -> Result<(i64, i64), LiveError> {
        let all = self.everything.bounds(topic, partition)?;
        let started = Instant::now();
        while self.committed.bounds(topic, partition)?.end < all.end {
            if started.elapsed() > PATIENCE {
                return Err(LiveError::Open { topic: topic.to_owned(), partition });
            }
            thread::sleep(PAUSE);
        }
        Ok((all.first, all.end))
    }
}
