//! Topics, records and waiting, shared by all live tests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saphan_devstack::Stack;
use saphan_kafka::{
    Admin, GroupPosition, Isolation, KafkaConfig, Outbound, Producer, ProducerLimits, Reader,
    RecordBuf, Shutdown, TopicSpec, Trouble,
};

/// A test's own corner of the shared stack.
pub struct Corner {
    pub kafka: KafkaConfig,
    pub prefix: String,
}

/// Asks everybody to stop when the test ends, also when it fails: a scope waits for its threads.
pub struct StopAtEnd<'a>(pub &'a Shutdown);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.request();
    }
}

pub fn stack() -> &'static Stack {
    Stack::shared().expect("the development stack starts")
}

impl Corner {
    pub fn new() -> Self {
        Self::on(stack())
    }

    pub fn on(stack: &Stack) -> Self {
        Self { kafka: KafkaConfig::plaintext(stack.bootstrap()), prefix: stack.unique_prefix() }
    }

    pub fn name(&self, part: &str) -> String {
        format!("{}.{part}", self.prefix)
    }

    pub fn topic(&self, part: &str, partitions: i32, compacted: bool) -> String {
        let mut config =
            BTreeMap::from([("message.timestamp.type".to_owned(), "LogAppendTime".to_owned())]);
        if compacted {
            config.insert("cleanup.policy".to_owned(), "compact".to_owned());
        }
        let replication = self.kafka.bootstrap.split(',').count().try_into().expect("few brokers");
        let spec = TopicSpec { name: self.name(part), partitions, replication, config };
        self.admin().create_topics(&[spec]).expect("the topic is created");
        self.name(part)
    }

    pub fn admin(&self) -> Admin {
        Admin::new(&self.kafka).expect("an admin client")
    }

    pub fn reader(&self) -> Reader {
        Reader::new(&self.kafka, &self.name("reader"), Isolation::Committed).expect("a reader")
    }

    pub fn producer(&self, part: &str) -> Producer {
        let limits = ProducerLimits::default();
        Producer::new(&self.kafka, &self.name(part), &limits).expect("a producer")
    }

    /// Appends `count` records whose value is their number; keys repeat after `keys`.
    pub fn fill(&self, topic: &str, count: u32, keys: u32) {
        let producer = self.producer("filler");
        let topic: Arc<str> = topic.into();
        for from in (0..count).step_by(10_000) {
            let batch = (from..count.min(from + 10_000)).map(|number| {
                let key = (number % keys).to_be_bytes();
                Outbound::keyed(Arc::clone(&topic), key, number.to_be_bytes())
            });
            let results = producer.send(batch.collect()).wait(Duration::from_secs(60));
            assert!(results.iter().all(Result::is_ok), "every record is acknowledged");
        }
    }

    pub fn read_all(&self, topic: &str) -> Vec<RecordBuf> {
        let name: Arc<str> = topic.into();
        let mut records = Vec::new();
        let read =
            self.reader().read_to_end(topic, |it| records.push(it.to_buf(Arc::clone(&name))));
        read.expect("the topic is read");
        records
    }

    /// Records `group` has not committed yet, counting records that can still be read.
    pub fn behind(&self, group: &str, topic: &str) -> i64 {
        self.try_behind(group, topic).expect("positions")
    }

    fn try_behind(&self, group: &str, topic: &str) -> Result<i64, Trouble> {
        let positions = self.admin().positions(group, &[topic])?;
        Ok(positions.iter().map(|it| it.end - it.committed.unwrap_or(it.first)).sum())
    }

    /// Waits until `group` has committed something of `topic`.
    #[track_caller]
    pub fn wait_until_begun(&self, group: &str, topic: &str, limit: Duration) {
        let deadline = Instant::now() + limit;
        let begun = |it: &Vec<GroupPosition>| it.iter().any(|it| it.committed.is_some());
        while !self.admin().positions(group, &[topic]).as_ref().is_ok_and(begun) {
            assert!(Instant::now() < deadline, "{group} does not begin");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until `group` has committed everything in the plain topic `topic`.
    #[track_caller]
    pub fn wait_until_read(&self, group: &str, topic: &str, limit: Duration) {
        let deadline = Instant::now() + limit;
        loop {
            let behind = self.try_behind(group, topic);
            if behind == Ok(0) {
                return;
            }
            assert!(Instant::now() < deadline, "{group} is still {behind:?} records behind");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
