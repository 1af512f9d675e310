//! Where receipts are looked up: in the log, by position. Blocking; the gateway asks through
//! [`crate::Counter`], the `consent` commands directly. Needs no key of the platform.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::{Admin, Bounds, Isolation, KafkaConfig, Position, Reader, Record, Trouble};
use saphan_model::admission::ConsentChange;
use saphan_model::{EventType, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::receipt::{Receipt, Standing};

/// Changes of consent have one partition, so that every router reads all of them.
const CHANGES: i32 = 0;

/// Topics and groups, with their prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskNames {
    /// Submissions.
    pub ingest: String,
    /// The patient log.
    pub patient_log: String,
    /// Changes of consent with their places.
    pub consent_revoked: String,
    /// The group whose positions say what admit has decided about.
    pub admit: String,
    /// The group whose positions say what route has passed.
    pub route: String,
}

/// A change of consent that admit told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Offset in `consent.revoked.v1`.
    pub offset: i64,
    /// `topic/partition/offset` of the submission it came with; empty in records of older versions.
    pub source: Vec<u8>,
    /// The change.
    pub change: ConsentChange,
}

/// What a record of the patient log is, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The facility that reported it.
    pub facility: String,
    /// What it is.
    pub event_type: EventType,
    /// When it was appended.
    pub appended_at: Timestamp,
    /// SHA-256 of its value, in hexadecimal.
    pub sha256: String,
}

/// How far route is in each partition of the patient log. Its position is committed with everything it
/// wrote up to there, so whoever owns the partition from then on knows what stands before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routed(BTreeMap<i32, i64>);

impl Routed {
    /// Is it past all these places?
    pub fn past(&self, places: &[Position]) -> bool {
        let past = |it: &Position| self.0.get(&it.partition).is_some_and(|next| *next > it.offset);
        places.iter().all(past)
    }
}

/// Asks the log. One question at a time.
pub struct Desk {
    kafka: KafkaConfig,
    names: DeskNames,
    ids: Arc<SchemaIds>,
    reader: Reader,
    admin: Admin,
    /// Sees records of unfinished transactions; seldom needed.
    all: OnceCell<Reader>,
}

impl Desk {
    /// Connects lazily.
    pub fn open(
        kafka: &KafkaConfig,
        names: DeskNames,
        ids: Arc<SchemaIds>,
    ) -> Result<Self, Trouble> {
        let reader = Reader::new(kafka, "receipts", Isolation::Committed)?;
        let admin = Admin::new(kafka)?;
        Ok(Self { kafka: kafka.clone(), names, ids, reader, admin, all: OnceCell::new() })
    }

    /// The `src` header of what admit makes from the submission at this place.
    pub fn source(&self, at: Position) -> Vec<u8> {
        format!("{}/{}/{}", self.names.ingest, at.partition, at.offset).into_bytes()
    }

    /// The first change told that is still there, and the offset after the last one: what is appended
    /// later is told at or after it.
    pub fn told_bounds(&self) -> Result<Bounds, Trouble> {
        self.reader.bounds(&self.names.consent_revoked, CHANGES)
    }

    /// The offset after the last change, those of unfinished transactions included.
    pub fn telling_end(&self) -> Result<i64, Trouble> {
        let reader = match self.all.get() {
            Some(it) => it,
            None => {
                let it = Reader::new(&self.kafka, "receipts-all", Isolation::Uncommitted)?;
                self.all.get_or_init(|| it)
            }
        };
        Ok(reader.bounds(&self.names.consent_revoked, CHANGES)?.end)
    }

