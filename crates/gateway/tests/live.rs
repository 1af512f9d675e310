//! From a facility's outbox through the gateway into a real topic, also while the broker dies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use saphan_codec::{SchemaIds, decode_framed};
use saphan_devstack::{Part, Stack, StackOptions};
use saphan_edge::sender::{Drained, Until};
use saphan_edge::{EncodedSubmission, Outbox, Sender, SenderConfig};
use saphan_gateway::{Behind, Counter, DeskNames, KafkaLog, Settings, TokenStore, serve, tokens};
use saphan_kafka::{
    Admin, Isolation, KafkaConfig, ProducerLimits, Reader, RecordBuf, Renewing, Silent, TopicSpec,
};
use saphan_model::{Content, Defect, Private, Provenance, Subject, Submission, Timestamp};
use saphan_ops::{Config, Metrics, Stop};

fn submission(facility: &str, n: usize) -> Submission {
    Submission {
        facility: facility.to_owned(),
        subject: Subject::default(),
        natural_key: Private::new(n.to_string()),
        occurred_at: Timestamp(0),
        recorded_at: Timestamp(0),
        provenance: Provenance { document: "x".repeat(n % 700), ..Provenance::default() },
        defaulted: vec![],
        content: Content::Defect(Defect {
            code: "SP-1101".to_owned(),
            column: String::new(),
            remedy: String::new(),
        }),
    }
}

fn fill(outbox: &mut Outbox, facility: &str, range: std::ops::Range<usize>) {
    let mut writer = outbox.writer();
    for n in range {
        let it = EncodedSubmission::of(&submission(facility, n)).expect("small");
        writer.push(it).expect("pushed");
    }
    writer.finish().expect("finished");
}

fn number(record: &RecordBuf) -> usize {
    let value = record.value.as_deref().expect("a value");
    let it: Submission =
        decode_framed(value, &SchemaIds::sequential()).expect("a framed submission");
    assert_eq!(record.key.as_deref(), Some(it.facility.as_bytes()));
    it.natural_key.reveal().parse().expect("a number")
}

/// Names beside those of the ingest topic; nothing stands there here.
fn desk(ingest: &str) -> DeskNames {
    let beside = |it: &str| ingest.replace("ingest.v1", it);
    DeskNames {
        ingest: ingest.to_owned(),
        patient_log: beside("patient.log.v1"),
        consent_revoked: beside("consent.revoked.v1"),
        admit: beside("admit"),
        route: beside("route"),
    }
}

/// A gateway in front of a topic, and what a facility needs to send to it.
struct Centre {
    kafka: KafkaConfig,
    topic: String,
    url: String,
    tokens: std::path::PathBuf,
    stop: Stop,
    server: Option<std::thread::JoinHandle<()>>,
    _dir: tempfile::TempDir,
}

