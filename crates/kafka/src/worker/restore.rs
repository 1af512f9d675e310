//! Restoring state: reads partitions of the compacted state topic from the beginning to the last
//! stable offset, beside the running group, a little at a time.
//!
//! A predecessor may have died with a transaction open, or its commit may not have reached this topic
//! yet although its positions are already visible. So the high watermark is taken *after* the committed
//! positions, and reading begins only once the last stable offset has passed it: the end-of-partition
//! event is raised at the last stable offset and would otherwise come too early.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use crate::config::KafkaConfig;
use crate::failure::{Failure, Trouble};
use crate::group::{GroupError, describe};
use crate::probe::{Isolation, Probe};
use crate::quiet::Quiet;

/// Longest wait for the next row before the caller gets its turn.
const POLL: Duration = Duration::from_millis(5);
/// Pause between two looks at a last stable offset that has not moved far enough.
const RECHECK: Duration = Duration::from_millis(200);

pub(super) struct Restorer {
    topic: String,
    consumer: BaseConsumer<Quiet>,
    stable: Probe,
    all: Probe,
    stages: BTreeMap<i32, Stage>,
}

struct Stage {
    started: Instant,
    rows: u64,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Until the last stable offset has reached `high`; `None` when not yet asked.
    Waiting {
        high: Option<i64>,
        again_at: Instant,
    },
    Reading,
}

/// A partition whose rows were all seen.
pub(super) struct Restored {
    pub partition: i32,
    pub rows: u64,
    pub elapsed: Duration,
}

pub(super) enum RestoreError {
    Kafka(Trouble),
    Processor(Failure),
}

impl Restorer {
    pub fn open(kafka: &KafkaConfig, identity: &str, topic: &str) -> Result<Self, Trouble> {
        let part = format!("{identity}-restore");
        let consumer = kafka
            .client(&part)
            .set("group.id", &part) // required by the client, never joined nor committed
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            // Should the log's start move meanwhile, its new start is right: the last row of a key counts.
            .set("auto.offset.reset", "earliest")
            .set("fetch.queue.backoff.ms", "2")
            .set("fetch.wait.max.ms", "10") // the end of an empty partition is told after this long
            .set("queued.max.messages.kbytes", "16384")
            .create_with_context(Quiet)
            .map_err(|it| trouble(&it))?;
        Ok(Self {
            topic: topic.to_owned(),
            consumer,
            stable: Probe::open(kafka, &format!("{part}-stable"), Isolation::Committed)?,
            all: Probe::open(kafka, &format!("{part}-all"), Isolation::Uncommitted)?,
            stages: BTreeMap::new(),
        })
    }

    /// Begins with a partition whose committed position is already known.
    pub fn add(&mut self, partition: i32) {
        let started = Instant::now();
        let progress = Progress::Waiting { high: None, again_at: started };
        self.stages.insert(partition, Stage { started, rows: 0, progress });
    }

    /// Forgets a partition that was revoked meanwhile.
    pub fn cancel(&mut self, partition: i32) -> Result<(), Trouble> {
        match self.stages.remove(&partition) {
            Some(Stage { progress: Progress::Reading, .. }) => self.stop_reading(partition),
            _ => Ok(()),
        }
    }

    pub fn is_idle(&self) -> bool {
        self.stages.is_empty()
    }

    /// Works for about `budget` and returns the partitions that became complete.
    pub fn tick(
        &mut self,
        budget: Duration,
        mut row: impl FnMut(i32, &[u8], Option<&[u8]>) -> Result<(), Failure>,
    ) -> Result<Vec<Restored>, RestoreError> {
        self.start_ready()?;
        let deadline = Instant::now() + budget;
        let mut complete = Vec::new();
        while Instant::now() < deadline && !self.is_idle() {
            match self.consumer.poll(POLL) {
                None => {
                    if !self.stages.values().any(|it| it.progress == Progress::Reading) {
                        break; // nothing to read before the next look at the offsets
                    }
                }
                Some(Ok(message)) => {
                    let partition = message.partition();
                    let Some(stage) = self.stages.get_mut(&partition) else { continue };
                    stage.rows += 1;
                    let key = message.key().unwrap_or_default();
                    row(partition, key, message.payload()).map_err(RestoreError::Processor)?;
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    let Some(stage) = self.stages.remove(&partition) else { continue };
                    self.stop_reading(partition)?;
                    let (rows, elapsed) = (stage.rows, stage.started.elapsed());
                    complete.push(Restored { partition, rows, elapsed });
                }
                Some(Err(error)) => match GroupError::of(&error) {
                    GroupError::Passing(_) => {}
                    _ => return Err(RestoreError::Kafka(trouble(&error))),
                },
            }
        }
        Ok(complete)
    }

    fn start_ready(&mut self) -> Result<(), RestoreError> {
        let mut ready = TopicPartitionList::new();
        for (partition, stage) in &mut self.stages {
            let Progress::Waiting { high, again_at } = stage.progress else { continue };
            if Instant::now() < again_at {
                continue;
            }
            let high = match high {
                Some(high) => high,
                None => self.all.end(&self.topic, *partition)?,
            };
            let (first, stable) = self.stable.bounds(&self.topic, *partition)?;
            if stable >= high {
                // A number starts at once; asking the client for "the beginning" costs half a second.
                ready
                    .add_partition_offset(&self.topic, *partition, Offset::Offset(first))
                    .map_err(|it| trouble(&it))?;
                stage.progress = Progress::Reading;
            } else {
                let again_at = Instant::now() + RECHECK;
                stage.progress = Progress::Waiting { high: Some(high), again_at };
            }
        }
        if ready.count() > 0 {
            self.consumer.incremental_assign(&ready).map_err(|it| trouble(&it))?;
        }
        Ok(())
    }

    fn stop_reading(&self, partition: i32) -> Result<(), Trouble> {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, partition);
        self.consumer.incremental_unassign(&list).map_err(|it| trouble(&it))
    }
}

impl From<Trouble> for RestoreError {
    fn from(trouble: Trouble) -> Self {
        RestoreError::Kafka(trouble)
    }
}

fn trouble(error: &KafkaError) -> Trouble {
    Trouble::new("SP-1508", describe(error))
}
