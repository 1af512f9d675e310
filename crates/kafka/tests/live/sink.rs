//! The planned-range sink: every record in exactly one range, a range written again under the same
//! token holds the same records.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use saphan_kafka::{
    Failure, Plan, RangeSink, RecordBuf, Shutdown, Silent, SinkConfig, SinkError, sink,
};

use crate::child::start_sink;
use crate::support::{Corner, StopAtEnd};

#[test]
fn a_killed_sink_writes_the_same_range_again_under_the_same_token() {
    let corner = Corner::new();
    let (one, two) = (corner.topic("one", 3, false), corner.topic("two", 1, false));
    corner.fill(&one, 4_000, 100);
    corner.fill(&two, 1_000, 100);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal");
    let (group, deadline) = (corner.name("sink"), Instant::now() + Duration::from_secs(90));
    let mut child = start_sink(&corner, &[&one, &two], &file);
    let mut deaths = 0;
    while corner.behind(&group, &one) + corner.behind(&group, &two) > 0 {
        assert!(Instant::now() < deadline, "the sink does not finish");
        if child.ended() {
            deaths += 1;
            child = start_sink(&corner, &[&one, &two], &file);
        }
        thread::sleep(Duration::from_millis(50));
    }
    child.kill();
    assert!(deaths >= 3, "the sink died only {deaths} times");
    let journal = fs::read_to_string(&file).unwrap();
    let mut ranges: HashMap<&str, &str> = HashMap::new();
    let mut repeated = 0;
    for (token, offsets) in journal.lines().filter_map(|it| it.split_once(' ')) {
        if let Some(before) = ranges.insert(token, offsets) {
            repeated += 1;
            assert_eq!(before, offsets, "token {token} came back with other records");
        }
    }
    assert!(repeated >= deaths, "each death left a range to write again");
    let mut written: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (token, offsets) in ranges {
        let partition = token.rsplit_once(':').unwrap().0.to_owned();
        let offsets = offsets.split(',').map(|it| it.parse::<i64>().unwrap());
        written.entry(partition).or_default().extend(offsets);
    }
    for topic in [&one, &two] {
        for it in corner.read_all(topic) {
            written.entry(format!("{topic}:{}", it.partition)).or_default().push(it.offset);
        }
    }
    for (partition, mut offsets) in written {
        offsets.sort_unstable();
        let pairs = offsets.chunks(2).all(|it| it.len() == 2 && it[0] == it[1]);
        assert!(pairs && offsets.windows(3).all(|it| it[0] != it[2]), "{partition}: {offsets:?}");
    }
}

#[derive(Default)]
struct Memory {
    writes: Vec<(Plan, Vec<RecordBuf>)>,
    failures: u32,
    fatal: bool,
}

impl RangeSink for Memory {
    fn write(&mut self, plan: &Plan, records: &[RecordBuf]) -> Result<(), Failure> {
        self.writes.push((plan.clone(), records.to_vec()));
        if self.fatal {
            return Err(Failure::fatal("SP-1799", "never"));
        }
        if self.failures > 0 {
            self.failures -= 1;
            return Err(Failure::transient("SP-1799", "not now"));
        }
        Ok(())
    }
}

fn sink_config(corner: &Corner, topic: &str) -> SinkConfig {
    let mut it = SinkConfig::new(corner.name("sink"), 0, 0, vec![topic.to_owned()]);
    it.session_timeout = Duration::from_secs(6);
    it.limits.age_max = Duration::from_millis(200);
    it
}

#[test]
fn a_store_that_does_not_answer_is_asked_again_with_equal_arguments() {
    let corner = Corner::new();
    let topic = corner.topic("one", 2, false);
    corner.fill(&topic, 500, 50);
    let config = sink_config(&corner, &topic);
    let mut memory = Memory { failures: 4, ..Memory::default() };
    let shutdown = Shutdown::new();
    thread::scope(|scope| {
        let _stop = StopAtEnd(&shutdown);
        let run =
            scope.spawn(|| sink::run(&corner.kafka, &config, &mut memory, &Silent, &shutdown));
        corner.wait_until_read(&config.group, &topic, Duration::from_secs(60));
        shutdown.request();
        assert_eq!(run.join().unwrap(), Ok(()));
    });
    assert!(memory.writes[..5].windows(2).all(|it| it[0] == it[1]));
    let written: usize = memory.writes[4..].iter().map(|it| it.1.len()).sum();
    assert_eq!(written, 500);
}

#[test]
fn a_plan_survives_the_sink_that_made_it() {
    let corner = Corner::new();
    let topic = corner.topic("one", 1, false);
    corner.fill(&topic, 300, 50);
    let config = sink_config(&corner, &topic);
    let mut failing = Memory { fatal: true, ..Memory::default() };
    let ended = sink::run(&corner.kafka, &config, &mut failing, &Silent, &Shutdown::new());
    assert!(matches!(ended, Err(SinkError::Sink(_))));
    corner.fill(&topic, 300, 50); // must not slip into the planned range
    let mut memory = Memory::default();
    let shutdown = Shutdown::new();
    thread::scope(|scope| {
        let _stop = StopAtEnd(&shutdown);
        let run =
            scope.spawn(|| sink::run(&corner.kafka, &config, &mut memory, &Silent, &shutdown));
        corner.wait_until_read(&config.group, &topic, Duration::from_secs(60));
        shutdown.request();
        assert_eq!(run.join().unwrap(), Ok(()));
    });
    assert_eq!(memory.writes[0], failing.writes[0]);
    assert_eq!(memory.writes.iter().map(|it| it.1.len()).sum::<usize>(), 600);
}

#[track_caller]
fn check_refused(metadata: &str, expected: &str) {
    let corner = Corner::new();
    let topic = corner.topic("one", 1, false);
    corner.fill(&topic, 10, 5);
    let config = sink_config(&corner, &topic);
    commit(&corner, &config.group, &topic, metadata);
    let mut memory = Memory::default();
    let ended = sink::run(&corner.kafka, &config, &mut memory, &Silent, &Shutdown::new());
    assert_eq!(ended.unwrap_err().code(), expected);
    assert_eq!(memory.writes.len(), 0);
}

#[test]
fn a_plan_that_reads_differently_now_is_refused() {
    check_refused("v1;pending=0-4;rows=5;crc=00000000", "SP-1515");
}

#[test]
fn foreign_metadata_is_refused() {
    check_refused("written by somebody else", "SP-1516");
}

fn commit(corner: &Corner, group: &str, topic: &str, metadata: &str) {
    use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
    let consumer: BaseConsumer = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", &corner.kafka.bootstrap)
        .set("group.id", group)
        .create()
        .unwrap();
    let mut list = rdkafka::TopicPartitionList::new();
    let mut it = list.add_partition(topic, 0);
    it.set_offset(rdkafka::Offset::Offset(0)).unwrap();
    it.set_metadata(metadata);
    consumer.commit(&list, CommitMode::Sync).unwrap();
}
