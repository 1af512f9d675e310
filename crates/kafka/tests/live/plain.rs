//! Producer, reader and admin.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use saphan_kafka::{
    Created, Header, Outbound, Producer, ProducerLimits, SendError, Shutdown, Tail, TailFrom,
    TopicSpec, partition_of,
};

use crate::support::{Corner, StopAtEnd};

#[test]
fn a_receipt_names_the_place_where_the_record_can_be_read() {
    let corner = Corner::new();
    let topic = corner.topic("plain", 4, false);
    let producer = Producer::new(&corner.kafka, "receipts", &ProducerLimits::default()).unwrap();
    let name: Arc<str> = topic.as_str().into();
    let mut record = Outbound::keyed(Arc::clone(&name), b"key", b"value".to_vec());
    let headers = [("src", "a"), ("src", "b"), ("x", "")];
    record.headers = headers.map(|it| Header::new(it.0, it.1)).into_iter().collect();
    let tombstone = Outbound::state(name, 2, b"gone", None);
    let results = producer.send(vec![record.clone(), tombstone]).wait(Duration::from_secs(10));
    let [Ok(first), Ok(second)] = results[..] else { panic!("{results:?}") };
    assert_eq!(second.partition, 2);

    let (mut seen, offset) = (Vec::new(), first.offset);
    let read = corner.reader().read_range(&topic, first.partition, offset, offset, |it| {
        assert!(it.append_time_ms > 1_700_000_000_000);
        assert_eq!(it.headers.get("src"), Some(&b"b"[..]));
        seen.push(it.to_buf(Arc::clone(&record.topic)));
    });
    assert_eq!(read, Ok(1));
    assert_eq!(seen[0].key.as_deref(), record.key.as_deref());
    assert_eq!(seen[0].value, record.value);
    assert_eq!(seen[0].headers[..], record.headers[..]);
    assert_eq!(corner.read_all(&topic).iter().filter(|it| it.value.is_none()).count(), 1);
}

#[test]
fn keys_go_where_java_clients_send_them() {
    let corner = Corner::new();
    let topic = corner.topic("plain", 64, false);
    let producer = Producer::new(&corner.kafka, "keys", &ProducerLimits::default()).unwrap();
    for key in ["21", "patient-7"] {
        let record = Outbound::keyed(topic.as_str().into(), key, "v");
        let results = producer.send(vec![record]).wait(Duration::from_secs(10));
        let expected = partition_of(key.as_bytes(), 64); // held to Java's own hashes beside it
        assert_eq!(results[0].as_ref().map(|it| it.partition), Ok(expected));
    }
}

#[test]
fn a_record_that_can_never_be_appended_is_refused_for_good() {
    let corner = Corner::new();
    let topic = corner.topic("plain", 1, false);
    let limits = ProducerLimits { record_bytes_max: 2_000, ..ProducerLimits::default() };
    let producer = Producer::new(&corner.kafka, "refusals", &limits).unwrap();
    let large = Outbound::keyed(topic.as_str().into(), "k", vec![0; 5_000]);
    let unknown = Outbound::keyed(corner.name("unknown").into(), "k", "v");
    let small = Outbound::keyed(topic.as_str().into(), "k", "v");
    let results = producer.send(vec![large, small, unknown]).wait(Duration::from_secs(40));
    assert!(matches!(results[0], Err(SendError::Refused(_))), "{results:?}");
    assert!(results[1].is_ok(), "{results:?}");
    assert!(matches!(results[2], Err(SendError::Refused(_))), "{results:?}");
}

#[test]
fn a_full_buffer_refuses_at_once() {
    let corner = Corner::new();
    let limits = ProducerLimits {
        queue_records: 10,
        delivery_timeout: Duration::from_secs(1),
        ..ProducerLimits::default()
    };
    let nobody = saphan_kafka::KafkaConfig::plaintext("127.0.0.1:1");
    let producer = Producer::new(&nobody, "full", &limits).unwrap();
    let record = Outbound::keyed(corner.name("x").into(), "k", "v");
    let results = producer.send(vec![record; 50]).wait(Duration::from_secs(20));
    assert_eq!(results.len(), 50);
    assert!(
        results.iter().all(|it| it.as_ref().is_err_and(SendError::is_retriable)),
        "{results:?}"
    );
}

#[test]
fn a_tail_says_when_it_has_caught_up_and_goes_on() {
    let corner = Corner::new();
    let topic = corner.topic("plain", 3, false);
    corner.fill(&topic, 100, 10);
    let (shutdown, mut seen, mut caught_up_at) = (Shutdown::new(), 0, Vec::new());
    thread::scope(|scope| {
        let _stop = StopAtEnd(&shutdown);
        let tail = scope.spawn(|| {
            corner.reader().tail(&topic, TailFrom::Beginning, &shutdown, |it| {
                match it {
                    Tail::Record(_) => seen += 1,
                    Tail::CaughtUp => caught_up_at.push(seen),
                }
                if seen == 150 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        thread::sleep(Duration::from_secs(2));
        corner.fill(&topic, 50, 10);
        assert_eq!(tail.join().unwrap(), Ok(()));
    });
    assert_eq!((seen, caught_up_at.first()), (150, Some(&100)));
}

#[test]
fn altering_one_setting_keeps_the_others() {
    let corner = Corner::new();
    let (name, admin) = (corner.topic("plain", 2, true), corner.admin());
    let spec = TopicSpec { name, partitions: 2, replication: 1, config: BTreeMap::new() };
    assert_eq!(admin.create_topics(std::slice::from_ref(&spec)), Ok(vec![Created::Existed]));
    let change = BTreeMap::from([("retention.ms".to_owned(), "123456".to_owned())]);
    admin.alter_configs(&spec.name, &change).unwrap();
    admin.add_partitions(&spec.name, 5).unwrap();
    // The broker applies both a moment later.
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        let state = admin.describe_topics(&[&spec.name]).unwrap().pop().unwrap();
        let own: Vec<_> =
            state.config.iter().filter(|it| it.1.own).map(|it| (&**it.0, &*it.1.value)).collect();
        let expected = [
            ("cleanup.policy", "compact"),
            ("message.timestamp.type", "LogAppendTime"),
            ("retention.ms", "123456"),
        ];
        if own == expected && state.partitions == 5 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{own:?} {}", state.partitions);
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(admin.list_topics().unwrap().get(&spec.name), Some(&5));
    admin.delete_topics(&[&spec.name]).unwrap();
}
