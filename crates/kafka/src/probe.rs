//! Questions to the brokers that need no group: partition counts and ends of partitions.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use crate::config::KafkaConfig;
use crate::failure::Trouble;
use crate::group::describe;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Whether records of unfinished and aborted transactions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Only what is committed; the end is the last stable offset.
    Committed,
    /// Everything; the end is the high watermark.
    Uncommitted,
}

impl Isolation {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Isolation::Committed => "read_committed",
            Isolation::Uncommitted => "read_uncommitted",
        }
    }
}

pub(crate) struct Probe(BaseConsumer);

impl Probe {
    pub fn open(kafka: &KafkaConfig, part: &str, isolation: Isolation) -> Result<Self, Trouble> {
        let consumer = kafka.client(part).set("isolation.level", isolation.as_str()).create();
        consumer.map(Self).map_err(|it| trouble(&it))
    }

    /// Number of partitions; an unknown topic is trouble.
    pub fn partitions(&self, topic: &str) -> Result<usize, Trouble> {
        let metadata = self.0.fetch_metadata(Some(topic), TIMEOUT).map_err(|it| trouble(&it))?;
        let partitions = metadata.topics().first().map_or(0, |it| it.partitions().len());
        if partitions == 0 {
            let text = format!("topic {topic} does not exist; apply the topology first");
            return Err(Trouble::new("SP-1509", text));
        }
        Ok(partitions)
    }

    /// First offset and the offset after the last record, as the isolation level sees it.
    pub fn bounds(&self, topic: &str, partition: i32) -> Result<(i64, i64), Trouble> {
        self.0.fetch_watermarks(topic, partition, TIMEOUT).map_err(|it| trouble(&it))
    }

    /// [`Probe::bounds`] of many partitions, two requests a broker in all: one by one they would cost two
    /// round trips each.
    pub fn many_bounds(&self, places: &[(&str, i32)]) -> Result<Vec<(i64, i64)>, Trouble> {
        let first = self.ask_many(places, Offset::Beginning)?;
        let end = self.ask_many(places, Offset::End)?;
        Ok(first.into_iter().zip(end).collect())
    }

    /// Asking for the offset of the time "beginning" or "end" answers with the partition's.
    fn ask_many(&self, places: &[(&str, i32)], time: Offset) -> Result<Vec<i64>, Trouble> {
        let mut list = TopicPartitionList::with_capacity(places.len());
        for (topic, partition) in places {
            list.add_partition_offset(topic, *partition, time).map_err(|it| trouble(&it))?;
        }
        let answers = self.0.offsets_for_times(list, TIMEOUT).map_err(|it| trouble(&it))?;
        let offset = |place: &(&str, i32)| {
            let found = answers.find_partition(place.0, place.1);
            let found = found.ok_or_else(|| untold(place))?;
            found.error().map_err(|it| trouble(&it))?;
            found.offset().to_raw().filter(|it| *it >= 0).ok_or_else(|| untold(place))
        };
        places.iter().map(offset).collect()
    }

    /// The offset after the last record, as the isolation level sees it.
    pub fn end(&self, topic: &str, partition: i32) -> Result<i64, Trouble> {
        self.bounds(topic, partition).map(|it| it.1)
    }
}

fn untold((topic, partition): &(&str, i32)) -> Trouble {
    Trouble::new("SP-1509", format!("the broker does not tell the ends of {topic}/{partition}"))
}

fn trouble(error: &KafkaError) -> Trouble {
    Trouble::new("SP-1501", describe(error))
}
