//! A file's bytes as rows: lines, encoding and layout put together. Pure but for the reader.

use std::io::{self, Read};

use saphan_model::limits::F43_ROW_BYTES_MAX;

use super::datasets::{HOSPCODE, parse};
use super::defect::{Code, RowDefect};
use super::encoding::{Decoder, Encoding};
use super::layout::Layout;
use super::row::{Fields, LongCodes, Row};
use super::table::Table;
use super::typed::Typed;
use crate::lines::{Line, Lines};

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Rows of one file.
#[derive(Debug)]
pub struct Rows<R> {
    lines: Lines<R>,
    decoder: Decoder,
    layout: Layout,
    fields: Fields,
}

/// A file that has rows, or the reason it cannot be read at all.
pub type Opened<R> = Result<Rows<R>, RowDefect>;

impl<R: Read> Rows<R> {
    /// Looks at the beginning of a file and settles encoding and layout. The inner result is a
    /// defect of the whole file.
    ///
    /// # Errors
    /// The reader failed.
    pub fn open(table: Table, reader: R) -> io::Result<Opened<R>> {
        let mut lines = Lines::new(reader, F43_ROW_BYTES_MAX);
        let head = lines.peek()?;
        let marked = head.starts_with(UTF8_MARK);
        if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) {
            return Ok(Err(RowDefect::row(Code::Encoding)));
        }
        if marked {
            lines.skip(UTF8_MARK.len());
        }
        let sample = whole_lines(lines.peek()?);
        let mut decoder = Decoder::new(sample, marked);
        let mut filled =
            sample.split(|it| *it == b'\n').map(|it| it.strip_suffix(b"\r").unwrap_or(it));
        let first = filled.find(|it| !it.is_empty()).unwrap_or_default();
        let first = decoder.decode(first).unwrap_or_default();
        match Layout::settle(table, first, sample) {
            Err(defect) => Ok(Err(defect)),
            Ok(layout) => {
                if layout.header {
                    lines.next_filled()?;
                }
                Ok(Ok(Self { lines, decoder, layout, fields: Fields::default() }))
            }
        }
    }

    /// How the file is laid out.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The layout alone.
    pub fn into_layout(self) -> Layout {
        self.layout
    }

    /// What the file is written in, as far as it was read.
    pub const fn encoding(&self) -> Encoding {
        self.decoder.encoding()
    }

    /// The next row with its line number, or what is wrong with the line. Empty lines are passed
    /// over.
    ///
    /// # Errors
    /// The reader failed.
    #[allow(clippy::type_complexity)]
    pub fn next_row<'a>(
        &'a mut self,
        long_codes: &'a LongCodes,
    ) -> io::Result<Option<(i32, Result<Row<'a>, RowDefect>)>> {
        let Self { lines, decoder, layout, fields } = self;
        let Some((number, line)) = lines.next_filled()? else { return Ok(None) };
        let row = match line {
            Line::TooLong => Err(Code::RowTooLong),
            Line::Whole(bytes) => decoder.decode(bytes).ok_or(Code::Encoding),
        };
        let row = row.and_then(|line| {
            fields.split(line);
            let fits = fields.fit(layout.fields);
            let row = Row { line, fields, slots: &layout.slots, long_codes };
            fits.then_some(row).ok_or(Code::FieldCount)
        });
        Ok(Some((number, row.map_err(RowDefect::row))))
    }
}

/// The sample up to its last line end, or all of it when it has none.
fn whole_lines(sample: &[u8]) -> &[u8] {
    memchr::memrchr(b'\n', sample).map_or(sample, |at| &sample[..at])
}

/// Does HOSPCODE name the facility, in its 5- or 9-character form?
///
/// # Errors
/// It is missing (SP-1102) or names another one (SP-1108).
pub fn check_facility(row: &Row<'_>, facility: &str) -> Result<(), RowDefect> {
    let code = row.text(HOSPCODE)?;
    let same = code == facility || row.long_codes.get(code).is_some_and(|it| it == facility);
    if same { Ok(()) } else { Err(row.defect(Code::OtherFacility, HOSPCODE)) }
}

/// Types every row of one file on its own, without joining: what a check of an export or a
/// measurement needs. The inner result of `take` is a row's content or what is wrong with it.
///
/// # Errors
/// The reader failed.
pub fn type_rows(
    table: Table,
    reader: impl Read,
    long_codes: &LongCodes,
    take: &mut dyn FnMut(i32, Result<Typed, RowDefect>),
) -> io::Result<()> {
    let mut rows = match Rows::open(table, reader)? {
        Ok(rows) => rows,
        Err(defect) => {
            take(0, Err(defect));
            return Ok(());
        }
    };
    while let Some((line, row)) = rows.next_row(long_codes)? {
        take(line, row.and_then(|row| parse(table, &row)));
    }
    Ok(())
}
