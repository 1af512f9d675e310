//! Registry framing: `00`, the schema id in four bytes, the value. And which id is which record.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::malformed::{Fault, Malformed};
use crate::record::{Named, Record};
use crate::schema;
use crate::upgrade::{Upgrade, UpgradeError};
use crate::wire::decode;

/// Bytes before the value.
pub const FRAME_BYTES: usize = 5;

/// Schema ids of a registry by record name, both ways. Holds an id for every [`Record`], so that
/// encoding cannot fail; may hold more names, those of agency records.
#[derive(Clone, Debug)]
pub struct SchemaIds {
    ids: Vec<u32>,
    /// Sorted by id.
    records: Vec<(u32, Record)>,
    names: HashMap<String, u32>,
    older: Vec<Older>,
}

/// An older version of a record's schema.
#[derive(Clone, Debug)]
struct Older {
    id: u32,
    fingerprint: u64,
    record: Record,
    upgrade: Upgrade,
}

/// Records whose schema ids are missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("SP-1419: no schema id for {}; apply the topology to register the schemas", names.join(", "))]
pub struct MissingIds {
    /// Their names.
    pub names: Vec<&'static str>,
}

impl SchemaIds {
    /// From names and registry ids.
    pub fn new<N: Into<String>>(
        pairs: impl IntoIterator<Item = (N, u32)>,
    ) -> Result<Self, MissingIds> {
        let names: HashMap<String, u32> =
            pairs.into_iter().map(|(name, id)| (name.into(), id)).collect();
        let missing: Vec<&'static str> =
            Record::ALL.iter().map(|it| it.name()).filter(|it| !names.contains_key(*it)).collect();
        if !missing.is_empty() {
            return Err(MissingIds { names: missing });
        }
        let ids: Vec<u32> = Record::ALL.iter().map(|it| names[it.name()]).collect();
        let mut records: Vec<(u32, Record)> =
            ids.iter().copied().zip(Record::ALL.iter().copied()).collect();
        records.sort_unstable();
        Ok(Self { ids, records, names, older: Vec::new() })
    }

    /// Adds an older version of a record's schema, so that [`SchemaIds::current`] can read what was
    /// written under it. Adding today's version does nothing.
    pub fn with_version(
        mut self,
        record: Record,
        id: u32,
        schema: &str,
    ) -> Result<Self, UpgradeError> {
        let fingerprint = schema::fingerprint(schema)?;
        if fingerprint != record.fingerprint() {
            let upgrade = Upgrade::new(record, schema)?;
            self.older.push(Older { id, fingerprint, record, upgrade });
        }
        Ok(self)
    }

    /// The record and schema id of a fingerprint, today's or an older version's.
    pub fn of_fingerprint(&self, fingerprint: u64) -> Option<(Record, u32)> {
        let today = Record::ALL.iter().find(|it| it.fingerprint() == fingerprint);
        today.map(|it| (*it, self.id(*it))).or_else(|| {
            let older = self.older.iter().find(|it| it.fingerprint == fingerprint)?;
            Some((older.record, older.id))
        })
    }

    /// The same framed record under today's schema: as it is, or rewritten from an older version.
    pub fn current<'a>(&self, framed: &'a [u8]) -> Result<Cow<'a, [u8]>, Malformed> {
        let (id, payload) = split(framed)?;
        let Some(older) = self.older.iter().find(|it| it.id == id) else {
            return Ok(Cow::Borrowed(framed));
        };
        let mut out = Vec::with_capacity(framed.len() + 64);
        put_frame(self.id(older.record), &mut out);
        out.extend(older.upgrade.apply(payload).map_err(|it| it.shifted(FRAME_BYTES))?);
        Ok(Cow::Owned(out))
    }

    /// Ids 1, 2, 3 … in the order of [`Record::ALL`]: for tests and tools without a registry.
    pub fn sequential() -> Self {
        Self::new(Record::ALL.iter().map(|it| it.name()).zip(1..)).expect("every record is listed")
    }

    /// The id of a record's schema.
    pub fn id(&self, record: Record) -> u32 {
        self.ids[record as usize]
    }

    /// The id of any name, agency records included.
    pub fn id_of(&self, name: &str) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// The record of an id.
    pub fn record(&self, id: u32) -> Option<Record> {
        let at = self.records.binary_search_by_key(&id, |(it, _)| *it).ok()?;
        Some(self.records[at].1)
    }

    /// Takes off the frame: which record, and its value.
    pub fn open<'a>(&self, framed: &'a [u8]) -> Result<(Record, &'a [u8]), Malformed> {
        let (id, payload) = split(framed)?;
        let record = self.record(id).ok_or(Malformed::new(Fault::UnknownId, 1))?;
        Ok((record, payload))
    }
}

/// Appends the frame of a schema id.
pub fn put_frame(id: u32, out: &mut Vec<u8>) {
    out.push(0);
    out.extend_from_slice(&id.to_be_bytes());
}

/// Schema id and value.
pub fn split(framed: &[u8]) -> Result<(u32, &[u8]), Malformed> {
    match framed {
        [0, a, b, c, d, payload @ ..] => Ok((u32::from_be_bytes([*a, *b, *c, *d]), payload)),
        _ => Err(Malformed::new(Fault::Unframed, 0)),
    }
}

/// Appends a framed record.
pub fn encode_framed<T: Named>(value: &T, ids: &SchemaIds, out: &mut Vec<u8>) {
    put_frame(ids.id(T::RECORD), out);
    value.put(out);
}

/// A record of a known type from its framed form, of today's or an older version.
pub fn decode_framed<T: Named>(framed: &[u8], ids: &SchemaIds) -> Result<T, Malformed> {
    let framed = ids.current(framed)?;
    let (record, payload) = ids.open(&framed)?;
    if record != T::RECORD {
        return Err(Malformed::new(Fault::OtherRecord, 1));
    }
    decode(payload).map_err(|it| it.shifted(FRAME_BYTES))
}
