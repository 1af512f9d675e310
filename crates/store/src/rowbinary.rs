//! ClickHouse's RowBinary: the few types our tables use. Little endian, no padding, no names.
//!
//! Written by hand so that a batch is encoded once: a retry must send the very same bytes.

/// A row being written, after the columns of its table.
#[derive(Debug, Default)]
pub struct RowBuf(Vec<u8>);

/// Date32 reaches from 1900-01-01 to 2299-12-31; days outside are held at the border.
const DATE32: std::ops::RangeInclusive<i32> = -25_567..=120_529;

impl RowBuf {
    /// Bytes so far.
    pub fn n_bytes(&self) -> usize {
        self.0.len()
    }

    /// Takes the bytes out.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    /// UInt8.
    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    /// UInt16.
    pub fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// UInt32.
    pub fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// UInt64.
    pub fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// DateTime64(3).
    pub fn instant(&mut self, value: saphan_model::Timestamp) {
        self.0.extend_from_slice(&value.0.to_le_bytes());
    }

    /// Date32.
    pub fn day(&mut self, value: saphan_model::Date) {
        let days = value.0.clamp(*DATE32.start(), *DATE32.end());
        self.0.extend_from_slice(&days.to_le_bytes());
    }

    /// FixedString(16).
    pub fn fixed16(&mut self, value: &[u8; 16]) {
        self.0.extend_from_slice(value);
    }

    /// String (LowCardinality or not): LEB128 length, bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.length(value.len());
        self.0.extend_from_slice(value);
    }

    /// String.
    pub fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// Array(String).
    pub fn texts<'a>(&mut self, values: impl ExactSizeIterator<Item = &'a str>) {
        self.length(values.len());
        for value in values {
            self.text(value);
        }
    }

    fn length(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::RowBuf;
    use saphan_model::{Date, Timestamp};

    #[track_caller]
    fn check(write: impl FnOnce(&mut RowBuf), expected: &[u8]) {
        let mut buf = RowBuf::default();
        write(&mut buf);
        assert_eq!(buf.take(), expected);
    }

    #[test]
    fn numbers_are_little_endian() {
        check(|b| b.u8(1), &[1]);
        check(|b| b.u16(0x0102), &[2, 1]);
        check(|b| b.u32(0x0102_0304), &[4, 3, 2, 1]);
        check(|b| b.u64(5), &[5, 0, 0, 0, 0, 0, 0, 0]);
        check(|b| b.instant(Timestamp(-1)), &[0xff; 8]);
    }

    #[test]
    fn days_stay_inside_date32() {
        check(|b| b.day(Date(19_782)), &19_782i32.to_le_bytes());
        check(|b| b.day(Date(i32::MIN)), &(-25_567i32).to_le_bytes());
        check(|b| b.day(Date(i32::MAX)), &120_529i32.to_le_bytes());
    }

    #[test]
    fn texts_carry_their_length() {
        check(|b| b.text("ab"), b"\x02ab");
        check(|b| b.texts(["a", ""].into_iter()), b"\x02\x01a\x00");
        let mut long = vec![0xac, 0x02];
        long.extend([7u8; 300]);
        check(|b| b.bytes(&[7; 300]), &long);
    }
}
