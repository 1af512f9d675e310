//! One output record as the verification remembers it: where it stands, which record of the log it
//! names as its source, when it was appended, and fingerprints of its bytes. 52 bytes, whatever the
//! record's size.

use sha2::{Digest, Sha256};

use crate::catalog::TopicId;

/// One record seen in an output topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Offset of its source in the log partition it was filed under.
    pub source_offset: i64,
    /// The topic it stands in.
    pub topic: TopicId,
    /// Its partition.
    pub partition: u16,
    /// Its offset.
    pub offset: i64,
    /// When it was appended, in milliseconds since 1970.
    pub appended_at: i64,
    /// Fingerprint of its key.
    pub key: u64,
    /// Fingerprint of its value.
    pub value: [u8; 16],
}

/// Bytes of a sighting in a file.
pub(crate) const SIGHTING_BYTES: usize = 52;

impl Sighting {
    pub(crate) fn to_bytes(self) -> [u8; SIGHTING_BYTES] {
        let mut bytes = [0; SIGHTING_BYTES];
        bytes[..8].copy_from_slice(&self.source_offset.to_le_bytes());
        bytes[8..10].copy_from_slice(&self.topic.0.to_le_bytes());
        bytes[10..12].copy_from_slice(&self.partition.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.offset.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.appended_at.to_le_bytes());
        bytes[28..36].copy_from_slice(&self.key.to_le_bytes());
        bytes[36..].copy_from_slice(&self.value);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; SIGHTING_BYTES]) -> Self {
        let long = |at: usize| bytes[at..at + 8].try_into().expect("8 bytes");
        let short = |at: usize| bytes[at..at + 2].try_into().expect("2 bytes");
        Self {
            source_offset: i64::from_le_bytes(long(0)),
            topic: TopicId(u16::from_le_bytes(short(8))),
            partition: u16::from_le_bytes(short(10)),
            offset: i64::from_le_bytes(long(12)),
            appended_at: i64::from_le_bytes(long(20)),
            key: u64::from_le_bytes(long(28)),
            value: bytes[36..].try_into().expect("16 bytes"),
        }
    }
}

/// Makes fingerprints under a secret of this run, so that files of sightings tell nothing about the
/// values, citizen ids among them, even to someone who tries them all.
#[derive(Clone)]
pub struct Fingerprints(Sha256);

impl Fingerprints {
    /// `secret`: random, new for every run.
    pub fn new(secret: &[u8; 32]) -> Self {
        let mut block = [0; 64]; // a whole block: its compression is done once
        block[..32].copy_from_slice(secret);
        Self(Sha256::new().chain_update(block))
    }

    /// Of a value.
    pub fn value(&self, bytes: &[u8]) -> [u8; 16] {
        let tag = self.0.clone().chain_update(bytes).finalize();
        tag[..16].try_into().expect("a tag has 32 bytes")
    }

    /// Of a key.
    pub fn key(&self, bytes: &[u8]) -> u64 {
        let tag = self.0.clone().chain_update(bytes).finalize();
        u64::from_le_bytes(tag[..8].try_into().expect("a tag has 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sighting_reads_back() {
        let it = Sighting {
            source_offset: i64::MAX - 3,
            topic: TopicId(513),
            partition: 258,
            offset: 77,
            appended_at: 1_790_000_000_000,
            key: 0x0102_0304_0506_0708,
            value: *b"0123456789abcdef",
        };
        assert_eq!(Sighting::from_bytes(&it.to_bytes()), it);
    }

    #[test]
    fn fingerprints_depend_on_bytes_and_secret() {
        let (a, b) = (Fingerprints::new(&[1; 32]), Fingerprints::new(&[2; 32]));
        assert_eq!(a.value(b"x"), a.value(b"x"));
        assert_ne!(a.value(b"x"), a.value(b"y"));
        assert_ne!(a.value(b"x"), b.value(b"x"));
        assert_ne!(a.key(b"x"), b.key(b"x"));
    }
}
