//! The member itself: polling and the answers to what a poll brought.

use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

use super::context::{GroupContext, Lag, Rebalance};
use super::watch::CoverageWatch;
use super::{GroupError, LogEvent, Place, Start, describe, left};
use crate::config::KafkaConfig;
use crate::failure::Trouble;

/// Most the client fetches ahead: records, some batches of them, and kilobytes, where records are large. A record
/// waiting costs as much again as its bytes.
const QUEUED_RECORDS: &str = "20000";
const QUEUED_KBYTES: &str = "32768";
/// A member learns of a rebalance by its next heartbeat: partitions change hands in a few of these.
const HEARTBEAT_MOST: Duration = Duration::from_secs(1);
/// One attempt to read committed positions.
const COMMITTED_TIMEOUT: Duration = Duration::from_secs(5);
const SEEK_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a leaving member is polled, so that the client gives its partitions up and says so.
const LEAVING: Duration = Duration::from_secs(1);

pub(crate) struct MemberConfig<'a> {
    pub group: &'a str,
    /// `group.instance.id`: a restarted member gets its partitions back without a rebalance.
    pub identity: &'a str,
    pub topics: &'a [&'a str],
    pub session_timeout: Duration,
    pub poll_interval_max: Duration,
}

pub(crate) struct Member {
    consumer: BaseConsumer<GroupContext>,
    committed_deadline: Duration,
    watch: CoverageWatch,
}

/// What the group committed for a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Committed {
    pub place: Place,
    /// Next offset to read; `None` when nothing was ever committed.
    pub next: Option<i64>,
    pub metadata: String,
}

impl Member {
    pub fn join(kafka: &KafkaConfig, config: &MemberConfig<'_>) -> Result<Self, GroupError> {
        let heartbeat = (config.session_timeout / 5).min(HEARTBEAT_MOST);
        let mut it = kafka.client(config.identity);
        it.set("group.id", config.group)
            .set("group.instance.id", config.identity)
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            // A committed position that is gone must stop the loop, never jump.
            .set("auto.offset.reset", "error")
            .set("session.timeout.ms", config.session_timeout.as_millis().to_string())
            .set("heartbeat.interval.ms", heartbeat.as_millis().to_string())
            .set("max.poll.interval.ms", config.poll_interval_max.as_millis().to_string())
            // The fetcher sleeps this long when its queue is full; the default of 1 s halves throughput.
            .set("fetch.queue.backoff.ms", "2")
            .set("queued.min.messages", QUEUED_RECORDS)
            .set("queued.max.messages.kbytes", QUEUED_KBYTES)
            .set("statistics.interval.ms", "5000");
        let consumer: BaseConsumer<GroupContext> =
            it.create_with_context(GroupContext::default()).map_err(broken)?;
        consumer.subscribe(config.topics).map_err(broken)?;
        let every = config.session_timeout / 2;
        let watch =
            CoverageWatch::start(kafka, config.identity, config.group, config.topics, every)
                .map_err(GroupError::Broken)?;
        let committed_deadline = config.poll_interval_max.mul_f64(0.75);
        Ok(Self { consumer, committed_deadline, watch })
    }

