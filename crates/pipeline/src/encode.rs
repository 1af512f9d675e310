//! Small pieces every stage writes: framed values and the source header.

use std::io::Write as _;

use saphan_codec::{Named, SchemaIds};
use saphan_kafka::{Header, Record};
use smallvec::SmallVec;

/// Encodes with the registry's frame.
pub fn encode<T: Named>(value: &T, ids: &SchemaIds) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    saphan_codec::encode_framed(value, ids, &mut bytes);
    bytes
}

/// `src=<topic>/<partition>/<offset>`: which record this one was made from. The audit joins on it.
pub fn source_header(record: &Record<'_>) -> Header {
    let mut text = SmallVec::<[u8; 96]>::new();
    write!(text, "{}/{}/{}", record.topic, record.partition, record.offset)
        .expect("memory takes what is written to it");
    Header::new("src", &text)
}
