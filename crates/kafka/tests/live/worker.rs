//! The transactional worker: nothing lost, nothing doubled, state and position never apart.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use saphan_kafka::{
    AbortCause, Failure, Observer, Outbound, Shutdown, Silent, Trouble, WorkerConfig, WorkerError,
    worker,
};

use crate::stage::{Counting, Topics, check_output, config};
use crate::support::{Corner, StopAtEnd};

/// Runs a worker beside `body` and returns how it ended.
fn beside(
    corner: &Corner,
    config: &WorkerConfig,
    stage: &mut Counting,
    observer: &dyn Observer,
    body: impl FnOnce(),
) -> Result<(), WorkerError> {
    let shutdown = Shutdown::new();
    thread::scope(|scope| {
        let _stop = StopAtEnd(&shutdown);
        let run = scope.spawn(|| worker::run(&corner.kafka, config, stage, observer, &shutdown));
        body();
        shutdown.request();
        run.join().expect("the worker does not panic")
    })
}

#[test]
fn partitions_move_between_living_workers_without_a_trace() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 6);
    let app = corner.name("count");
    corner.fill(&input, 5_000, 100);
    let (first, second) = (config(&app, 0, &input, &state), config(&app, 1, &input, &state));
    let (mut one, mut two) = (Counting::new(&output, &state), Counting::new(&output, &state));
    let ended = beside(&corner, &first, &mut one, &Silent, || {
        let ended = beside(&corner, &second, &mut two, &Silent, || {
            for _ in 0..20 {
                corner.fill(&input, 1_000, 100);
                thread::sleep(Duration::from_millis(200));
            }
            corner.wait_until_read(&app, &input, Duration::from_secs(60));
        });
        assert_eq!(ended, Ok(()));
    });
    assert_eq!(ended, Ok(()));
    assert!(two.calls.iter().any(|it| it.starts_with("restored")), "the second one got partitions");
    check_output(&corner.read_all(&input), &corner.read_all(&output));
}

#[derive(Default)]
pub struct Notes {
    aborts: Mutex<Vec<AbortCause>>,
    pub troubles: Mutex<Vec<Trouble>>,
}

impl Observer for Notes {
    fn aborted(&self, cause: AbortCause) {
        self.aborts.lock().unwrap().push(cause);
    }
    fn trouble(&self, trouble: &Trouble) {
        self.troubles.lock().unwrap().push(trouble.clone());
    }
}

#[test]
fn a_transient_failure_is_rolled_back_and_tried_again() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 2);
    corner.fill(&input, 1_000, 50);
    let config = config(&corner.name("count"), 0, &input, &state);
    let mut stage = Counting::new(&output, &state);
    stage.fail = Some((700, Failure::transient("SP-1399", "not now"), 3));
    let notes = Notes::default();
    let ended = beside(&corner, &config, &mut stage, &notes, || {
        corner.wait_until_read(config.group(), &input, Duration::from_secs(60));
    });
    assert_eq!(ended, Ok(()));
    let troubles = notes.troubles.lock().unwrap();
    assert_eq!(*notes.aborts.lock().unwrap(), [AbortCause::Processor; 3], "{troubles:?}");
    check_output(&corner.read_all(&input), &corner.read_all(&output));
}

#[test]
fn a_fatal_failure_stops_and_publishes_nothing_of_its_batch() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 1);
    corner.fill(&input, 10, 5);
    let config = config(&corner.name("count"), 0, &input, &state);
    let mut stage = Counting::new(&output, &state);
    stage.fail = Some((9, Failure::fatal("SP-1399", "never"), 1));
    let ended = worker::run(&corner.kafka, &config, &mut stage, &Silent, &Shutdown::new());
    assert_eq!(ended, Err(WorkerError::Processor(Trouble::new("SP-1399", "never"))));
    assert_eq!(stage.calls, ["assign 0", "restored 0", "rolled back", "revoke 0"]);
    assert_eq!(corner.read_all(&output).len(), 0);
    assert_eq!(corner.behind(config.group(), &input), 10);
}

#[test]
fn an_undeliverable_record_is_trouble_not_loss() {
    let corner = Corner::new();
    let Topics { input, state, .. } = Topics::new(&corner, 1);
    corner.fill(&input, 10, 5);
    let mut config = config(&corner.name("count"), 0, &input, &state);
    config.retries_max = 1;
    let mut stage = Counting::new(&corner.name("nowhere"), &state);
    let ended = worker::run(&corner.kafka, &config, &mut stage, &Silent, &Shutdown::new());
    assert!(matches!(ended, Err(WorkerError::GaveUp { attempts: 2, .. })), "{ended:?}");
    assert_eq!(corner.behind(config.group(), &input), 10);
    assert_eq!(corner.read_all(&state).len(), 0);
}

