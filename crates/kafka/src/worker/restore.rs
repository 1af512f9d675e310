//! Restoring state: reads partitions of the compacted state topic from the beginning to the last
//! stable offset, beside the running group, a little at a time.

mod stable;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use self::stable::{Answer, StableWatch, Ticket};
use crate::config::KafkaConfig;
use crate::failure::{Failure, Trouble};
use crate::group::{GroupError, describe};
use crate::quiet::Quiet;

/// Longest wait for the next row before a caller with nothing else to do gets its turn.
const POLL: Duration = Duration::from_millis(5);

pub(super) struct Restorer {
    topic: String,
    consumer: BaseConsumer<Quiet>,
    watch: StableWatch,
    stages: BTreeMap<i32, Stage>,
    tickets: Ticket,
}

struct Stage {
    started: Instant,
    rows: u64,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Until what dead workers left open is finished.
    Waiting(Ticket),
    Reading,
}

/// How much of the loop one turn may take.
pub(super) struct Turn {
    /// About how long.
    pub budget: Duration,
    /// Wait for rows under way: there is nothing else to do.
    pub patient: bool,
}

/// What one turn brought.
#[derive(Default)]
pub(super) struct Turned {
    pub complete: Vec<Restored>,
    /// Waits that have become too long.
    pub late: Vec<Trouble>,
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
    /// `late`: when a wait for an unfinished transaction becomes worth telling.
    pub fn open(
        kafka: &KafkaConfig,
        identity: &str,
        topic: &str,
        late: Duration,
    ) -> Result<Self, Trouble> {
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
            watch: StableWatch::start(kafka, &part, topic, late)?,
            stages: BTreeMap::new(),
            tickets: 0,
        })
    }

    /// Begins with a partition whose committed position is already known.
    pub fn add(&mut self, partition: i32) {
        self.tickets += 1;
        self.watch.wait_for(self.tickets, partition);
        let progress = Progress::Waiting(self.tickets);
        self.stages.insert(partition, Stage { started: Instant::now(), rows: 0, progress });
    }

    /// Forgets a partition that was revoked meanwhile.
    pub fn cancel(&mut self, partition: i32) -> Result<(), Trouble> {
        match self.stages.remove(&partition) {
            Some(Stage { progress: Progress::Reading, .. }) => self.stop_reading(partition),
            Some(_) => {
                self.watch.forget(partition);
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub fn is_idle(&self) -> bool {
        self.stages.is_empty()
    }

    /// Hands rows over for one turn.
    pub fn turn(
        &mut self,
        turn: &Turn,
        mut row: impl FnMut(i32, &[u8], Option<&[u8]>) -> Result<(), Failure>,
    ) -> Result<Turned, RestoreError> {
        let mut turned = Turned { late: self.start_ready()?, ..Turned::default() };
        let deadline = Instant::now() + turn.budget;
        let patience = if turn.patient { POLL } else { Duration::ZERO };
        while Instant::now() < deadline && !self.is_idle() {
            match self.consumer.poll(patience) {
                None if turn.patient && self.is_reading() => {}
                None => break,
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
                    turned.complete.push(Restored { partition, rows, elapsed });
                }
                Some(Err(error)) => match GroupError::of(&error) {
                    GroupError::Passing(_) => {}
                    _ => return Err(RestoreError::Kafka(trouble(&error))),
                },
            }
        }
        Ok(turned)
    }

    fn is_reading(&self) -> bool {
        self.stages.values().any(|it| it.progress == Progress::Reading)
    }

    /// Starts reading what has become stable; returns the waits that take too long.
    fn start_ready(&mut self) -> Result<Vec<Trouble>, Trouble> {
        let (mut ready, mut late) = (TopicPartitionList::new(), Vec::new());
        while let Some(answer) = self.watch.answer() {
            let (ticket, partition, first) = match answer? {
                Answer::Ready { ticket, partition, first } => (ticket, partition, first),
                Answer::Late(trouble) => {
                    late.push(trouble);
                    continue;
                }
            };
            let waits = |it: &&mut Stage| it.progress == Progress::Waiting(ticket);
            let Some(stage) = self.stages.get_mut(&partition).filter(waits) else { continue };
            stage.progress = Progress::Reading;
            // A number starts at once; asking the client for "the beginning" costs half a second.
            ready
                .add_partition_offset(&self.topic, partition, Offset::Offset(first))
                .map_err(|it| trouble(&it))?;
        }
        if ready.count() > 0 {
            self.consumer.incremental_assign(&ready).map_err(|it| trouble(&it))?;
        }
        Ok(late)
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
