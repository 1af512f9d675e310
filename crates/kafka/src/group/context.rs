//! Callbacks of a group member, queued for the loop. Owns nothing else.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::ClientContext;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaRespErr;
use serde::Deserialize;

use super::Place;

/// Runs on the polling thread, inside `poll`; only queues, so no lock is held while a loop works.
#[derive(Default)]
pub(crate) struct GroupContext {
    rebalances: Mutex<VecDeque<Rebalance>>,
    lags: Mutex<Vec<Lag>>,
    closing: AtomicBool,
}

pub(super) enum Rebalance {
    Assigned(Vec<Place>),
    Revoked { places: Vec<Place>, lost: bool },
}

/// Last known end of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lag {
    pub place: Place,
    /// Last stable offset.
    pub end: i64,
    /// Nothing is buffered and the fetcher stands at the end: only markers are left.
    pub drained: bool,
}

impl GroupContext {
    pub fn next_rebalance(&self) -> Option<Rebalance> {
        lock(&self.rebalances).pop_front()
    }

    pub fn take_lags(&self) -> Vec<Lag> {
        std::mem::take(&mut lock(&self.lags))
    }

    /// From now on partitions are given up without asking: the member is being destroyed.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }
}

impl ClientContext for GroupContext {
    fn error(&self, _: KafkaError, _: &str) {} // the same error also comes out of `poll`

    fn stats_raw(&self, statistics: &[u8]) {
        if let Ok(statistics) = serde_json::from_slice::<Statistics>(statistics) {
            *lock(&self.lags) = statistics.lags();
        }
    }
}

impl ConsumerContext for GroupContext {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        err: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let places = list
            .elements()
            .iter()
            .map(|it| Place { topic: it.topic().to_owned(), partition: it.partition() })
            .collect();
        let assigned = err == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.closing.load(Ordering::SeqCst) {
            // An offer during closing is declined by unassigning nothing; a revocation is answered.
            let _ = if assigned {
                consumer.incremental_assign(&TopicPartitionList::new())
            } else {
                consumer.incremental_unassign(list)
            };
            return;
        }
        lock(&self.rebalances).push_back(if assigned {
            Rebalance::Assigned(places)
        } else {
            Rebalance::Revoked { places, lost: consumer.assignment_lost() }
        });
    }
}

/// The part of librdkafka's statistics that tells how far a partition is read.
#[derive(Deserialize)]
struct Statistics {
    topics: HashMap<String, TopicStatistics>,
}

#[derive(Deserialize)]
struct TopicStatistics {
    partitions: HashMap<String, PartitionStatistics>,
}

#[derive(Deserialize)]
struct PartitionStatistics {
    partition: i32,
    fetchq_cnt: i64,
    next_offset: i64,
    ls_offset: i64,
}

impl Statistics {
    fn lags(self) -> Vec<Lag> {
        let mut lags = Vec::new();
        for (topic, it) in self.topics {
            for it in it.partitions.into_values().filter(|it| it.partition >= 0) {
                lags.push(Lag {
                    place: Place { topic: topic.clone(), partition: it.partition },
                    end: it.ls_offset,
                    drained: it.fetchq_cnt == 0 && it.next_offset >= it.ls_offset,
                });
            }
        }
        lags
    }
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_is_read_from_the_statistics_librdkafka_writes() {
        let json = br#"{"name":"x","topics":{"t":{"topic":"t","partitions":{
            "-1":{"partition":-1,"fetchq_cnt":0,"next_offset":0,"ls_offset":-1001},
            "3":{"partition":3,"fetchq_cnt":0,"next_offset":12,"ls_offset":12,"extra":1}}}}}"#;
        let statistics: Statistics = serde_json::from_slice(json).unwrap();
        let place = Place { topic: "t".to_owned(), partition: 3 };
        assert_eq!(statistics.lags(), [Lag { place, end: 12, drained: true }]);
    }
}
