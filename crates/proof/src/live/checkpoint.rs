//! Counting a real platform's topics again, and finding in them what is to be proved.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use saphan_kafka::{KafkaConfig, Record, partition_of};
use saphan_model::{PatientId, Timestamp};
use saphan_topology::Names;

use super::read::Topics;
use super::{LiveError, TELL_EVERY};
use crate::checkpoint::heads::Part;
use crate::checkpoint::lists::Lists;
use crate::checkpoint::path::{Gather, inclusion};
use crate::checkpoint::proof::{Bytes, HeadsProof, Path};
use crate::checkpoint::recount::Span;
use crate::checkpoint::store::Entry;
use crate::checkpoint::{Broken, BrokenKind, Head, Proof, Recount, Store, leaf};
use crate::kept::Kept;

/// Topics that are committed to.
pub struct Sealed<'p> {
    /// How to reach the brokers.
    pub kafka: KafkaConfig,
    /// Topic names.
    pub names: &'p Names,
    /// How long each topic keeps its records.
    pub kept: BTreeMap<String, Kept>,
}

/// Every tree counted again.
#[derive(Debug, Default)]
pub struct Recounted {
    /// The heads of now.
    pub parts: BTreeMap<Part, Head>,
    /// What does not agree with earlier checkpoints.
    pub broken: Vec<Broken>,
}

/// How far to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To the end of what is committed: the heads become a new checkpoint.
    Now,
    /// To the last checkpoint.
    LastCheckpoint,
}

