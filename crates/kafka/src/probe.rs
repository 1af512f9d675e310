//! Questions to the brokers that need no group: partition counts and ends of partitions.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;

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

    /// The offset after the last record, as the isolation level sees it.
    pub fn end(&self, topic: &str, partition: i32) -> Result<i64, Trouble> {
        self.bounds(topic, partition).map(|it| it.1)
    }
}

fn trouble(error: &KafkaError) -> Trouble {
    Trouble::new("SP-1501", describe(error))
}
