//! Reading without a group: whole topics, ranges, tails. For checks, audits, tests and overlays;
//! commits nothing and disturbs nobody.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Message, Offset, TopicPartitionList};

use crate::config::KafkaConfig;
use crate::failure::Trouble;
use crate::group::{GroupError, describe};
use crate::probe::{Isolation, Probe};
use crate::quiet::Quiet;
use crate::record::Record;
use crate::shutdown::Shutdown;

/// A bounded read that brings nothing for this long has failed.
const STALLED: Duration = Duration::from_secs(30);
const METADATA: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(100);

/// Reads topics; one read at a time.
pub struct Reader {
    consumer: BaseConsumer<Quiet>,
    probe: Probe,
}

/// Where a tail starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TailFrom {
    /// The oldest record of every partition.
    Beginning,
    /// Records appended after the call.
    End,
}

/// What a tail brings.
#[derive(Debug)]
pub enum Tail<'a> {
    /// A record.
    Record(Record<'a>),
    /// Every partition was read to its end as of now. Comes again whenever an end was reached again, also
    /// when nothing but an aborted transaction stood before it.
    CaughtUp,
}

/// First offset and the offset after the last record of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Offset of the oldest record that can still be read.
    pub first: i64,
    /// Offset after the last record: last stable offset or high watermark, by isolation.
    pub end: i64,
}

impl Reader {
    /// Creates a reader; `part` distinguishes it from other clients of this process.
    pub fn new(kafka: &KafkaConfig, part: &str, isolation: Isolation) -> Result<Self, Trouble> {
        let consumer = kafka
            .client(part)
            .set("group.id", format!("{}-{part}", kafka.client_id)) // never joined nor committed
            .set("isolation.level", isolation.as_str())
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error")
            .set("fetch.queue.backoff.ms", "2")
            .set("fetch.wait.max.ms", "50") // the end of a partition is told after this long
            .set("queued.max.messages.kbytes", "32768")
            .create_with_context(Quiet)
            .map_err(|it| trouble(&it))?;
        Ok(Self { consumer, probe: Probe::open(kafka, &format!("{part}-probe"), isolation)? })
    }

    /// Number of partitions of `topic`.
    pub fn partitions(&self, topic: &str) -> Result<usize, Trouble> {
        self.probe.partitions(topic)
    }

    /// Bounds of one partition as of now.
    pub fn bounds(&self, topic: &str, partition: i32) -> Result<Bounds, Trouble> {
        self.probe.bounds(topic, partition).map(|(first, end)| Bounds { first, end })
    }

