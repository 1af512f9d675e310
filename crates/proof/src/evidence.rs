//! Gathers what route wrote: every decision and delivery becomes a sighting, filed under the log
//! partition its `src` header names.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use saphan_codec::{SchemaIds, decode_framed};
use saphan_kafka::Record;
use saphan_model::admission::{ConsentState, Holding};
use saphan_model::decision::{Decision, WithholdReason};

use crate::catalog::{Catalog, TopicId};
use crate::finding::{Finding, Kind, Place};
use crate::shelf::Shelf;
use crate::sighting::{Fingerprints, Sighting};
use crate::wording;

/// A run of one log partition's records in one partition of a topic.
pub(crate) type Run = (TopicId, u16);

/// What was seen, until it is compared.
pub struct Evidence {
    log: String,
    ids: Arc<SchemaIds>,
    fingerprints: Fingerprints,
    shelf: Box<dyn Shelf>,
    last: HashMap<(Run, i32), i64>,
    unordered: HashMap<i32, BTreeSet<Run>>,
    overlay: HashMap<i32, HashMap<i64, Vec<String>>>,
    applied: HashMap<i32, (i64, Place)>,
    log_partitions: i32,
    seen: u64,
}

/// The newest row of a key in `consent.state.v1`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) offset: i64,
    /// The record it was made from; none once the row was removed.
    pub(crate) applied: Option<i64>,
    /// Fingerprint of its value.
    pub(crate) value: [u8; 16],
}

/// The sightings of one log partition.
#[derive(Default)]
pub struct Filed {
    pub(crate) sightings: Vec<Sighting>,
    /// Runs whose sources do not only grow.
    pub(crate) unordered: BTreeSet<Run>,
    /// Agencies from which the overlay withheld, by source offset.
    pub(crate) overlay: HashMap<i64, Vec<String>>,
    /// The newest record any state row was made from, with the row's place.
    pub(crate) applied: Option<(i64, Place)>,
    /// Rows of route's state, by the fingerprints of their keys.
    pub(crate) rows: HashMap<u64, Row>,
}

impl Evidence {
    /// Nothing seen yet. `log`: the name of the patient log, and how many partitions it has.
    pub fn new(
        (log, log_partitions): (String, i32),
        ids: Arc<SchemaIds>,
        fingerprints: Fingerprints,
        shelf: Box<dyn Shelf>,
    ) -> Self {
        Self {
            log,
            ids,
            fingerprints,
            shelf,
            last: HashMap::new(),
            unordered: HashMap::new(),
            overlay: HashMap::new(),
            applied: HashMap::new(),
            log_partitions,
            seen: 0,
        }
    }

    /// Number of records seen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Takes one record of an output topic; a finding if it names no source or says more beside it.
    /// Records of a partition come in its order.
    pub fn see(&mut self, catalog: &Catalog, record: &Record<'_>) -> io::Result<Option<Finding>> {
        let Some(topic) = catalog.id(record.topic) else { return Ok(None) };
        self.seen += 1;
        let Some((partition, source_offset)) = source(record, &self.log) else {
            return Ok(Some(stray(catalog, topic, record, wording::SOURCELESS)));
        };
        if !(0..self.log_partitions).contains(&partition) {
            return Ok(Some(stray(catalog, topic, record, wording::UNBACKED)));
        }
        let sighting = Sighting {
            source_offset,
            topic,
            partition: u16::try_from(record.partition).unwrap_or(u16::MAX),
            offset: record.offset,
            appended_at: record.append_time_ms,
            key: self.fingerprints.key(record.key.unwrap_or_default()),
            value: self.fingerprints.value(&self.as_of_today(topic, record)),
        };
        let run = (topic, sighting.partition);
        let last = self.last.entry((run, partition)).or_insert(i64::MIN);
        if source_offset < *last {
            self.unordered.entry(partition).or_default().insert(run);
        }
        *last = source_offset.max(*last);
        if topic == TopicId::DECISION {
            self.note_overlay(partition, source_offset, record);
        }
        self.shelf.put(partition, &sighting)?;
        // What an agency learns stands in the value, which is compared; the one header is the source.
        let more = record.headers.len() > 1;
        Ok(more.then(|| {
            let agency = catalog.topic(topic).agency.clone();
            let kind = match topic {
                TopicId::DECISION => Kind::DecisionDiffers,
                _ => Kind::WrongContent,
            };
            let finding = Finding::new(kind, wording::MORE_HEADERS);
            Finding { agency, found_at: Some(place(record)), ..finding }
        }))
    }

