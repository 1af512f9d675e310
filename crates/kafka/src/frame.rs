//! The five bytes before a registry-managed value: a zero and the schema id, big-endian. Knows nothing
//! of the schema.

/// First byte of every framed value.
pub const MAGIC: u8 = 0;
/// Bytes before the payload.
pub const PREFIX_BYTES: usize = 5;

/// A value that does not begin with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnframedError {
    /// Shorter than the prefix.
    #[error("the value has {0} bytes, too few for magic byte and schema id")]
    Short(usize),
    /// Another first byte.
    #[error("the value begins with byte {0:#04x}, not with the magic byte 0x00")]
    Magic(u8),
}

/// The prefix for `schema_id`, to begin a value with.
pub fn prefix(schema_id: u32) -> [u8; PREFIX_BYTES] {
    let [a, b, c, d] = schema_id.to_be_bytes();
    [MAGIC, a, b, c, d]
}

/// Prefix and payload as one value.
pub fn wrap(schema_id: u32, payload: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(PREFIX_BYTES + payload.len());
    value.extend_from_slice(&prefix(schema_id));
    value.extend_from_slice(payload);
    value
}

/// Schema id and payload of a framed value.
pub fn unwrap(value: &[u8]) -> Result<(u32, &[u8]), UnframedError> {
    let Some((prefix, payload)) = value.split_first_chunk::<PREFIX_BYTES>() else {
        return Err(UnframedError::Short(value.len()));
    };
    let [magic, id @ ..] = *prefix;
    if magic != MAGIC {
        return Err(UnframedError::Magic(magic));
    }
    Ok((u32::from_be_bytes(id), payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn unwrap_undoes_wrap(id: u32, payload: Vec<u8>) {
            let value = wrap(id, &payload);
            prop_assert_eq!(unwrap(&value), Ok((id, &payload[..])));
        }

        #[test]
        fn unwrap_refuses_or_names_every_byte(value: Vec<u8>) {
            match unwrap(&value) {
                Ok((id, payload)) => prop_assert_eq!(wrap(id, payload), value),
                Err(UnframedError::Short(n)) => prop_assert!(n == value.len() && n < PREFIX_BYTES),
                Err(UnframedError::Magic(it)) => prop_assert!(it != MAGIC && it == value[0]),
            }
        }
    }

    #[test]
    fn prefix_is_big_endian() {
        assert_eq!(prefix(0x0102_0304), [0, 1, 2, 3, 4]);
    }
}