    /// Reads every partition of `topic` from its beginning to its end, partitions interleaved, each in
    /// order. Returns the number of records.
    pub fn read_to_end(
        &self,
        topic: &str,
        mut visit: impl FnMut(&Record<'_>),
    ) -> Result<u64, Trouble> {
        let written = self.written(topic)?;
        if written.is_empty() {
            return Ok(0);
        }
        let open = self.assign(topic, &written)?;
        self.read(topic, open, None, |it| {
            visit(it);
            ControlFlow::Continue(())
        })
    }

    /// Reads the records of one partition with `first <= offset <= last`, in order; ends early at the
    /// end of the partition. A `first` that is no longer in the log is trouble. Returns their number.
    pub fn read_range(
        &self,
        topic: &str,
        partition: i32,
        first: i64,
        last: i64,
        mut visit: impl FnMut(&Record<'_>),
    ) -> Result<u64, Trouble> {
        let open = self.assign(topic, &[(partition, first)])?;
        self.read(topic, open, Some(last), |it| {
            if it.offset <= last {
                visit(it);
            }
            ControlFlow::Continue(())
        })
    }

    /// Follows every partition of `topic` until `shutdown` is requested or `visit` breaks. Passing
    /// trouble is waited out.
    pub fn tail(
        &self,
        topic: &str,
        from: TailFrom,
        shutdown: &Shutdown,
        mut visit: impl FnMut(Tail<'_>) -> ControlFlow<()>,
    ) -> Result<(), Trouble> {
        let all = self.begin(topic, from)?;
        let mut behind = all.clone();
        while !shutdown.requested() {
            let flow = match self.consumer.poll(POLL) {
                None => ControlFlow::Continue(()),
                Some(Ok(message)) => {
                    behind.insert(message.partition());
                    visit(Tail::Record(Record::from_message(&message)))
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    behind.remove(&partition);
                    if behind.is_empty() {
                        visit(Tail::CaughtUp)
                    } else {
                        ControlFlow::Continue(())
                    }
                }
                Some(Err(error)) => match GroupError::of(&error) {
                    GroupError::Passing(_) => ControlFlow::Continue(()),
                    _ => return Err(trouble(&error)),
                },
            };
            if flow.is_break() {
                break;
            }
        }
        self.consumer.unassign().map_err(|it| trouble(&it))
    }

    fn begin(&self, topic: &str, from: TailFrom) -> Result<BTreeSet<i32>, Trouble> {
        let starts = self.all_bounds(topic)?.into_iter().map(|(partition, bounds)| match from {
            TailFrom::Beginning => (partition, bounds.first),
            TailFrom::End => (partition, bounds.end),
        });
        self.assign(topic, &starts.collect::<Vec<_>>())
    }

    /// First offsets of the partitions that hold something: the end of an empty one is told late.
    fn written(&self, topic: &str) -> Result<Vec<(i32, i64)>, Trouble> {
        let all = self.all_bounds(topic)?.into_iter();
        Ok(all.filter(|it| it.1.first < it.1.end).map(|it| (it.0, it.1.first)).collect())
    }

    fn all_bounds(&self, topic: &str) -> Result<Vec<(i32, Bounds)>, Trouble> {
        let count = i32::try_from(self.partitions(topic)?).unwrap_or(i32::MAX);
        let places: Vec<_> = (0..count).map(|it| (topic, it)).collect();
        let bounds = self.probe.many_bounds(&places)?.into_iter();
        Ok((0..).zip(bounds.map(|(first, end)| Bounds { first, end })).collect())
    }

    /// Positions are given as numbers: asking the client for "the beginning" costs half a second.
    fn assign(&self, topic: &str, starts: &[(i32, i64)]) -> Result<BTreeSet<i32>, Trouble> {
        let mut list = TopicPartitionList::with_capacity(starts.len());
        for (partition, offset) in starts {
            list.add_partition_offset(topic, *partition, Offset::Offset(*offset))
                .map_err(|it| trouble(&it))?;
        }
        // A topic this client has not met would wait for the next turn of its own look-up: a second.
        self.consumer.fetch_metadata(Some(topic), METADATA).map_err(|it| trouble(&it))?;
        self.consumer.assign(&list).map_err(|it| trouble(&it))?;
        Ok(starts.iter().map(|it| it.0).collect())
    }

    /// Reads until every partition in `open` has reached its end or passed `last`.
    fn read(
        &self,
        topic: &str,
        mut open: BTreeSet<i32>,
        last: Option<i64>,
        mut visit: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<u64, Trouble> {
        let (mut records, mut progress) = (0, Instant::now());
        while !open.is_empty() {
            match self.consumer.poll(POLL) {
                None if progress.elapsed() > STALLED => {
                    let text = format!("reading topic {topic} brought nothing for {STALLED:?}");
                    return Err(Trouble::new("SP-1513", text));
                }
                None => continue,
                Some(Ok(message)) => {
                    let record = Record::from_message(&message);
                    if !open.contains(&record.partition) {
                        continue;
                    }
                    if last.is_none_or(|it| record.offset <= it) {
                        records += 1;
                        if visit(&record).is_break() {
                            break;
                        }
                    }
                    if last.is_some_and(|it| record.offset >= it) {
                        open.remove(&record.partition);
                    }
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.remove(&partition);
                }
                Some(Err(error)) => match GroupError::of(&error) {
                    GroupError::Passing(_) => continue,
                    GroupError::PositionMissing => {
                        let text = format!("the first record asked of topic {topic} is gone");
                        return Err(Trouble::new("SP-1513", text));
                    }
                    _ => return Err(trouble(&error)),
                },
            }
            progress = Instant::now();
        }
        self.consumer.unassign().map_err(|it| trouble(&it))?;
        Ok(records)
    }
}

fn trouble(error: &KafkaError) -> Trouble {
    Trouble::new("SP-1513", describe(error))
}
