//! A plan as it is written into the group's offset metadata, and the checksum that proves a range read
//! again equals the range planned. Pure.

use std::fmt::Write as _;

use super::Plan;
use crate::group::Place;
use crate::record::RecordBuf;

/// A range that was planned and not yet marked done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pending {
    pub first: i64,
    pub last: i64,
    pub rows: usize,
    pub crc: u32,
}

/// Offset metadata that this version did not write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the group's offset metadata is not a plan of this version")]
pub(super) struct UnreadablePlan;

impl Pending {
    /// Plans the given records; `None` without records.
    pub fn of(records: &[RecordBuf]) -> Option<Self> {
        let (first, last) = (records.first()?.offset, records.last()?.offset);
        Some(Self { first, last, rows: records.len(), crc: checksum(records) })
    }

    /// Are these the planned records?
    pub fn matches(&self, records: &[RecordBuf]) -> bool {
        Self::of(records).as_ref() == Some(self)
    }

    pub fn encode(&self) -> String {
        let Self { first, last, rows, crc } = self;
        let mut text = String::with_capacity(64);
        write!(text, "v1;pending={first}-{last};rows={rows};crc={crc:08x}")
            .expect("writing to a String cannot fail");
        text
    }

    /// `Ok(None)` for empty metadata: nothing is pending.
    pub fn decode(metadata: &str) -> Result<Option<Self>, UnreadablePlan> {
        if metadata.is_empty() {
            return Ok(None);
        }
        let it = parse(metadata).ok_or(UnreadablePlan)?;
        let sound = 0 <= it.first && it.first <= it.last && it.rows > 0 && it.encode() == metadata;
        if sound { Ok(Some(it)) } else { Err(UnreadablePlan) }
    }

    pub fn plan(&self, place: &Place) -> Plan {
        let Self { first, last, .. } = *self;
        let (topic, partition) = (place.topic.clone(), place.partition);
        let token = format!("{topic}:{partition}:{first}-{last}");
        Plan { topic, partition, first, last, token }
    }
}

fn parse(metadata: &str) -> Option<Pending> {
    let rest = metadata.strip_prefix("v1;pending=")?;
    let (range, rest) = rest.split_once(";rows=")?;
    let (first, last) = range.split_once('-')?;
    let (rows, crc) = rest.split_once(";crc=")?;
    Some(Pending {
        first: first.parse().ok()?,
        last: last.parse().ok()?,
        rows: rows.parse().ok()?,
        crc: u32::from_str_radix(crc, 16).ok()?,
    })
}

/// CRC-32 over everything a sink may write of the records, with lengths, so that no two lists share
/// their bytes.
fn checksum(records: &[RecordBuf]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    let mut part = |bytes: Option<&[u8]>| {
        crc.update(&bytes.map_or(u64::MAX, |it| it.len() as u64).to_le_bytes());
        crc.update(bytes.unwrap_or_default());
    };
    for it in records {
        part(Some(&it.offset.to_le_bytes()));
        part(Some(&it.append_time_ms.to_le_bytes()));
        part(it.key.as_deref());
        part(it.value.as_deref());
        for header in &it.headers {
            part(Some(header.name.as_bytes()));
            part(Some(&header.value));
        }
    }
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Header;
    use proptest::prelude::*;

    fn record() -> impl Strategy<Value = RecordBuf> {
        let bytes = || proptest::option::of(proptest::collection::vec(any::<u8>(), 0..6));
        let headers = proptest::collection::vec(("[a-c]{0,2}", any::<[u8; 2]>()), 0..3);
        (bytes(), bytes(), headers).prop_map(|(key, value, headers)| RecordBuf {
            topic: "t".into(),
            partition: 0,
            offset: 0,
            append_time_ms: 7,
            key,
            headers: headers.into_iter().map(|(name, it)| Header::new(name, it)).collect(),
            value,
        })
    }

    fn records() -> impl Strategy<Value = Vec<RecordBuf>> {
        proptest::collection::vec(record(), 1..8).prop_map(|mut records| {
            for (index, it) in records.iter_mut().enumerate() {
                it.offset = 40 + 2 * i64::try_from(index).unwrap();
            }
            records
        })
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(records in records()) {
            let it = Pending::of(&records).unwrap();
            prop_assert_eq!(Pending::decode(&it.encode()), Ok(Some(it)));
            prop_assert!(it.matches(&records));
        }

        #[test]
        fn other_records_do_not_match(one in records(), other in records()) {
            prop_assert_eq!(Pending::of(&one).unwrap().matches(&other), one == other);
        }

        #[test]
        fn foreign_metadata_is_refused_not_guessed(text in "(v1;)?(pending=)?[0-9;=a-z-]{1,30}") {
            if let Ok(Some(it)) = Pending::decode(&text) {
                prop_assert_eq!(it.encode(), text);
            }
        }
    }

    #[track_caller]
    fn check(metadata: &str, expected: Result<Option<Pending>, UnreadablePlan>) {
        assert_eq!(Pending::decode(metadata), expected);
    }

    #[test]
    fn metadata_is_read_exactly() {
        let it = Pending { first: 42, last: 141, rows: 100, crc: 0xbeef };
        check("", Ok(None));
        check("v1;pending=42-141;rows=100;crc=0000beef", Ok(Some(it)));
        check("v2;pending=42-141;rows=100;crc=0000beef", Err(UnreadablePlan));
        check("v1;pending=42-141;rows=100;crc=0000beef;more", Err(UnreadablePlan));
        check("v1;pending=141-42;rows=100;crc=0000beef", Err(UnreadablePlan));
        check("v1;pending=42-141;rows=0;crc=0000beef", Err(UnreadablePlan));
        check("consumer-1", Err(UnreadablePlan));
    }
}
