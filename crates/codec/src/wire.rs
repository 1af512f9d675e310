//! The Avro binary form of values, laid by hand: one `put` and one `get` per type.
//!
//! Primitives are here, identifiers and wrappers of the model in `wire/model.rs`, records and
//! enums in `types/` through the macros of `wire/macros.rs`.

pub(crate) mod macros;
mod model;

use saphan_model::limits::{SUBMISSION_BYTES_MAX, TEXT_BYTES_MAX};

use crate::cursor::Cursor;
use crate::malformed::Malformed;
use crate::shape::Shape;

/// Bytes reserved for a record before its size is known; most encounters fit.
const RESERVE: usize = 768;

/// A value with an Avro binary form.
pub trait Wire: Sized {
    /// Fewest bytes a value takes, at least 1: bounds what an array's count may claim.
    const LEAST_BYTES: usize;

    /// Appends the value.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads a value.
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed>;

    /// The schema the two agree on.
    fn shape() -> Shape;
}

/// The bytes of a value.
pub fn encode<T: Wire>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(RESERVE);
    value.put(&mut out);
    out
}

/// The value of bytes, all of which must belong to it.
pub fn decode<T: Wire>(input: &[u8]) -> Result<T, Malformed> {
    let mut cursor = Cursor::new(input);
    let value = T::get(&mut cursor)?;
    cursor.finish()?;
    Ok(value)
}

/// Appends a zig-zag varint.
#[inline]
pub(crate) fn put_long(value: i64, out: &mut Vec<u8>) {
    let raw = ((value << 1) ^ (value >> 63)) as u64;
    if raw < 0x80 {
        out.push(raw as u8);
    } else {
        put_wide(raw, out);
    }
}

/// A varint of several bytes. Up to 56 bits, the groups of seven are spread over a word at once.
fn put_wide(mut raw: u64, out: &mut Vec<u8>) {
    let n = (64 - raw.leading_zeros() as usize).div_ceil(7);
    if n <= 8 {
        raw = (raw & 0x0fff_ffff) | (raw & 0x00ff_ffff_f000_0000) << 4;
        raw = (raw & 0x0000_3fff_0000_3fff) | (raw & 0x0fff_c000_0fff_c000) << 2;
        raw = (raw & 0x007f_007f_007f_007f) | (raw & 0x3f80_3f80_3f80_3f80) << 1;
        let more = 0x8080_8080_8080_8080 & ((1u64 << (8 * (n - 1))) - 1);
        put_word((raw | more).to_le_bytes(), n, out);
        return;
    }
    while raw >= 0x80 {
        out.push(raw as u8 | 0x80);
        raw >>= 7;
    }
    out.push(raw as u8);
}

/// Appends the first `n` bytes of a word. Appending all and cutting back is several times faster
/// than a copy of unknown length.
#[inline]
fn put_word<const N: usize>(word: [u8; N], n: usize, out: &mut Vec<u8>) {
    let end = out.len() + n;
    out.extend_from_slice(&word);
    out.truncate(end);
}

/// Appends a length or count.
#[inline]
pub(crate) fn put_length(n: usize, out: &mut Vec<u8>) {
    put_long(i64::try_from(n).expect("nothing in memory is longer than i64"), out);
}

/// Appends length and bytes, the form of both `string` and `bytes`. Most texts are codes of a few
/// characters: those are laid in one word with their length.
#[inline]
pub(crate) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let n = bytes.len();
    if n < 16 {
        let word = short(bytes) << 8 | (n as u128) << 1;
        put_word(word.to_le_bytes(), n + 1, out);
    } else {
        put_length(n, out);
        out.extend_from_slice(bytes);
    }
}

/// Up to 16 bytes as a number, the first byte lowest: two overlapping reads instead of a loop.
#[inline]
fn short(bytes: &[u8]) -> u128 {
    let n = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let last = u128::from(u64::from_le_bytes(*last)) << (8 * (n - 8));
        return u128::from(u64::from_le_bytes(*first)) | last;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let last = u64::from(u32::from_le_bytes(*last)) << (8 * (n - 4));
        return u128::from(u64::from(u32::from_le_bytes(*first)) | last);
    }
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

impl Wire for bool {
    const LEAST_BYTES: usize = 1;
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        match cursor.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(cursor.fault(crate::malformed::Fault::Value)),
        }
    }
    fn shape() -> Shape {
        Shape::Bool
    }
}

impl Wire for i32 {
    const LEAST_BYTES: usize = 1;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        put_long(i64::from(*self), out);
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        cursor.int()
    }
    fn shape() -> Shape {
        Shape::Int
    }
}

impl Wire for i64 {
    const LEAST_BYTES: usize = 1;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        put_long(*self, out);
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        cursor.long()
    }
    fn shape() -> Shape {
        Shape::Long
    }
}

impl Wire for f64 {
    const LEAST_BYTES: usize = 8;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let bytes = cursor.take(8)?;
        Ok(Self::from_le_bytes(bytes.try_into().expect("take returns as many bytes as asked")))
    }
    fn shape() -> Shape {
        Shape::Double
    }
}

impl Wire for String {
    const LEAST_BYTES: usize = 1;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(self.as_bytes(), out);
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(cursor.text(TEXT_BYTES_MAX)?.to_owned())
    }
    fn shape() -> Shape {
        Shape::Text
    }
}

impl Wire for Vec<u8> {
    const LEAST_BYTES: usize = 1;
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(self, out);
    }
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let n = cursor.length(SUBMISSION_BYTES_MAX)?;
        Ok(cursor.take(n)?.to_vec())
    }
    fn shape() -> Shape {
        Shape::Bytes
    }
}

impl<T: Wire> Wire for Option<T> {
    const LEAST_BYTES: usize = 1;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            None => out.push(0),
            Some(value) => {
                out.push(2);
                value.put(out);
            }
        }
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        if cursor.present()? { T::get(cursor).map(Some) } else { Ok(None) }
    }
    fn shape() -> Shape {
        Shape::Nullable(Box::new(T::shape()))
    }
}

impl<T: Wire> Wire for Vec<T> {
    const LEAST_BYTES: usize = 1;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        if !self.is_empty() {
            put_length(self.len(), out);
            for item in self {
                item.put(out);
            }
        }
        out.push(0);
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let mut items = Self::new();
        while let Some(block) = cursor.block(items.len(), T::LEAST_BYTES)? {
            items.reserve(block.items);
            for _ in 0..block.items {
                items.push(T::get(cursor)?);
            }
            cursor.close(block)?;
        }
        Ok(items)
    }
    fn shape() -> Shape {
        Shape::Array(Box::new(T::shape()))
    }
}

impl<T: Wire> Wire for Box<T> {
    const LEAST_BYTES: usize = T::LEAST_BYTES;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        T::put(self, out);
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        T::get(cursor).map(Self::new)
    }
    fn shape() -> Shape {
        T::shape()
    }
}
