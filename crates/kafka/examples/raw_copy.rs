//! What a plain copy costs: the bench's peer for route.
//!
//! Consumes a topic as a member of a group and, for each input record, writes the records that stand in a
//! script: same keys, values, headers and partitions as route wrote, but without transactions, policy,
//! decoding or projection. One consumer, one producer, one thread that moves records; client settings as
//! in the platform's own worker, but for the linger, which suits records that come one by one; the system's
//! allocator. `raw_copy_jemalloc` is the same with the platform's.
//!
//! `raw_copy <bootstrap> <input topic> <group> <records> <folder of the script>`
//!
//! The folder holds `topics` (a name a line) and a file for each partition of the input, sorted by offset.
//! A line: input offset (8 bytes), topic (2), partition or -1 for "by key" (4), length of the key (2),
//! length of the value or -1 for a tombstone (4), all little-endian, then key and value.
//!
//! Once everything is acknowledged it says "done" and waits until its standard input closes, so that its use of the machine can be read.

#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "a measuring tool for developers")]

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

/// A line of the script, its buffers used again.
#[derive(Default)]
struct Line {
    offset: i64,
    topic: usize,
    partition: i32,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

/// The script of one partition; the line ahead is read already.
struct Script {
    file: BufReader<File>,
    ahead: Option<Line>,
}

impl Script {
    fn open(path: &Path) -> Self {
        let mut script = Self {
            file: BufReader::with_capacity(1 << 20, File::open(path).unwrap()),
            ahead: Some(Line::default()),
        };
        script.advance();
        script
    }

    fn advance(&mut self) {
        let mut head = [0; 20];
        if self.file.read_exact(&mut head).is_err() {
            self.ahead = None;
            return;
        }
        let line = self.ahead.as_mut().unwrap();
        line.offset = i64::from_le_bytes(head[..8].try_into().unwrap());
        line.topic = usize::from(u16::from_le_bytes([head[8], head[9]]));
        line.partition = i32::from_le_bytes(head[10..14].try_into().unwrap());
        line.key.resize(usize::from(u16::from_le_bytes([head[14], head[15]])), 0);
        let length = i32::from_le_bytes(head[16..].try_into().unwrap());
        self.file.read_exact(&mut line.key).unwrap();
        line.value = usize::try_from(length).ok().map(|length| {
            let mut value = line.value.take().unwrap_or_default();
            value.resize(length, 0);
            value
        });
        if let Some(value) = &mut line.value {
            self.file.read_exact(value).unwrap();
        }
    }
}

/// Runs it.
pub fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, input, group, records, dir] = &arguments[..] else {
        eprintln!("raw_copy <bootstrap> <input topic> <group> <records> <folder of the script>");
        std::process::exit(2);
    };
    let (records, dir): (u64, &Path) = (records.parse().unwrap(), Path::new(dir));
    let names = std::fs::read_to_string(dir.join("topics")).unwrap();
    let topics: Vec<&str> = names.lines().collect();
    let consumer = consumer(bootstrap, group);
    consumer.subscribe(&[input]).unwrap();
    let producer = producer(bootstrap);
    let mut scripts: Vec<Script> = (0..)
        .map(|it| dir.join(it.to_string()))
        .take_while(|it| it.exists())
        .map(|it| Script::open(&it))
        .collect();
    let mut seen = 0;
    while seen < records {
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message.unwrap();
        let script = &mut scripts[usize::try_from(message.partition()).unwrap()];
        let source = format!("{}/{}/{}", message.topic(), message.partition(), message.offset());
        while let Some(line) = script.ahead.as_ref().filter(|it| it.offset <= message.offset()) {
            write(&producer, topics[line.topic], line, &source);
            script.advance();
        }
        seen += 1;
    }
    producer.flush(Duration::from_secs(120)).unwrap();
    eprintln!("done");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

fn write(
    producer: &ThreadedProducer<DefaultProducerContext>,
    topic: &str,
    line: &Line,
    source: &str,
) {
    let mut record = BaseRecord::<[u8], [u8]>::to(topic).key(&line.key);
    record.payload = line.value.as_deref();
    // Rows of state have a partition of their own and no header.
    if line.partition < 0 {
        let header = Header { key: "src", value: Some(source) };
        record = record.headers(OwnedHeaders::new_with_capacity(1).insert(header));
    } else {
        record = record.partition(line.partition);
    }
    while let Err((error, back)) = producer.send(record) {
        assert!(
            matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)),
            "{error}"
        );
        record = back;
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn consumer(bootstrap: &str, group: &str) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        .set("fetch.queue.backoff.ms", "2")
        .set("queued.min.messages", "20000")
        .set("queued.max.messages.kbytes", "32768")
        .create()
        .unwrap()
}

fn producer(bootstrap: &str) -> ThreadedProducer<DefaultProducerContext> {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("acks", "all")
        .set("partitioner", "murmur2_random")
        .set("compression.type", "lz4")
        .set("linger.ms", "10")
        .set("batch.num.messages", "20000")
        .set("queue.buffering.max.messages", "500000")
        .set("queue.buffering.max.kbytes", "262144")
        .set("delivery.report.only.error", "true")
        .create()
        .unwrap()
}
