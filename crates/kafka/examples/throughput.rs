//! How many records a second one or more transactional workers carry on this machine.
//!
//! `SAPHAN_KAFKA=127.0.0.1:9092 cargo run --release -p saphan-kafka --example throughput [records] [workers]`
//!
//! Each input record of 435 bytes becomes one delivery with a `src` header to one of eight topics and one
//! decision of 80 bytes, all in transactions. The input is loaded before the clock starts.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring tool for developers")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use saphan_kafka::{
    Admin, Failure, Header, KafkaConfig, Observer, Outbound, Processor, Producer, ProducerLimits,
    Record, Shutdown, TopicSpec, Trouble, WorkerConfig, worker,
};

const PARTITIONS: i32 = 16;

struct Copy {
    deliveries: Vec<Arc<str>>,
    decisions: Arc<str>,
}

impl Processor for Copy {
    fn assign(&mut self, _: i32) {}
    fn restore(&mut self, _: i32, _: &[u8], _: Option<&[u8]>) -> Result<(), Failure> {
        Ok(())
    }
    fn restored(&mut self, _: i32, _: Option<i64>) -> Result<(), Failure> {
        Ok(())
    }
    fn apply(&mut self, record: &Record<'_>, out: &mut Vec<Outbound>) -> Result<(), Failure> {
        let key = record.key.unwrap_or_default();
        let value = record.value.unwrap_or_default();
        let index = usize::from(key.first().copied().unwrap_or(0)) % self.deliveries.len();
        let mut delivery = Outbound::keyed(Arc::clone(&self.deliveries[index]), key, value);
        let src = format!("{}/{}/{}", record.topic, record.partition, record.offset);
        delivery.headers.push(Header::new("src", src));
        out.push(delivery);
        out.push(Outbound::keyed(Arc::clone(&self.decisions), key, &value[..value.len().min(80)]));
        Ok(())
    }
    fn committed(&mut self) {}
    fn rolled_back(&mut self) {}
    fn revoke(&mut self, _: i32) {}
}

#[derive(Default)]
struct Count {
    records: AtomicU64,
    batches: AtomicU64,
    commit_us: AtomicU64,
}

impl Observer for Count {
    fn committed(&self, records: u64, commit: Duration) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(commit.as_micros()).unwrap();
        self.commit_us.fetch_add(micros, Ordering::Relaxed);
    }
    fn trouble(&self, trouble: &Trouble) {
        println!("{trouble}");
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|it| it.parse().unwrap());
    let records: u32 = arguments.next().unwrap_or(1_000_000);
    let workers: u32 = arguments.next().unwrap_or(1);
    let kafka = KafkaConfig::plaintext(std::env::var("SAPHAN_KAFKA").unwrap());
    let run = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let name = |part: &str| format!("throughput{run}.{part}");
    let copy = || Copy {
        deliveries: (0..8).map(|it| name(&format!("agency{it}")).into()).collect(),
        decisions: name("decision").into(),
    };
    let input = name("input");
    let topics = [(input.as_str(), PARTITIONS), (&copy().decisions, PARTITIONS)];
    let deliveries = copy().deliveries;
    let topics = topics.into_iter().chain(deliveries.iter().map(|it| (&**it, 4)));
    let specs: Vec<TopicSpec> = topics
        .map(|(name, partitions)| TopicSpec {
            name: name.to_owned(),
            partitions,
            replication: 1,
            config: BTreeMap::new(),
        })
        .collect();
    let admin = Admin::new(&kafka).unwrap();
    admin.create_topics(&specs).unwrap();
    load(&kafka, &input, records);

    let (count, shutdown) = (Count::default(), Shutdown::new());
    let started = Instant::now();
    thread::scope(|scope| {
        for worker in 0..workers {
            let config = WorkerConfig::new(name("app"), 0, worker, &input);
            let (kafka, count, shutdown, mut stage) = (&kafka, &count, &shutdown, copy());
            scope.spawn(move || worker::run(kafka, &config, &mut stage, count, shutdown).unwrap());
        }
        let mut first = None;
        while count.records.load(Ordering::Relaxed) < u64::from(records) {
            thread::sleep(Duration::from_millis(1));
            if first.is_none() && count.records.load(Ordering::Relaxed) > 0 {
                first = Some((Instant::now(), count.records.load(Ordering::Relaxed)));
            }
        }
        let (since, before) = first.unwrap_or((started, 0));
        let rate = (f64::from(records) - before as f64) / since.elapsed().as_secs_f64();
        let batches = count.batches.load(Ordering::Relaxed);
        println!("first commit after {:?}", since.duration_since(started));
        println!("{rate:.0} records/s, {batches} batches, commit {} us on average", {
            count.commit_us.load(Ordering::Relaxed) / batches.max(1)
        });
        shutdown.request();
    });
    let names: Vec<&str> = specs.iter().map(|it| it.name.as_str()).collect();
    admin.delete_topics(&names).unwrap();
}

fn load(kafka: &KafkaConfig, input: &str, records: u32) {
    let producer = Producer::new(kafka, "load", &ProducerLimits::default()).unwrap();
    let topic: Arc<str> = input.into();
    for from in (0..records).step_by(20_000) {
        let batch = (from..records.min(from + 20_000)).map(|number| {
            let key = (u128::from(number) * 0x9e37_79b9_7f4a_7c15_9e37).to_le_bytes();
            let value: Vec<u8> = (0..435u32).map(|it| (it * 31 + number) as u8).collect();
            Outbound::keyed(Arc::clone(&topic), key, value)
        });
        let results = producer.send(batch.collect()).wait(Duration::from_secs(60));
        assert!(results.iter().all(Result::is_ok));
    }
}
