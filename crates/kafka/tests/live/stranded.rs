//! A member that dies between the two rebalances of a move takes its place again without the partitions it
//! was giving up. They must not stay without an owner.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::TopicPartitionList;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::types::RDKafkaRespErr;
use saphan_kafka::{Shutdown, Silent, worker};

use crate::stage::{Counting, Topics, check_output, config};
use crate::support::{Corner, StopAtEnd};
use crate::worker::Notes;

const PARTITIONS: i32 = 6;

/// Accepts partitions and never gives one up: as if the process died when it was asked to.
#[derive(Default)]
struct Mortal {
    owns: AtomicBool,
    asked_to_give_up: AtomicBool,
}

impl ClientContext for Mortal {}

impl ConsumerContext for Mortal {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        err: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        if err == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            consumer.incremental_assign(list).unwrap();
            self.owns.store(list.count() > 0, Ordering::SeqCst);
        } else {
            self.asked_to_give_up.store(true, Ordering::SeqCst);
        }
    }
}

/// A member with the identity of the worker that comes after it.
fn mortal(corner: &Corner, group: &str, identity: &str, topic: &str) -> BaseConsumer<Mortal> {
    let consumer: BaseConsumer<Mortal> = ClientConfig::new()
        .set("bootstrap.servers", &corner.kafka.bootstrap)
        .set("group.id", group)
        .set("group.instance.id", identity)
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", "30000")
        .set("enable.auto.commit", "false")
        .create_with_context(Mortal::default())
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    consumer
}

#[track_caller]
fn poll_until(consumer: &BaseConsumer<Mortal>, it: impl Fn(&Mortal) -> &AtomicBool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !it(consumer.context()).load(Ordering::SeqCst) {
        _ = consumer.poll(Duration::from_millis(50));
        assert!(Instant::now() < deadline, "the group does not move");
    }
}

#[test]
fn partitions_given_up_by_a_member_that_died_find_an_owner() {
    let corner = Corner::new();
    let Topics { input, state, output } = Topics::new(&corner, PARTITIONS);
    let app = corner.name("count");
    corner.fill(&input, 3_000, 100);
    let (first, second) = (config(&app, 0, &input, &state), config(&app, 1, &input, &state));
    let (mut one, mut two) = (Counting::new(&output, &state), Counting::new(&output, &state));

    let dying = mortal(&corner, &app, &first.identity(), &input);
    poll_until(&dying, |it| &it.owns);
    let (shutdown, notes) = (Shutdown::new(), Notes::default());
    thread::scope(|scope| {
        let _stop = StopAtEnd(&shutdown);
        let late = scope.spawn(|| worker::run(&corner.kafka, &second, &mut two, &notes, &shutdown));
        poll_until(&dying, |it| &it.asked_to_give_up);
        // The successor takes the dead one's place in the group, not what it was giving up.
        let successor =
            scope.spawn(|| worker::run(&corner.kafka, &first, &mut one, &Silent, &shutdown));
        corner.wait_until_read(&app, &input, Duration::from_secs(60));
        shutdown.request();
        assert_eq!(late.join().unwrap(), Ok(()));
        assert_eq!(successor.join().unwrap(), Ok(()));
    });
    std::mem::forget(dying); // closing it would wait for an answer it never gives
    check_output(&corner.read_all(&input), &corner.read_all(&output));
    let troubles = notes.troubles.lock().unwrap();
    assert_eq!(troubles.iter().map(|it| it.code).collect::<Vec<_>>(), ["SP-1518"], "{troubles:?}");
}