impl Sealed<'_> {
    /// Counts decisions, the patient log and every agency's topic again and compares with every
    /// checkpoint. `progress` is told in sentences what goes on.
    pub fn recount(
        &self,
        entries: &[Entry],
        (until, now): (Until, Timestamp),
        progress: &mut dyn FnMut(&str),
    ) -> Result<Recounted, LiveError> {
        let topics = Topics::open(&self.kafka)?;
        let mut all = Recounted::default();
        let mut spans = self.spans(&topics)?;
        let newest = entries.last().map(|it| &it.heads.parts);
        for part in newest.iter().flat_map(|it| it.keys()) {
            if !spans.contains_key(part) {
                let detail = "the partition of a checkpoint is not there any more";
                let place = Some(part.clone());
                let gone = Broken::new(BrokenKind::Shortened, detail).at(entries.len() as u64);
                all.broken.push(Broken { place, ..gone });
            }
        }
        if until == Until::LastCheckpoint {
            spans.retain(|part, _| newest.is_some_and(|it| it.contains_key(part)));
        }
        for (part, span) in spans {
            let mut last = newest.and_then(|it| it.get(&part)).map(|it| it.next);
            last = last.filter(|_| until == Until::LastCheckpoint);
            let span = Span { end: last.map_or(span.end, |it| it.min(span.end)), ..span };
            let (head, _, broken) = self.count(&topics, &part, span, entries, now, progress)?;
            all.parts.insert(part, head);
            all.broken.extend(broken);
        }
        Ok(all)
    }

    fn count(
        &self,
        topics: &Topics,
        part: &Part,
        span: Span,
        entries: &[Entry],
        now: Timestamp,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(Head, Option<Lists>, Vec<Broken>), LiveError> {
        let topic = &part.0;
        let kept = self.kept.get(topic).copied().unwrap_or(Kept::Unknown);
        let earlier = entries.iter().zip(1..).filter_map(|(entry, number)| {
            let head = entry.heads.parts.get(part)?.clone();
            Some((number, entry.heads.made_at.0, head))
        });
        let lists = *topic == self.names.decision();
        let mut recount = Recount::new(part.clone(), span, earlier.collect(), (kept, now.0), lists);
        let (started, mut records) = (Instant::now(), 0u64);
        read(topics, part, span.first, span.end, |record| {
            recount.push(record);
            records += 1;
            if records.is_multiple_of(TELL_EVERY) {
                progress(&told(part, records, started));
            }
        })?;
        if records > 0 {
            progress(&told(part, records, started));
        }
        Ok(recount.finish())
    }

    /// Partitions with what is committed in them now.
    fn spans(&self, topics: &Topics) -> Result<BTreeMap<Part, Span>, LiveError> {
        let prefix = self.names.agency_prefix();
        let own = BTreeSet::from([self.names.decision(), self.names.patient_log()]);
        let sealed = |it: &String| own.contains(it) || it.starts_with(&prefix);
        let mut spans = BTreeMap::new();
        for topic in topics.admin.list_topics()?.into_keys().filter(sealed) {
            for partition in topics.partitions(&topic)? {
                let bounds = topics.committed.bounds(&topic, partition)?;
                let span = Span { first: bounds.first, end: bounds.end };
                spans.insert((topic.clone(), partition), span);
            }
        }
        Ok(spans)
    }

    /// Proves that a record stood in its partition at a checkpoint.
    pub fn prove_record(
        &self,
        store: &Store,
        number: u64,
        part: Part,
        offset: i64,
    ) -> Result<Proof, LiveError> {
        let (topics, head) = (Topics::open(&self.kafka)?, head(store, number, &part)?);
        let (mut index, mut found) = (0, None);
        read(&topics, &part, head.first, head.next, |record| {
            if record.offset == offset {
                found = Some((index, leaf::encode(record)));
            }
            index += 1;
        })?;
        let (index, record) = found.ok_or_else(|| {
            let (topic, partition) = &part;
            let place = format!("{topic}/{partition}/{offset}");
            LiveError::NothingThere(format!("checkpoint {number} holds no record {place}"))
        })?;
        let mut gather = Gather::new(inclusion(index, head.tree.size()));
        let tree = self.grow(&topics, &part, &head, |_, hash| gather.push(hash))?;
        same(&tree, &head, &part, number)?;
        Ok(Proof::Record {
            heads: heads(store, number, &part),
            topic: part.0,
            partition: part.1,
            record: Bytes(record),
            index,
            path: Path::new(gather.finish()),
        })
    }

    /// Proves that the decisions about a patient at a checkpoint are all there were.
    pub fn prove_list(
        &self,
        store: &Store,
        number: u64,
        patient: PatientId,
    ) -> Result<Proof, LiveError> {
        let topics = Topics::open(&self.kafka)?;
        let topic = self.names.decision();
        let count = topics.partitions(&topic)?.end;
        let part = (topic, partition_of(&patient.0, count));
        let head = head(store, number, &part)?;
        let (mut lists, mut records) = (Lists::default(), Vec::new());
        let tree = self.grow(&topics, &part, &head, |record, hash| {
            lists.push(record.key, &hash);
            if record.key == Some(&patient.0[..]) {
                records.push(Bytes(leaf::encode(record)));
            }
        })?;
        same(&tree, &head, &part, number)?;
        let (index, path) = lists.prove(&patient.0).ok_or_else(|| {
            let detail = format!("checkpoint {number} holds no decision about this patient");
            LiveError::NothingThere(detail)
        })?;
        Ok(Proof::List {
            heads: heads(store, number, &part),
            topic: part.0,
            partition: part.1,
            patient: Bytes(patient.0.to_vec()),
            records,
            index,
            path: Path::new(path),
        })
    }

    /// The tree up to a head, from the beginning.
    fn grow(
        &self,
        topics: &Topics,
        part: &Part,
        head: &Head,
        mut visit: impl FnMut(&Record<'_>, [u8; 32]),
    ) -> Result<Head, LiveError> {
        let span = Span { first: head.first, end: head.next };
        let mut recount = Recount::new(part.clone(), span, Vec::new(), (Kept::Unknown, 0), false);
        read(topics, part, span.first, span.end, |record| {
            if let Some(hash) = recount.push(record) {
                visit(record, hash);
            }
        })?;
        Ok(recount.finish().0)
    }
}

/// Reads what is committed from one offset to below another.
fn read(
    topics: &Topics,
    (topic, partition): &Part,
    first: i64,
    end: i64,
    visit: impl FnMut(&Record<'_>),
) -> Result<(), LiveError> {
    if first < end {
        topics.committed.read_range(topic, *partition, first, end - 1, visit)?;
    }
    Ok(())
}

fn head(store: &Store, number: u64, part: &Part) -> Result<Head, LiveError> {
    let place = usize::try_from(number).ok().and_then(|it| it.checked_sub(1));
    let entry = place.and_then(|it| store.entries().get(it)).ok_or_else(|| {
        LiveError::NothingThere(format!("there is no checkpoint {number} in the folder"))
    })?;
    entry.heads.parts.get(part).cloned().ok_or_else(|| {
        let (topic, partition) = part;
        LiveError::NothingThere(format!("checkpoint {number} does not hold {topic}/{partition}"))
    })
}

fn heads(store: &Store, number: u64, part: &Part) -> HeadsProof {
    let newest = store.entries().len() as u64;
    let entry = |number: u64| &store.entries()[usize::try_from(number - 1).expect("it is there")];
    let line = entry(number).heads.prove(part);
    let (line, line_index, line_path) = line.expect("its head was found among them");
    HeadsProof {
        checkpoint: entry(newest).note.clone(),
        summary: entry(number).summary.clone(),
        number,
        path: Path::new(store.prove_heads(number, newest)),
        line,
        line_index,
        line_path: Path::new(line_path),
    }
}

fn same(tree: &Head, head: &Head, part: &Part, number: u64) -> Result<(), Broken> {
    if tree.tree == head.tree {
        return Ok(());
    }
    let detail = "the records are not those the checkpoint was made for; `saphan checkpoint verify` \
                  tells where";
    let broken = Broken::new(BrokenKind::Altered, detail).at(number);
    Err(Broken { place: Some(part.clone()), ..broken })
}

fn told((topic, partition): &Part, records: u64, started: Instant) -> String {
    let rate = records as f64 / started.elapsed().as_secs_f64().max(0.001);
    format!("partition {partition} of {topic}: {records} records, {rate:.0} a second")
}
