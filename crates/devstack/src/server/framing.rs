//! ClickHouse's compressed block format: what `decompress=1` bodies and `compress=1` replies consist of.
//!
//! A block is: 16 bytes CityHash 1.0.2 (128 bit) of all that follows, 1 byte method, 4 bytes compressed size
//! (little-endian, counting these 9 header bytes), 4 bytes plain size, the compressed bytes.

use cityhash_rs::cityhash_102_128;

const SUM_BYTES: usize = 16;
const HEADER_BYTES: usize = 9;
const METHOD_LZ4: u8 = 0x82;
const METHOD_NONE: u8 = 0x02;

/// Largest plain size of a block that is accepted; ClickHouse's own limit.
const BLOCK_BYTES_MAX: usize = 1 << 30;
/// Plain size of the blocks written.
const BLOCK_BYTES: usize = 1 << 20;

/// Why a body is not in the block format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// The body ends inside a block.
    #[error("the compressed body ends inside a block")]
    Truncated,
    /// The hash of a block differs from the one it carries.
    #[error("the checksum of a compressed block does not match")]
    Checksum,
    /// The method is neither LZ4 nor none.
    #[error("unknown compression method 0x{0:02x}; send LZ4 blocks")]
    Method(u8),
    /// A size is absurd.
    #[error("a compressed block claims {0} bytes")]
    Size(usize),
    /// LZ4 could not read the block.
    #[error("a compressed block is not LZ4")]
    Lz4,
}

/// Reads a sequence of blocks; `plain_bytes_max` limits what they may unpack to.
pub fn unpack(mut body: &[u8], plain_bytes_max: usize) -> Result<Vec<u8>, FramingError> {
    let mut plain = Vec::new();
    while !body.is_empty() {
        let (sum, rest) = body.split_at_checked(SUM_BYTES).ok_or(FramingError::Truncated)?;
        let header = rest.get(..HEADER_BYTES).ok_or(FramingError::Truncated)?;
        let (packed_size, plain_size) = (size_at(header, 1), size_at(header, 5));
        if packed_size < HEADER_BYTES || plain_size > BLOCK_BYTES_MAX {
            return Err(FramingError::Size(packed_size.max(plain_size)));
        }
        if plain.len() + plain_size > plain_bytes_max {
            return Err(FramingError::Size(plain.len() + plain_size));
        }
        let (block, next) = rest.split_at_checked(packed_size).ok_or(FramingError::Truncated)?;
        if sum != checksum(block) {
            return Err(FramingError::Checksum);
        }
        let packed = &block[HEADER_BYTES..];
        match header[0] {
            METHOD_LZ4 => {
                let start = plain.len();
                plain.resize(start + plain_size, 0);
                let written = lz4_flex::block::decompress_into(packed, &mut plain[start..])
                    .map_err(|_| FramingError::Lz4)?;
                if written != plain_size {
                    return Err(FramingError::Lz4);
                }
            }
            METHOD_NONE if packed.len() == plain_size => plain.extend_from_slice(packed),
            METHOD_NONE => return Err(FramingError::Size(plain_size)),
            other => return Err(FramingError::Method(other)),
        }
        body = next;
    }
    Ok(plain)
}

/// Writes `plain` as a sequence of LZ4 blocks.
pub fn pack(plain: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(plain.len() / 2 + SUM_BYTES + HEADER_BYTES);
    for chunk in plain.chunks(BLOCK_BYTES) {
        let packed = lz4_flex::block::compress(chunk);
        let size = |it: usize| u32::try_from(it).expect("a block is 1 MiB").to_le_bytes();
        let mut block = Vec::with_capacity(HEADER_BYTES + packed.len());
        block.push(METHOD_LZ4);
        block.extend(size(HEADER_BYTES + packed.len()));
        block.extend(size(chunk.len()));
        block.extend(packed);
        body.extend(checksum(&block));
        body.extend(block);
    }
    body
}

fn size_at(header: &[u8], at: usize) -> usize {
    let bytes = [header[at], header[at + 1], header[at + 2], header[at + 3]];
    u32::from_le_bytes(bytes) as usize
}

/// ClickHouse writes the two halves of the hash in the other order.
fn checksum(block: &[u8]) -> [u8; SUM_BYTES] {
    cityhash_102_128(block).rotate_right(64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLENTY: usize = 16 << 20;

    proptest! {
        #[test]
        fn what_is_packed_unpacks(plain in proptest::collection::vec(0u8..4, 0..4096)) {
            prop_assert_eq!(unpack(&pack(&plain), PLENTY), Ok(plain));
        }

        #[test]
        fn a_changed_byte_never_passes(at in 0usize..600, flip in 1u8..) {
            let plain: Vec<u8> = (0..=255).cycle().take(500).collect();
            let mut body = pack(&plain);
            let at = at % body.len();
            body[at] ^= flip;
            prop_assert!(unpack(&body, PLENTY).is_err());
        }

        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _any_outcome = unpack(&body, PLENTY);
        }
    }

    #[test]
    fn long_bodies_are_several_blocks() {
        let plain = vec![7; 3 * BLOCK_BYTES + 1];
        let body = pack(&plain);
        assert_eq!(unpack(&body, PLENTY), Ok(plain));
    }

    #[track_caller]
    fn check_refused(body: &[u8], limit: usize, expected: FramingError) {
        assert_eq!(unpack(body, limit), Err(expected));
    }

    #[test]
    fn bad_bodies_are_refused_by_name() {
        let body = pack(&[7; 100]);
        check_refused(&body[..10], PLENTY, FramingError::Truncated);
        check_refused(&body[..body.len() - 1], PLENTY, FramingError::Truncated);
        check_refused(&body, 99, FramingError::Size(100));
        let mut other = vec![0; SUM_BYTES];
        other.extend([0x90, 9, 0, 0, 0, 0, 0, 0, 0]);
        let sum = checksum(&other[SUM_BYTES..]);
        other[..SUM_BYTES].copy_from_slice(&sum);
        check_refused(&other, PLENTY, FramingError::Method(0x90));
    }

    /// A block that a ClickHouse server wrote: both directions here could be wrong in the same way.
    #[test]
    fn a_block_of_a_clickhouse_server_is_read() {
        let sum = [245, 5, 222, 235, 225, 158, 59, 108, 225, 31, 65, 215, 66, 66, 36, 92];
        let header = [METHOD_LZ4, 34, 0, 0, 0, 23, 0, 0, 0];
        // One LZ4 sequence: a token for 23 literal bytes, then those.
        let token = [0xf0, 8];
        let plain = *b"\x01\x00\x02\xff\xff\xff\xff\x00\x01\x01\x01s\x06String\x03abc";
        let body = [&sum[..], &header, &token, &plain].concat();
        assert_eq!(unpack(&body, PLENTY), Ok(plain.to_vec()));
    }

    #[test]
    fn a_block_may_be_uncompressed() {
        let block = [METHOD_NONE, 12, 0, 0, 0, 3, 0, 0, 0, b'a', b'b', b'c'];
        let body = [&checksum(&block)[..], &block].concat();
        assert_eq!(unpack(&body, PLENTY), Ok(b"abc".to_vec()));
    }
}
