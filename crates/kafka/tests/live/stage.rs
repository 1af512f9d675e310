//! A small stateful stage: counts the records of each key and writes each record on with its count.
//! If state, output and position ever part company, a count is skipped or comes twice.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use saphan_kafka::{Failure, Header, Outbound, Processor, Record, RecordBuf, WorkerConfig};

use crate::support::Corner;

/// The topics of one counting application.
pub struct Topics {
    pub input: String,
    pub state: String,
    pub output: String,
}

impl Topics {
    pub fn new(corner: &Corner, partitions: i32) -> Self {
        Self {
            input: corner.topic("input", partitions, false),
            state: corner.topic("state", partitions, true),
            output: corner.topic("output", 3, false),
        }
    }
}

pub struct Counting {
    output: Arc<str>,
    state: Arc<str>,
    counts: BTreeMap<i32, HashMap<Vec<u8>, Row>>,
    undo: Vec<(i32, Vec<u8>, Option<Row>)>,
    pub calls: Vec<String>,
    /// Fails with this when the record with the number arrives, as often as told.
    pub fail: Option<(u32, Failure, u32)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Row {
    count: u64,
    applied: i64,
}

impl Counting {
    pub fn new(output: &str, state: &str) -> Self {
        Self {
            output: output.into(),
            state: state.into(),
            counts: BTreeMap::new(),
            undo: Vec::new(),
            calls: Vec::new(),
            fail: None,
        }
    }

    fn restore_row(&mut self, partition: i32, key: Vec<u8>, row: Option<Row>) {
        let rows = self.counts.entry(partition).or_default();
        match row {
            Some(row) => rows.insert(key, row),
            None => rows.remove(&key),
        };
    }
}

impl Processor for Counting {
    fn assign(&mut self, partition: i32) {
        self.counts.insert(partition, HashMap::new());
        self.calls.push(format!("assign {partition}"));
    }

    fn restore(&mut self, partition: i32, key: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        let row = value.map(|it| Row {
            count: u64::from_be_bytes(it[..8].try_into().expect("8 bytes")),
            applied: i64::from_be_bytes(it[8..].try_into().expect("8 bytes")),
        });
        self.restore_row(partition, key.to_vec(), row);
        Ok(())
    }

    fn restored(&mut self, partition: i32, next_offset: Option<i64>) -> Result<(), Failure> {
        let ahead = |it: &&Row| next_offset.is_none_or(|next| it.applied >= next);
        if let Some(row) = self.counts[&partition].values().find(ahead) {
            let text =
                format!("row applied at {} but the position is {next_offset:?}", row.applied);
            return Err(Failure::fatal("SP-1505", text));
        }
        self.calls.push(format!("restored {partition}"));
        Ok(())
    }

    fn apply(&mut self, record: &Record<'_>, out: &mut Vec<Outbound>) -> Result<(), Failure> {
        let number =
            u32::from_be_bytes(record.value.expect("a value").try_into().expect("4 bytes"));
        if let Some((_, failure, times)) =
            self.fail.as_mut().filter(|it| it.0 == number && it.2 > 0)
        {
            *times -= 1;
            return Err(failure.clone());
        }
        let key = record.key.expect("a key").to_vec();
        let rows = self.counts.get_mut(&record.partition).expect("an assigned partition");
        let before = rows.get(&key).copied();
        let row = Row { count: before.map_or(0, |it| it.count) + 1, applied: record.offset };
        rows.insert(key.clone(), row);
        self.undo.push((record.partition, key.clone(), before));
        let mut value = row.count.to_be_bytes().to_vec();
        let src = format!("{}/{}/{}", record.topic, record.partition, record.offset);
        let delivery = Outbound::keyed(Arc::clone(&self.output), &key, value.clone());
        out.push(delivery.with(Header::new("src", src)));
        value.extend(row.applied.to_be_bytes());
        out.push(Outbound::state(Arc::clone(&self.state), record.partition, key, Some(value)));
        Ok(())
    }

    fn committed(&mut self) {
        self.undo.clear();
        self.calls.push("committed".to_owned());
    }

    fn rolled_back(&mut self) {
        for (partition, key, before) in std::mem::take(&mut self.undo).into_iter().rev() {
            self.restore_row(partition, key, before);
        }
        self.calls.push("rolled back".to_owned());
    }

    fn revoke(&mut self, partition: i32) {
        assert!(self.undo.is_empty(), "no batch is open while a partition is given up");
        self.counts.remove(&partition);
        self.calls.push(format!("revoke {partition}"));
    }
}

/// Every input record left exactly one output, and every key was counted 1, 2, 3 … in order.
#[track_caller]
pub fn check_output(input: &[RecordBuf], output: &[RecordBuf]) {
    let mut sources: BTreeMap<String, u32> = BTreeMap::new();
    let mut last: HashMap<&[u8], u64> = HashMap::new();
    for it in output {
        let record = it.as_record();
        let src =
            String::from_utf8(record.headers.get("src").expect("src").to_vec()).expect("text");
        *sources.entry(src).or_default() += 1;
        let count = u64::from_be_bytes(record.value.expect("a count").try_into().expect("8 bytes"));
        let last = last.entry(it.key.as_deref().expect("a key")).or_default();
        assert_eq!(count, *last + 1, "counts of a key follow each other");
        *last = count;
    }
    let doubled = sources.values().filter(|it| **it > 1).count();
    let missing = input.iter().filter(|it| {
        !sources.contains_key(&format!("{}/{}/{}", it.topic, it.partition, it.offset))
    });
    assert_eq!((missing.count(), doubled), (0, 0), "(lost, doubled) of {} records", input.len());
    assert_eq!(output.len(), input.len());
}

/// Timeouts short enough for a test.
pub fn config(app: &str, worker: u32, input: &str, state: &str) -> WorkerConfig {
    let mut it = WorkerConfig::new(app, 0, worker, input);
    it.state = Some(state.to_owned());
    it.session_timeout = std::time::Duration::from_secs(6);
    it.transaction_timeout = std::time::Duration::from_secs(6);
    it
}