    /// The value as the replay makes it: decisions of before a new version of their schema are read
    /// under today's. What agencies received stays as it was: its schema is the contract version's.
    fn as_of_today<'r>(&self, topic: TopicId, record: &Record<'r>) -> Cow<'r, [u8]> {
        let value = record.value.unwrap_or_default();
        match topic {
            TopicId::DECISION => self.ids.current(value).unwrap_or(Cow::Borrowed(value)),
            _ => Cow::Borrowed(value),
        }
    }

    /// What the overlay withheld cannot be replayed from the log; the decision says it, and a later
    /// directive of the same patient must bear it out.
    fn note_overlay(&mut self, partition: i32, offset: i64, record: &Record<'_>) {
        let value = record.value.unwrap_or_default();
        let Ok(decision) = decode_framed::<Decision>(value, &self.ids) else { return };
        let revoked = |reason| reason == Some(WithholdReason::RevokedOverlay);
        let agencies = decision.outcomes.into_iter().filter(|it| revoked(it.reason));
        let agencies: Vec<String> = agencies.map(|it| it.agency).collect();
        if !agencies.is_empty() {
            self.overlay.entry(partition).or_default().insert(offset, agencies);
        }
    }

    /// Takes one row of `consent.state.v1`; a finding if it cannot be read.
    pub fn see_state(&mut self, record: &Record<'_>) -> io::Result<Option<Finding>> {
        let Some(value) = record.value else {
            self.keep_row(record, None, &[])?;
            return Ok(None);
        };
        let applied = match record.key.and_then(<[u8]>::first) {
            Some(b'c') => {
                decode_framed::<ConsentState>(value, &self.ids).map(|it| it.applied_offset)
            }
            _ => decode_framed::<Holding>(value, &self.ids).map(|it| it.applied_offset),
        };
        let place = place(record);
        match applied {
            Ok(applied) => {
                let newest =
                    self.applied.entry(record.partition).or_insert((i64::MIN, place.clone()));
                if applied > newest.0 {
                    *newest = (applied, place);
                }
                let today = self.ids.current(value).unwrap_or(Cow::Borrowed(value)).into_owned();
                self.keep_row(record, Some(applied), &today)?;
                Ok(None)
            }
            Err(why) => {
                let detail = format!("a row of route's state cannot be read: {why}");
                let finding = Finding::new(Kind::Unreadable, detail);
                Ok(Some(Finding { found_at: Some(place), ..finding }))
            }
        }
    }

    /// Rows wait beside the sightings of their partition, in the same form: topic and partition of a row
    /// are known by where it waits, and what stands for them here is not read.
    fn keep_row(
        &mut self,
        record: &Record<'_>,
        applied: Option<i64>,
        value: &[u8],
    ) -> io::Result<()> {
        let row = Sighting {
            source_offset: applied.unwrap_or(REMOVED),
            topic: TopicId::DECISION,
            partition: 0,
            offset: record.offset,
            appended_at: record.append_time_ms,
            key: self.fingerprints.key(record.key.unwrap_or_default()),
            value: self.fingerprints.value(value),
        };
        self.shelf.put(rows_of(record.partition), &row)
    }

    fn rows(&mut self, partition: i32) -> io::Result<HashMap<u64, Row>> {
        let row = |it: Sighting| {
            let applied = Some(it.source_offset).filter(|it| *it != REMOVED);
            (it.key, Row { offset: it.offset, applied, value: it.value })
        };
        Ok(self.shelf.take(rows_of(partition))?.into_iter().map(row).collect())
    }

    /// Everything filed under a log partition, once.
    pub fn take(&mut self, partition: i32) -> io::Result<Filed> {
        Ok(Filed {
            sightings: self.shelf.take(partition)?,
            unordered: self.unordered.remove(&partition).unwrap_or_default(),
            overlay: self.overlay.remove(&partition).unwrap_or_default(),
            applied: self.applied.remove(&partition),
            rows: self.rows(partition)?,
        })
    }
}

/// In place of the record a row was made from, when the row was removed.
const REMOVED: i64 = -1;

/// Where rows of a partition wait: partitions begin at zero.
fn rows_of(partition: i32) -> i32 {
    !partition
}

/// The place of a record.
pub(crate) fn place(record: &Record<'_>) -> Place {
    Place { topic: record.topic.to_owned(), partition: record.partition, offset: record.offset }
}

/// Partition and offset in `topic` that a record's `src` header names.
pub(crate) fn source(record: &Record<'_>, topic: &str) -> Option<(i32, i64)> {
    let text = std::str::from_utf8(record.headers.get("src")?).ok()?;
    let (partition, offset) = text.strip_prefix(topic)?.strip_prefix('/')?.split_once('/')?;
    Some((partition.parse().ok()?, offset.parse().ok()?))
}

/// A record that no record of the log stands behind.
fn stray(catalog: &Catalog, topic: TopicId, record: &Record<'_>, detail: &str) -> Finding {
    let (kind, agency) = match topic {
        TopicId::DECISION => (Kind::DecisionWithoutRecord, None),
        _ => (Kind::Leak, catalog.topic(topic).agency.clone()),
    };
    Finding { agency, found_at: Some(place(record)), ..Finding::new(kind, detail) }
}