impl Centre {
    fn start(stack: &Stack) -> Self {
        let kafka = KafkaConfig::plaintext(stack.bootstrap());
        let topic = format!("{}.ingest.v1", stack.unique_prefix());
        let spec = TopicSpec {
            name: topic.clone(),
            partitions: 4,
            replication: 1,
            config: BTreeMap::new(),
        };
        Admin::new(&kafka).expect("a client").create_topics(&[spec]).expect("created");
        let limits = ProducerLimits {
            delivery_timeout: Duration::from_secs(3),
            ..ProducerLimits::default()
        };
        let silent = Arc::new(Silent);
        let producer = Renewing::new(&kafka, "gateway", &limits, silent).expect("a producer");
        let log = Arc::new(KafkaLog::new(producer, topic.as_str()));

        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("tokens.toml");
        for code in ["10670", "10671"] {
            let facility = code.parse().expect("a facility code");
            let token = tokens::create(&path, &facility, Timestamp(0)).expect("made");
            std::fs::write(dir.path().join(code), token.reveal()).expect("written");
        }
        let store = TokenStore::open(&path).expect("tokens");
        let mut settings = Settings::from(&Config::default().gateway);
        settings.produce_timeout = Duration::from_secs(6);
        settings.facility_requests_per_second = 1_000;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("set");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, ids) = (Stop::new(), Arc::new(SchemaIds::sequential()));
        let receipts = Counter::start(&kafka, desk(&topic), Arc::clone(&ids), Metrics::new());
        let behind = Behind { log, receipts: Arc::new(receipts.expect("a counter")), ids };
        let server = std::thread::spawn({
            let stop = stop.clone();
            move || {
                let runtime = tokio::runtime::Runtime::new().expect("a runtime");
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                    serve(settings, listener, store, behind, Metrics::new(), stop)
                        .await
                        .expect("served");
                });
            }
        });
        let tokens = dir.path().to_owned();
        Self { kafka, topic, url, tokens, stop, server: Some(server), _dir: dir }
    }

    fn sender(&self, facility: &str) -> Sender {
        let config = SenderConfig {
            batch_events_max: 200,
            pause_first: Duration::from_millis(100),
            pause_max: Duration::from_millis(500),
            ..SenderConfig::new(&self.url)
        };
        let file = self.tokens.join(facility);
        let read = move || std::fs::read_to_string(&file).map_err(|it| it.to_string());
        Sender::new(config, Box::new(read)).expect("settings")
    }

    fn records(&self) -> Vec<RecordBuf> {
        let reader = Reader::new(&self.kafka, "reader", Isolation::Committed).expect("a reader");
        let (name, mut records) = (Arc::<str>::from(self.topic.as_str()), Vec::new());
        reader
            .read_to_end(&self.topic, |it| records.push(it.to_buf(Arc::clone(&name))))
            .expect("read");
        records
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        self.stop.request();
        if let Some(server) = self.server.take() {
            let ended = server.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

#[test]
fn two_facilities_arrive_whole_each_in_its_order() {
    let centre = Centre::start(Stack::shared().expect("the stack starts"));
    std::thread::scope(|scope| {
        for facility in ["10670", "10671"] {
            let centre = &centre;
            scope.spawn(move || {
                let dir = tempfile::tempdir().expect("a folder");
                let mut outbox = Outbox::open(dir.path(), 1 << 30).expect("open");
                fill(&mut outbox, facility, 0..3_000);
                let mut sender = centre.sender(facility);
                assert_eq!(sender.check().expect("known").facility, facility);
                let drained = sender.drain(&mut outbox, Until::Empty, &|_| false, &mut |_| {});
                assert_eq!(drained.expect("drained"), Drained::Empty);
            });
        }
    });
    let records = centre.records();
    for facility in ["10670", "10671"] {
        let of: Vec<_> =
            records.iter().filter(|it| it.key.as_deref() == Some(facility.as_bytes())).collect();
        let numbers: Vec<_> = of.iter().map(|it| number(it)).collect();
        assert_eq!(numbers, (0..3_000).collect::<Vec<_>>());
        assert!(of.windows(2).all(|it| it[0].partition == it[1].partition), "one partition");
    }
}

/// The broker dies while a facility sends and fills its outbox. Nothing the outbox gave up may be
/// missing, and the order must hold: a resend repeats a run, it never leaves a gap behind.
#[test]
fn a_dying_broker_costs_time_and_nothing_else() {
    let stack = Stack::start(StackOptions::private().only([Part::Kafka])).expect("a stack");
    let centre = Centre::start(&stack);
    let dir = tempfile::tempdir().expect("a folder");
    let total = 6_000;
    let filled = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut outbox = Outbox::open(dir.path(), 1 << 30).expect("open");
            for start in (0..total).step_by(100) {
                fill(&mut outbox, "10670", start..start + 100);
                std::thread::sleep(Duration::from_millis(60));
            }
            filled.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            let mut outbox = Outbox::open(dir.path(), 1 << 30).expect("open");
            let mut sender = centre.sender("10670");
            let mut nothing = |_| {};
            while !filled.load(Ordering::Acquire) {
                sender.drain(&mut outbox, Until::Empty, &|_| false, &mut nothing).expect("sent");
                std::thread::sleep(Duration::from_millis(5));
            }
            sender.drain(&mut outbox, Until::Empty, &|_| false, &mut nothing).expect("sent");
        });
        for pause in [600, 4_500] {
            std::thread::sleep(Duration::from_millis(500));
            stack.kill(Part::Kafka).expect("killed");
            std::thread::sleep(Duration::from_millis(pause));
            stack.restart(Part::Kafka).expect("restarted");
        }
    });
    let numbers: Vec<_> = centre.records().iter().map(number).collect();
    let mut next = 0;
    for number in numbers {
        assert!(number <= next, "{number} came before {next}");
        next = next.max(number + 1);
    }
    assert_eq!(next, total);
}
