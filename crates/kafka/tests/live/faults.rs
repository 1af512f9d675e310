//! What a worker's surroundings may do to it: kill it, freeze it, take the broker away. Each time the
//! output must hold every input record once, with counts that follow each other.

use std::thread;
use std::time::Duration;

use saphan_devstack::{Part, Stack, StackOptions};
use saphan_kafka::{
    AbortCause, KafkaConfig, Observer, RecycleReason, Shutdown, Trouble, WorkerError, worker,
};

use crate::child::start_worker;
use crate::stage::{Counting, Topics, check_output, config};
use crate::support::{Corner, StopAtEnd};

#[test]
fn killed_workers_lose_and_double_nothing() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 8);
    let start = |worker| start_worker(&corner, worker, &input, &state, &output);
    let mut workers = [Some(start(0)), Some(start(1))];
    for round in 0..6u64 {
        corner.fill(&input, 10_000, 300);
        thread::sleep(Duration::from_millis(200 + 370 * round));
        let worker = usize::from(round % 2 == 1);
        workers[worker].take().expect("a running worker").kill();
        workers[worker] = Some(start(u32::from(round % 2 == 1)));
    }
    // The last victim stays away: the other takes its partitions over.
    workers[1].take().expect("a running worker").kill();
    corner.fill(&input, 10_000, 300);
    corner.wait_until_read(&corner.name("count"), &input, Duration::from_secs(90));
    check_output(&corner.read_all(&input), &corner.read_all(&output));
}

#[test]
fn a_frozen_worker_that_wakes_up_writes_nothing_of_what_others_took_over() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 4);
    let frozen = start_worker(&corner, 0, &input, &state, &output);
    let feed = || {
        corner.fill(&input, 20_000, 200);
        thread::sleep(Duration::from_millis(700));
    };
    feed();
    feed();
    frozen.signal("STOP");
    let other = start_worker(&corner, 1, &input, &state, &output);
    corner.wait_until_read(&corner.name("count"), &input, Duration::from_secs(90));
    corner.fill(&input, 20_000, 200);
    frozen.signal("CONT");
    corner.fill(&input, 20_000, 200);
    corner.wait_until_read(&corner.name("count"), &input, Duration::from_secs(60));
    drop((frozen, other));
    check_output(&corner.read_all(&input), &corner.read_all(&output));
}

#[test]
fn a_broker_that_dies_and_returns_loses_and_doubles_nothing() {
    let stack = Stack::start(StackOptions::private()).expect("a stack of its own");
    let kafka = KafkaConfig::plaintext(stack.bootstrap());
    let corner = Corner { kafka, prefix: stack.unique_prefix() };
    let Topics { input, state, output } = Topics::new(&corner, 4);
    corner.fill(&input, 60_000, 200);
    let mut config = config(&corner.name("count"), 0, &input, &state);
    config.batch.records_max = 500;
    config.retries_max = 50;
    let (mut stage, shutdown) = (Counting::new(&output, &state), Shutdown::new());
    thread::scope(|scope| {
        let _stop = StopAtEnd(&shutdown);
        let run = scope.spawn(|| {
            let ended = worker::run(&corner.kafka, &config, &mut stage, &Printing, &shutdown);
            eprintln!("the worker ended: {ended:?}");
            ended
        });
        while corner.behind(config.group(), &input) > 55_000 {
            thread::sleep(Duration::from_millis(5));
        }
        stack.kill(Part::Kafka).expect("the broker dies");
        thread::sleep(Duration::from_secs(2));
        stack.restart(Part::Kafka).expect("the broker returns");
        corner.wait_until_read(config.group(), &input, Duration::from_secs(180));
        shutdown.request();
        assert_eq!(run.join().expect("the worker does not panic"), Ok(()));
    });
    check_output(&corner.read_all(&input), &corner.read_all(&output));
}

#[test]
fn two_living_workers_with_one_identity_are_noticed() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 2);
    corner.fill(&input, 1_000, 50);
    let config = config(&corner.name("count"), 0, &input, &state);
    let shutdown = Shutdown::new();
    let run = || {
        let mut stage = Counting::new(&output, &state);
        let ended = worker::run(&corner.kafka, &config, &mut stage, &Printing, &shutdown);
        shutdown.request(); // the other may stop, too
        ended
    };
    let ends = thread::scope(|scope| {
        let (one, two) = (scope.spawn(run), scope.spawn(run));
        [one.join().unwrap(), two.join().unwrap()]
    });
    let fenced = Err(WorkerError::Fenced { identity: config.identity() });
    assert!(ends.contains(&fenced), "{ends:?}");
    let (input, output) = (corner.read_all(&input), corner.read_all(&output));
    let applied = &input[..output.len().min(input.len())];
    assert_eq!(output.len(), applied.len(), "rivals doubled nothing");
}

/// Says what happened, for whoever reads why the test failed.
struct Printing;

impl Observer for Printing {
    fn aborted(&self, cause: AbortCause) {
        eprintln!("{:?} aborted: {cause:?}", std::time::SystemTime::now());
    }
    fn producer_recycled(&self, reason: RecycleReason) {
        eprintln!("{:?} recycled: {reason:?}", std::time::SystemTime::now());
    }
    fn owned(&self, partitions: usize) {
        eprintln!("{:?} owned: {partitions}", std::time::SystemTime::now());
    }
    fn restored(&self, partition: i32, rows: u64, elapsed: Duration) {
        eprintln!(
            "{:?} restored: {partition} from {rows} in {elapsed:?}",
            std::time::SystemTime::now()
        );
    }
    fn trouble(&self, trouble: &Trouble) {
        eprintln!("{:?} {trouble}", std::time::SystemTime::now());
    }
}
