//! The broker that coordinates a group leaves the cluster for good while the group's members commit: they
//! must find its successor, whatever their client waits for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use saphan_devstack::{Part, Stack, StackOptions};
use saphan_kafka::{Shutdown, worker};

use crate::stage::{Counting, Topics, check_output, config};
use crate::support::{Corner, StopAtEnd};
use crate::worker::Notes;

/// Internal topic of positions; the development stack gives it 4 partitions.
const POSITIONS: (&str, i32) = ("__consumer_offsets", 4);

/// The broker that coordinates a group: the leader of the partition that the hash of its name gives.
fn coordinator(corner: &Corner, group: &str) -> i32 {
    let hash = group
        .encode_utf16()
        .fold(0i32, |it, unit| it.wrapping_mul(31).wrapping_add(i32::from(unit)));
    let partition = hash.checked_abs().unwrap_or(0) % POSITIONS.1;
    let client: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", &corner.kafka.bootstrap).create().unwrap();
    let metadata = client.fetch_metadata(Some(POSITIONS.0), Duration::from_secs(20)).unwrap();
    let partitions = metadata.topics()[0].partitions();
    partitions.iter().find(|it| it.id() == partition).unwrap().leader()
}

#[test]
fn a_group_outlives_the_broker_that_coordinates_it() {
    let options = StackOptions { brokers: Some(3), ..StackOptions::private() };
    let stack = Stack::start(options.only([Part::Kafka])).expect("three brokers start");
    let corner = Corner::on(&stack);
    let Topics { input, state, output } = Topics::new(&corner, 3);
    let mut config = config(&corner.name("count"), 0, &input, &state);
    // Longer than it takes to elect new leaders: what was sent is not what fails.
    config.transaction_timeout = Duration::from_secs(15);
    let (mut stage, shutdown, notes, fed) =
        (Counting::new(&output, &state), Shutdown::new(), Notes::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        let stack = stack; // Gone before the threads are waited for: whoever hangs then wakes up.
        let _stop = StopAtEnd(&shutdown);
        let run =
            scope.spawn(|| worker::run(&corner.kafka, &config, &mut stage, &notes, &shutdown));
        let feeding = scope.spawn(|| {
            while !fed.load(Ordering::Relaxed) {
                corner.fill(&input, 100, 50);
                thread::sleep(Duration::from_millis(20));
            }
        });
        corner.wait_until_begun(config.group(), &input, Duration::from_secs(60));
        let broker = coordinator(&corner, config.group());
        stack.kill(Part::Broker(usize::try_from(broker).unwrap())).expect("killed");
        let killed = Instant::now();
        thread::sleep(Duration::from_secs(10));
        fed.store(true, Ordering::Relaxed);
        feeding.join().expect("all of it is appended");
        corner.wait_until_read(config.group(), &input, Duration::from_secs(60));
        eprintln!("all is read {:?} after the broker was killed", killed.elapsed());
        shutdown.request();
        assert_eq!(run.join().unwrap(), Ok(()));
        check_output(&corner.read_all(&input), &corner.read_all(&output));
    });
}
