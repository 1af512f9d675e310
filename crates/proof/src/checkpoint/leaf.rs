//! The bytes of a record that are hashed: everything a reader sees of it but its topic and partition,
//! which its tree stands for. One record has one such form.
//!
//! `0x01`, offset and append time (64 bits each), key, value, number of headers (32 bits), then name and
//! value of each. A text or byte string has its length before it (32 bits); no key, or no value, is a
//! length of `0xffffffff`. Numbers are big-endian.

use saphan_kafka::Record;

/// The form described here.
const VERSION: u8 = 1;
const NONE: u32 = u32::MAX;

/// The form of a record.
pub fn encode(record: &Record<'_>) -> Vec<u8> {
    let size = record.value.map_or(0, <[u8]>::len) + 96;
    let mut out = Vec::with_capacity(size);
    out.push(VERSION);
    out.extend(record.offset.to_be_bytes());
    out.extend(record.append_time_ms.to_be_bytes());
    put(record.key, &mut out);
    put(record.value, &mut out);
    out.extend(length(record.headers.len()).to_be_bytes());
    for (name, value) in (0..record.headers.len()).filter_map(|it| record.headers.at(it)) {
        put(Some(name.as_bytes()), &mut out);
        put(Some(value), &mut out);
    }
    out
}

fn put(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    out.extend(bytes.map_or(NONE, |it| length(it.len())).to_be_bytes());
    out.extend_from_slice(bytes.unwrap_or_default());
}

fn length(it: usize) -> u32 {
    u32::try_from(it).ok().filter(|it| *it != NONE).expect("Kafka's records are smaller than 2 GiB")
}

/// What a proof shows of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Offset.
    pub offset: i64,
    /// Milliseconds since 1970 at which the broker appended it.
    pub append_time_ms: i64,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The value.
    pub value: Option<&'a [u8]>,
}

/// Reads the form; none if it is not exactly one.
pub fn decode(bytes: &[u8]) -> Option<Leaf<'_>> {
    let (version, mut rest) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let mut number = [0; 2];
    for it in &mut number {
        let (first, after) = rest.split_first_chunk::<8>()?;
        (*it, rest) = (i64::from_be_bytes(*first), after);
    }
    let [offset, append_time_ms] = number;
    let key = take(&mut rest)?;
    let value = take(&mut rest)?;
    let (count, after) = rest.split_first_chunk::<4>()?;
    rest = after;
    for _ in 0..u32::from_be_bytes(*count) {
        take(&mut rest)??;
        take(&mut rest)??;
    }
    rest.is_empty().then_some(Leaf { offset, append_time_ms, key, value })
}

/// A byte string, or its absence; none where the bytes end too early.
fn take<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*length);
    if length == NONE {
        *rest = after;
        return Some(None);
    }
    let (bytes, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(Some(bytes))
}
