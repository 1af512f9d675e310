//! A reader over bytes that never reads past their end and never trusts a length.

use saphan_model::limits::{ITEMS_MAX, PROVISION_DEPTH_MAX};

use crate::malformed::{Fault, Malformed};

/// Position in an input, with every Avro primitive as a checked step.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    input: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    /// Starts at the first byte.
    pub const fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0, depth: 0 }
    }

    /// Bytes read so far.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Bytes not yet read.
    pub const fn remaining(&self) -> usize {
        self.input.len() - self.at
    }

    /// What is left, unread.
    pub fn rest(&self) -> &'a [u8] {
        &self.input[self.at..]
    }

    /// The bytes between an earlier position and here.
    pub fn since(&self, start: usize) -> &'a [u8] {
        &self.input[start..self.at]
    }

    /// A fault at this position.
    #[cold]
    pub const fn fault(&self, fault: Fault) -> Malformed {
        Malformed::new(fault, self.at)
    }

    /// The next `n` bytes.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        if n > self.remaining() {
            return Err(self.fault(Fault::Truncated));
        }
        let start = self.at;
        self.at += n;
        Ok(&self.input[start..self.at])
    }

    /// The next 16 bytes.
    #[inline]
    pub fn take16(&mut self) -> Result<[u8; 16], Malformed> {
        let bytes = self.take(16)?;
        Ok(bytes.try_into().expect("take returns as many bytes as asked"))
    }

    /// One byte.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        match self.input.get(self.at) {
            Some(byte) => {
                self.at += 1;
                Ok(*byte)
            }
            None => Err(self.fault(Fault::Truncated)),
        }
    }

    /// A zig-zag varint of up to 64 bits.
    #[inline]
    pub fn long(&mut self) -> Result<i64, Malformed> {
        let first = self.byte()?;
        let raw = if first < 0x80 { u64::from(first) } else { self.long_rest(first)? };
        Ok((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }

    fn long_rest(&mut self, first: u8) -> Result<u64, Malformed> {
        let mut raw = u64::from(first & 0x7f);
        for shift in (7..=63).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(self.fault(Fault::Number));
            }
            raw |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(raw);
            }
        }
        Err(self.fault(Fault::Number))
    }

    /// A zig-zag varint of up to 32 bits.
    #[inline]
    pub fn int(&mut self) -> Result<i32, Malformed> {
        let value = self.long()?;
        i32::try_from(value).map_err(|_| self.fault(Fault::Number))
    }

    /// A length in bytes, at most `most` and at most what is left.
    #[inline]
    pub fn length(&mut self, most: usize) -> Result<usize, Malformed> {
        let value = self.long()?;
        match usize::try_from(value) {
            Ok(n) if n > most => Err(self.fault(Fault::Length)),
            Ok(n) if n > self.remaining() => Err(self.fault(Fault::Truncated)),
            Ok(n) => Ok(n),
            Err(_) => Err(self.fault(Fault::Length)),
        }
    }

    /// UTF-8 text of at most `most` bytes.
    #[inline]
    pub fn text(&mut self, most: usize) -> Result<&'a str, Malformed> {
        let n = self.length(most)?;
        let bytes = self.take(n)?;
        std::str::from_utf8(bytes).map_err(|_| self.fault(Fault::Text))
    }

    /// The index of a nullable union: is a value there?
    #[inline]
    pub fn present(&mut self) -> Result<bool, Malformed> {
        match self.long()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.fault(Fault::Branch)),
        }
    }

    /// The index of an enum of `n` symbols.
    #[inline]
    pub fn symbol(&mut self, n: usize) -> Result<usize, Malformed> {
        match usize::try_from(self.long()?) {
            Ok(index) if index < n => Ok(index),
            _ => Err(self.fault(Fault::Symbol)),
        }
    }

    /// The head of an array's next block; `None` ends the array. `had` items were read before,
    /// and an item takes at least `least_bytes`, so that a count cannot claim more than is there.
    #[inline]
    pub fn block(&mut self, had: usize, least_bytes: usize) -> Result<Option<Block>, Malformed> {
        let count = self.long()?;
        if count == 0 {
            return Ok(None);
        }
        let Ok(items) = usize::try_from(count.unsigned_abs()) else {
            return Err(self.fault(Fault::Length));
        };
        if items > ITEMS_MAX - had.min(ITEMS_MAX) {
            return Err(self.fault(Fault::Length));
        }
        // A negative count is followed by the block's size in bytes.
        let end = if count < 0 { Some(self.length(usize::MAX)? + self.at) } else { None };
        if items.saturating_mul(least_bytes) > self.remaining() {
            return Err(self.fault(Fault::Truncated));
        }
        Ok(Some(Block { items, end }))
    }

    /// Checks that a block was as long as it said.
    #[inline]
    pub fn close(&self, block: Block) -> Result<(), Malformed> {
        match block.end {
            Some(end) if end != self.at => Err(self.fault(Fault::Length)),
            _ => Ok(()),
        }
    }

    /// One level down in a record that contains itself.
    pub fn descend(&mut self) -> Result<(), Malformed> {
        if self.depth > PROVISION_DEPTH_MAX {
            return Err(self.fault(Fault::Depth));
        }
        self.depth += 1;
        Ok(())
    }

    /// One level up again.
    pub const fn ascend(&mut self) {
        self.depth -= 1;
    }

    /// Checks that nothing is left.
    pub const fn finish(&self) -> Result<(), Malformed> {
        if self.remaining() == 0 { Ok(()) } else { Err(self.fault(Fault::LeftOver)) }
    }
}

/// A block of array items: how many, and where it must end if it said so.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Items in it, at least one.
    pub items: usize,
    end: Option<usize>,
}
