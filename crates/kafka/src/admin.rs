//! Topics and consumer groups: create, describe, alter, compare positions with ends. Deletes only in
//! [`Admin::delete_topics`].

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigSource, NewPartitions, NewTopic,
    ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

use crate::config::KafkaConfig;
use crate::failure::Trouble;
use crate::group::{GroupError, describe, left};
use crate::probe::{Isolation, Probe};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Administers topics.
pub struct Admin {
    kafka: KafkaConfig,
    client: AdminClient<DefaultClientContext>,
    probe: Probe,
}

/// A topic to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Name.
    pub name: String,
    /// Number of partitions.
    pub partitions: i32,
    /// Copies of each partition.
    pub replication: i32,
    /// Settings that differ from the broker's defaults.
    pub config: BTreeMap<String, String>,
}

/// What creating a topic did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    New,
    /// It was there before and was left as it is.
    Existed,
}

/// A topic as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicState {
    /// Name.
    pub name: String,
    /// Number of partitions.
    pub partitions: usize,
    /// Copies of the first partition.
    pub replication: usize,
    /// Every setting with its effective value.
    pub config: BTreeMap<String, Setting>,
}

/// One setting of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Effective value; sensitive values are empty.
    pub value: String,
    /// Set on the topic itself, not inherited from broker or default.
    pub own: bool,
}

/// Where a group stands in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPosition {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Next offset the group will read; `None` when it never committed.
    pub committed: Option<i64>,
    /// Oldest offset in the log.
    pub first: i64,
    /// Last stable offset.
    pub end: i64,
}

impl GroupPosition {
    /// Records still to be read. Transaction markers take offsets, so a fully read transactional topic
    /// may show a small remainder.
    pub fn lag(&self) -> i64 {
        (self.end - self.committed.unwrap_or(self.first).max(self.first)).max(0)
    }
}

impl Admin {
    /// Connects lazily.
    pub fn new(kafka: &KafkaConfig) -> Result<Self, Trouble> {
        Ok(Self {
            kafka: kafka.clone(),
            client: kafka.client("admin").create().map_err(|it| trouble(&it))?,
            probe: Probe::open(kafka, "admin-probe", Isolation::Committed)?,
        })
    }