    /// The changes told in this range that are `wanted`, in order.
    pub fn told(
        &self,
        range: Range<i64>,
        wanted: impl Fn(&Record<'_>) -> bool,
    ) -> Result<Vec<Told>, Trouble> {
        let (mut found, mut unreadable) = (Vec::new(), None);
        if range.is_empty() {
            return Ok(found);
        }
        let topic = &self.names.consent_revoked;
        self.reader.read_range(topic, CHANGES, range.start, range.end - 1, |it| {
            let Some(value) = it.value.filter(|_| wanted(it)) else { return };
            let (offset, source) = (it.offset, it.headers.get("src").unwrap_or_default().to_vec());
            match saphan_codec::decode_framed(value, &self.ids) {
                Ok(change) => found.push(Told { offset, source, change }),
                Err(why) => unreadable = Some(why),
            }
        })?;
        match unreadable {
            Some(why) => Err(Trouble::new("SP-1338", format!("a change cannot be read: {why}"))),
            None => Ok(found),
        }
    }

    /// The facility that sent the submission at this place; none if nothing stands there any more.
    pub fn sender(&self, at: Position) -> Result<Option<String>, Trouble> {
        self.record(&self.names.ingest, at, |it| {
            it.key.and_then(|it| std::str::from_utf8(it).ok()).map(str::to_owned)
        })
    }

    /// What stands at a place of the patient log.
    pub fn stamp(&self, at: Position) -> Result<Option<Stamp>, Trouble> {
        let stamp = |it: &Record<'_>| -> Option<Stamp> {
            let value = it.value?;
            let current = self.ids.current(value).ok()?;
            let peeked = saphan_codec::peek(&current, &self.ids).ok()?;
            Some(Stamp {
                facility: peeked.envelope.facility,
                event_type: peeked.event_type,
                appended_at: Timestamp(it.append_time_ms),
                sha256: hex::encode(Sha256::digest(value)),
            })
        };
        self.record(&self.names.patient_log, at, stamp)
    }

    /// The receipt of a withdrawal; none for the moment between two parts of one commit, in which it is
    /// told and not yet to be read in the patient log.
    pub fn receipt(&self, of: &Standing, routed: &Routed) -> Result<Option<Receipt>, Trouble> {
        let Some(stamp) = self.stamp(of.places.own())? else { return Ok(None) };
        let in_force = routed.past(of.places.all());
        let (places, appended_at) = (of.places.clone(), of.appended_at);
        Ok(Some(Receipt { places, appended_at, sha256: stamp.sha256, in_force }))
    }

    /// How far route is.
    pub fn routed(&self) -> Result<Routed, Trouble> {
        let positions = self.admin.positions(&self.names.route, &[&self.names.patient_log])?;
        let committed = positions.iter().filter_map(|it| Some((it.partition, it.committed?)));
        Ok(Routed(committed.collect()))
    }

    /// Has admit decided about the submission at this place?
    pub fn decided(&self, at: Position) -> Result<bool, Trouble> {
        let positions = self.admin.positions(&self.names.admit, &[&self.names.ingest])?;
        let next = positions.iter().find(|it| it.partition == at.partition);
        Ok(next.and_then(|it| it.committed).is_some_and(|next| next > at.offset))
    }

    /// One record; none where there is none (any more). Places come from outside.
    fn record<T>(
        &self,
        topic: &str,
        at: Position,
        read: impl Fn(&Record<'_>) -> Option<T>,
    ) -> Result<Option<T>, Trouble> {
        let partitions = self.reader.partitions(topic)?;
        if usize::try_from(at.partition).is_ok_and(|it| it >= partitions) {
            return Ok(None);
        }
        let bounds = self.reader.bounds(topic, at.partition)?;
        if !(bounds.first..bounds.end).contains(&at.offset) {
            return Ok(None);
        }
        let mut found = None;
        self.reader.read_range(topic, at.partition, at.offset, at.offset, |it| found = read(it))?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(routed: &[(i32, i64)], places: &[(i32, i64)], past: bool) {
        let position = |&(partition, offset): &(i32, i64)| Position { partition, offset };
        let places: Vec<_> = places.iter().map(position).collect();
        assert_eq!(Routed(routed.iter().copied().collect()).past(&places), past);
    }

    #[test]
    fn a_place_is_passed_once_the_next_one_is_to_be_read() {
        check(&[], &[(0, 0)], false);
        check(&[(0, 7)], &[(0, 6)], true);
        check(&[(0, 7)], &[(0, 7)], false);
        check(&[(0, 7)], &[(1, 6)], false);
        check(&[(0, 7), (1, 2)], &[(0, 6), (1, 2)], false);
        check(&[(0, 7), (1, 3)], &[(0, 6), (1, 2)], true);
    }
}
