//! A state partition held by somebody's unfinished transaction waits, and only it.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use saphan_kafka::{Observer, Shutdown, Trouble, worker};

use crate::stage::{Counting, Topics, check_output, config};
use crate::support::{Corner, StopAtEnd};

const LIMIT: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Notes {
    restored: Mutex<Vec<i32>>,
    troubles: Mutex<Vec<Trouble>>,
}

impl Observer for Notes {
    fn restored(&self, partition: i32, _: u64, _: Duration) {
        self.restored.lock().unwrap().push(partition);
    }
    fn trouble(&self, trouble: &Trouble) {
        self.troubles.lock().unwrap().push(trouble.clone());
    }
}

#[test]
fn an_unfinished_transaction_keeps_only_its_partition_waiting() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 3);
    corner.fill(&input, 30_000, 300);
    let stranger = leave_open(&corner, &state, 0);
    let mut config = config(&corner.name("count"), 0, &input, &state);
    config.transaction_timeout = Duration::from_secs(2); // told as late after twice this time
    let (mut stage, shutdown, notes) =
        (Counting::new(&output, &state), Shutdown::new(), Notes::default());
    thread::scope(|scope| {
        let _stop = StopAtEnd(&shutdown);
        let run =
            scope.spawn(|| worker::run(&corner.kafka, &config, &mut stage, &notes, &shutdown));
        wait_until("the others are read", || behind(&corner, config.group(), &input, &[1, 2]) == 0);
        wait_until("the wait is told", || notes.troubles.lock().unwrap().iter().any(is_late));
        assert!(!notes.restored.lock().unwrap().contains(&0));
        stranger.abort_transaction(LIMIT).expect("the transaction is aborted");
        corner.wait_until_read(config.group(), &input, LIMIT);
        shutdown.request();
        assert_eq!(run.join().expect("the worker does not panic"), Ok(()));
    });
    check_output(&corner.read_all(&input), &corner.read_all(&output));
}

fn is_late(trouble: &Trouble) -> bool {
    trouble.code == "SP-1517" && trouble.reason.contains("/0: waiting for")
}

/// Appends to a partition in a transaction that nobody finishes.
fn leave_open(corner: &Corner, topic: &str, partition: i32) -> BaseProducer {
    let stack = crate::support::stack();
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", stack.bootstrap())
        .set("transactional.id", corner.name("stranger"))
        .set("transaction.timeout.ms", "120000")
        .create()
        .expect("a producer");
    producer.init_transactions(LIMIT).expect("transactions");
    producer.begin_transaction().expect("a transaction");
    let record = BaseRecord::to(topic).partition(partition).key("k").payload("never read");
    producer.send(record).expect("room");
    producer.flush(LIMIT).expect("appended");
    producer
}

fn behind(corner: &Corner, group: &str, topic: &str, partitions: &[i32]) -> i64 {
    let positions = corner.admin().positions(group, &[topic]).expect("positions");
    let watched = positions.iter().filter(|it| partitions.contains(&it.partition));
    watched.map(|it| it.end - it.committed.unwrap_or(it.first)).sum()
}

#[track_caller]
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