    /// Creates topics that do not exist; existing ones are left alone. One result per topic.
    pub fn create_topics(&self, topics: &[TopicSpec]) -> Result<Vec<Created>, Trouble> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let new: Vec<NewTopic<'_>> = topics
            .iter()
            .map(|it| {
                let topic =
                    NewTopic::new(&it.name, it.partitions, TopicReplication::Fixed(it.replication));
                it.config.iter().fold(topic, |topic, (key, value)| topic.set(key, value))
            })
            .collect();
        let results =
            block_on(self.client.create_topics(&new, &options())).map_err(|it| trouble(&it))?;
        results
            .into_iter()
            .map(|it| match it {
                Ok(_) => Ok(Created::New),
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => Ok(Created::Existed),
                Err((name, code)) => Err(refused("create", &name, code)),
            })
            .collect()
    }

    /// Names and partition counts of all topics, without the brokers' internal ones.
    pub fn list_topics(&self) -> Result<BTreeMap<String, usize>, Trouble> {
        let metadata =
            self.client.inner().fetch_metadata(None, TIMEOUT).map_err(|it| trouble(&it))?;
        Ok(metadata
            .topics()
            .iter()
            .filter(|it| !it.name().starts_with("__"))
            .map(|it| (it.name().to_owned(), it.partitions().len()))
            .collect())
    }

    /// How many partitions, internal ones among them, have fewer copies in step than they should have.
    pub fn behind(&self) -> Result<usize, Trouble> {
        let metadata =
            self.client.inner().fetch_metadata(None, TIMEOUT).map_err(|it| trouble(&it))?;
        let partitions = metadata.topics().iter().flat_map(|it| it.partitions());
        Ok(partitions.filter(|it| it.isr().len() < it.replicas().len()).count())
    }

    /// The named topics as they are; unknown ones are left out.
    pub fn describe_topics(&self, names: &[&str]) -> Result<Vec<TopicState>, Trouble> {
        let metadata =
            self.client.inner().fetch_metadata(None, TIMEOUT).map_err(|it| trouble(&it))?;
        let known: Vec<_> =
            metadata.topics().iter().filter(|it| names.contains(&it.name())).collect();
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<_> = known.iter().map(|it| ResourceSpecifier::Topic(it.name())).collect();
        let answers = block_on(self.client.describe_configs(&asked, &options()))
            .map_err(|it| trouble(&it))?;
        let mut states = Vec::with_capacity(known.len());
        for (topic, answer) in known.into_iter().zip(answers) {
            let answer = answer.map_err(|it| refused("describe", topic.name(), it))?;
            let config = answer.entries.into_iter().map(|it| {
                let own = it.source == ConfigSource::DynamicTopic;
                (it.name, Setting { value: it.value.unwrap_or_default(), own })
            });
            states.push(TopicState {
                name: topic.name().to_owned(),
                partitions: topic.partitions().len(),
                replication: topic.partitions().first().map_or(0, |it| it.replicas().len()),
                config: config.collect(),
            });
        }
        Ok(states)
    }

    /// Sets the given settings of a topic and keeps its other own settings.
    pub fn alter_configs(
        &self,
        topic: &str,
        changes: &BTreeMap<String, String>,
    ) -> Result<(), Trouble> {
        let Some(state) = self.describe_topics(&[topic])?.pop() else {
            return Err(Trouble::new("SP-1509", format!("topic {topic} does not exist")));
        };
        // The broker call resets what it is not told, so tell it everything.
        let mut all: BTreeMap<String, String> =
            state.config.into_iter().filter(|it| it.1.own).map(|it| (it.0, it.1.value)).collect();
        all.extend(changes.clone());
        let alter = AlterConfig::new(ResourceSpecifier::Topic(topic));
        let alter = all.iter().fold(alter, |alter, (key, value)| alter.set(key, value));
        let results =
            block_on(self.client.alter_configs([&alter], &options())).map_err(|it| trouble(&it))?;
        results
            .into_iter()
            .try_for_each(|it| it.map(drop).map_err(|it| refused("alter", topic, it.1)))
    }

    /// Raises the number of partitions of a topic to `total`. Keys move: only for topics nobody joins
    /// or restores by partition.
    pub fn add_partitions(&self, topic: &str, total: usize) -> Result<(), Trouble> {
        let more = NewPartitions::new(topic, total);
        let results = block_on(self.client.create_partitions([&more], &options()))
            .map_err(|it| trouble(&it))?;
        results
            .into_iter()
            .try_for_each(|it| it.map(drop).map_err(|it| refused("extend", topic, it.1)))
    }

    /// Where `group` stands in every partition of `topics`.
    pub fn positions(&self, group: &str, topics: &[&str]) -> Result<Vec<GroupPosition>, Trouble> {
        let consumer: BaseConsumer = self
            .kafka
            .client("admin-group")
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .create()
            .map_err(|it| trouble(&it))?;
        let mut list = TopicPartitionList::new();
        for topic in topics {
            let partitions = i32::try_from(self.probe.partitions(topic)?).unwrap_or(i32::MAX);
            for partition in 0..partitions {
                list.add_partition(topic, partition);
            }
        }
        let deadline = Instant::now() + TIMEOUT;
        let list = loop {
            match consumer.committed_offsets(list.clone(), left(deadline)) {
                Ok(list) => break list,
                Err(it) if Instant::now() < deadline && passes(&it) => {
                    thread::sleep(Duration::from_millis(100));
                }
                Err(it) => return Err(trouble(&it)),
            }
        };
        let committed = list.elements();
        let topics: Vec<_> = committed.iter().map(|it| it.topic().to_owned()).collect();
        let places: Vec<_> = topics
            .iter()
            .zip(&committed)
            .map(|(topic, it)| (topic.as_str(), it.partition()))
            .collect();
        let bounds = self.probe.many_bounds(&places)?;
        let mut positions = Vec::with_capacity(committed.len());
        for (it, (first, end)) in committed.iter().zip(bounds) {
            it.error().map_err(|it| trouble(&it))?;
            let committed = match it.offset() {
                Offset::Offset(next) => Some(next),
                _ => None,
            };
            let (topic, partition) = (it.topic().to_owned(), it.partition());
            positions.push(GroupPosition { topic, partition, committed, first, end });
        }
        Ok(positions)
    }

    /// Deletes topics with everything in them.
    pub fn delete_topics(&self, names: &[&str]) -> Result<(), Trouble> {
        let results =
            block_on(self.client.delete_topics(names, &options())).map_err(|it| trouble(&it))?;
        results
            .into_iter()
            .try_for_each(|it| it.map(drop).map_err(|it| refused("delete", &it.0, it.1)))
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(TIMEOUT)).operation_timeout(Some(TIMEOUT))
}

/// The group's coordinator moves or starts.
fn passes(error: &KafkaError) -> bool {
    matches!(GroupError::of(error), GroupError::Passing(_))
}

fn trouble(error: &KafkaError) -> Trouble {
    Trouble::new("SP-1514", describe(error))
}

fn refused(verb: &str, topic: &str, code: RDKafkaErrorCode) -> Trouble {
    Trouble::new("SP-1514", format!("the broker did not {verb} topic {topic}: {code}"))
}

/// Waits for a future on this thread; the admin client answers from its own.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