    /// Waits for at most `timeout` (in whole milliseconds) for the next event.
    pub fn poll(&self, timeout: Duration) -> LogEvent<'_> {
        if let Some(event) = self.rebalance() {
            return event;
        }
        if self.watch.stranded() {
            return LogEvent::Error(GroupError::Stranded);
        }
        match self.consumer.poll(timeout) {
            Some(Ok(message)) => LogEvent::Record(message),
            Some(Err(error)) => LogEvent::Error(GroupError::of(&error)),
            None => self.rebalance().unwrap_or(LogEvent::Idle),
        }
    }

    fn rebalance(&self) -> Option<LogEvent<'static>> {
        self.consumer.context().next_rebalance().map(|it| match it {
            Rebalance::Assigned(places) => LogEvent::Assigned(places),
            Rebalance::Revoked { places, lost } => LogEvent::Revoked { places, lost },
        })
    }

    /// Accepts offered partitions and starts fetching at the given positions.
    pub fn take(&self, starts: &[(Place, Start)]) -> Result<(), GroupError> {
        self.consumer.incremental_assign(&list(starts)?).map_err(broken)
    }

    /// Gives revoked partitions up; from here on nothing of them may be committed.
    pub fn release(&self, places: &[Place]) -> Result<(), GroupError> {
        self.consumer.incremental_unassign(&plain(places)).map_err(broken)
    }

    /// Stops fetching. Records already fetched are dropped and fetched again after `resume`.
    pub fn pause(&self, places: &[Place]) -> Result<(), GroupError> {
        self.consumer.pause(&plain(places)).map_err(broken)
    }

    pub fn resume(&self, places: &[Place]) -> Result<(), GroupError> {
        self.consumer.resume(&plain(places)).map_err(broken)
    }

    /// Moves owned partitions; records already fetched from them are dropped.
    pub fn seek(&self, starts: &[(Place, Start)]) -> Result<(), GroupError> {
        if starts.is_empty() {
            return Ok(());
        }
        let done = self.consumer.seek_partitions(list(starts)?, SEEK_TIMEOUT).map_err(broken)?;
        done.elements().iter().try_for_each(|it| it.error()).map_err(broken)
    }

    /// Committed positions. Waits for transactions under way, so that what is read cannot change any
    /// more by a predecessor's hand.
    pub fn committed(&self, places: &[Place]) -> Result<Vec<Committed>, GroupError> {
        let deadline = Instant::now() + self.committed_deadline;
        loop {
            match self
                .consumer
                .committed_offsets(plain(places), COMMITTED_TIMEOUT.min(left(deadline)))
            {
                Ok(list) if list.elements().iter().all(|it| it.error().is_ok()) => {
                    return Ok(committed(&list));
                }
                Ok(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(100)),
                Err(error) if Instant::now() < deadline && passing(&error) => {
                    thread::sleep(Duration::from_millis(100));
                }
                Ok(list) => {
                    let error = list.elements().iter().find_map(|it| it.error().err());
                    let text = error.map_or_else(String::new, |it| describe(&it));
                    return Err(GroupError::Broken(Trouble::new("SP-1501", text)));
                }
                Err(error) => return Err(broken(error)),
            }
        }
    }

    /// Commits one position with metadata and waits for the coordinator's answer.
    pub fn commit(&self, place: &Place, next: i64, metadata: &str) -> Result<(), GroupError> {
        let mut list = TopicPartitionList::with_capacity(1);
        let mut element = list.add_partition(&place.topic, place.partition);
        element.set_offset(Offset::Offset(next)).map_err(broken)?;
        if !metadata.is_empty() {
            element.set_metadata(metadata);
        }
        self.consumer.commit(&list, CommitMode::Sync).map_err(|error| {
            use RDKafkaErrorCode as Code;
            match error.rdkafka_error_code() {
                Some(Code::FencedInstanceId) => GroupError::Fenced,
                _ => GroupError::Passing(Trouble::new("SP-1501", describe(&error))),
            }
        })
    }

    /// Proof of membership for a transaction, as of now.
    pub fn metadata(&self) -> Result<ConsumerGroupMetadata, GroupError> {
        self.consumer.group_metadata().ok_or_else(|| {
            GroupError::Broken(Trouble::new("SP-1501", "the consumer has no group metadata"))
        })
    }

    /// Ends of partitions learnt since the last call.
    pub fn lags(&self) -> Vec<Lag> {
        self.consumer.context().take_lags()
    }

    /// Leaves without giving the partitions to others at once: a restart with the same identity within
    /// the session timeout gets them back. Only a stranded member gives them up. Returns false when the
    /// client did not close in time; it is then left to the end of the process.
    pub fn close(self, timeout: Duration) -> bool {
        self.consumer.context().close();
        let (done, wait) = sync_channel(1);
        let closing = thread::Builder::new().name("kafka-close".to_owned()).spawn(move || {
            if self.watch.stranded() {
                self.leave();
            }
            drop(self.consumer);
            let _ = done.send(());
        });
        closing.is_ok() && wait.recv_timeout(timeout).is_ok()
    }

    /// A static member says good-bye only when it ends its subscription, not when it closes.
    fn leave(&self) {
        self.consumer.unsubscribe();
        let deadline = Instant::now() + LEAVING;
        while Instant::now() < deadline {
            _ = self.consumer.poll(Duration::from_millis(50));
        }
    }
}

fn broken(error: KafkaError) -> GroupError {
    match GroupError::of(&error) {
        GroupError::Passing(trouble) => GroupError::Broken(trouble),
        other => other,
    }
}

fn passing(error: &KafkaError) -> bool {
    matches!(GroupError::of(error), GroupError::Passing(_))
}

fn plain(places: &[Place]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(places.len());
    for place in places {
        list.add_partition(&place.topic, place.partition);
    }
    list
}

fn list(starts: &[(Place, Start)]) -> Result<TopicPartitionList, GroupError> {
    let mut list = TopicPartitionList::with_capacity(starts.len());
    for (place, start) in starts {
        let offset = match start {
            Start::Offset(it) => Offset::Offset(*it),
            Start::Beginning => Offset::Beginning,
        };
        list.add_partition_offset(&place.topic, place.partition, offset).map_err(broken)?;
    }
    Ok(list)
}

fn committed(list: &TopicPartitionList) -> Vec<Committed> {
    list.elements()
        .iter()
        .map(|it| Committed {
            place: Place { topic: it.topic().to_owned(), partition: it.partition() },
            next: match it.offset() {
                Offset::Offset(next) => Some(next),
                _ => None,
            },
            metadata: it.metadata().to_owned(),
        })
        .collect()
}