#[test]
fn a_missing_committed_position_stops_the_worker() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 1);
    corner.fill(&input, 100, 5);
    let config = config(&corner.name("count"), 0, &input, &state);
    let mut stage = Counting::new(&output, &state);
    let ended = beside(&corner, &config, &mut stage, &Silent, || {
        corner.wait_until_read(config.group(), &input, Duration::from_secs(30));
    });
    assert_eq!(ended, Ok(()));
    corner.fill(&input, 100, 5);
    delete_records_before(&corner, &input, 150);
    let mut stage = Counting::new(&output, &state);
    let ended = worker::run(&corner.kafka, &config, &mut stage, &Silent, &Shutdown::new());
    let expected =
        WorkerError::PositionMissing { group: config.group().to_owned(), topic: input.clone() };
    assert_eq!(ended, Err(expected));
    assert_eq!(corner.read_all(&output).len(), 100);
}

#[test]
fn state_without_a_committed_position_stops_the_worker() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 1);
    corner.fill(&input, 100, 5);
    let producer =
        saphan_kafka::Producer::new(&corner.kafka, "stray", &Default::default()).unwrap();
    let row = Outbound::state(state.as_str().into(), 0, vec![1], Some(vec![0; 16]));
    assert!(producer.send(vec![row]).wait(Duration::from_secs(10))[0].is_ok());
    let config = config(&corner.name("count"), 0, &input, &state);
    let mut stage = Counting::new(&output, &state);
    let ended = worker::run(&corner.kafka, &config, &mut stage, &Silent, &Shutdown::new());
    assert!(matches!(ended, Err(WorkerError::Torn { partition: 0, .. })), "{ended:?}");
    assert_eq!(corner.read_all(&output).len(), 0);
}

#[test]
fn unequal_partition_counts_stop_the_worker() {
    let corner = Corner::new();
    let input = corner.topic("input", 4, false);
    let state = corner.topic("state", 3, true);
    let config = config(&corner.name("count"), 0, &input, &state);
    let mut stage = Counting::new("unused", &state);
    let ended = worker::run(&corner.kafka, &config, &mut stage, &Silent, &Shutdown::new());
    assert_eq!(ended.unwrap_err().code(), "SP-1502");
}

#[test]
fn a_lone_record_does_not_wait_for_company() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, 1);
    let config = config(&corner.name("count"), 0, &input, &state);
    let mut stage = Counting::new(&output, &state);
    let ended = beside(&corner, &config, &mut stage, &Silent, || {
        let producer = corner.producer("lone");
        let send = || {
            let record = Outbound::keyed(input.as_str().into(), [0; 4], [0; 4]);
            producer.send(vec![record]).wait(Duration::from_secs(10))
        };
        assert!(send()[0].is_ok()); // also waits for the group to form
        corner.wait_until_read(config.group(), &input, Duration::from_secs(30));
        let reader = corner.reader();
        let end = || (0..3).map(|it| reader.bounds(&output, it).unwrap().end).sum::<i64>();
        let (before, sent) = (end(), Instant::now());
        assert!(send()[0].is_ok());
        let appended = Instant::now();
        while end() < before + 2 {
            assert!(appended.elapsed() < Duration::from_secs(20), "the record stays invisible");
        }
        eprintln!("appended after {:?}", appended - sent);
        eprintln!("visible after {:?}", appended.elapsed());
    });
    assert_eq!(ended, Ok(()));
}

/// Deletes the oldest records, as retention does.
fn delete_records_before(corner: &Corner, topic: &str, offset: i64) {
    use rdkafka::admin::{AdminClient, AdminOptions};
    use rdkafka::client::DefaultClientContext;
    let client: AdminClient<DefaultClientContext> = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", &corner.kafka.bootstrap)
        .create()
        .unwrap();
    let mut list = rdkafka::TopicPartitionList::new();
    list.add_partition_offset(topic, 0, rdkafka::Offset::Offset(offset)).unwrap();
    let mut future = std::pin::pin!(client.delete_records(&list, &AdminOptions::new()));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {
        thread::sleep(Duration::from_millis(10));
    }
}
