//! One row, written field by field in the order of the table's columns.

use std::fmt::{Display, Write};
use std::hash::Hasher;
use std::ops::Range;

use jiff::civil::Date;

use crate::citizen::Cid;
use crate::columns::Table;

/// A row being filled, or full.
pub struct Row {
    /// The file it belongs to.
    pub table: Table,
    text: String,
    fields: usize,
    /// Length of the text up to the last column of 2016.
    cut: usize,
    cid: Range<usize>,
}

impl Row {
    /// An empty row.
    pub fn new(table: Table) -> Self {
        Self { table, text: String::with_capacity(160), fields: 0, cut: 0, cid: 0..0 }
    }

    /// A row of ready fields; one of them may hold a bar, which shifts those after it.
    pub fn raw(table: Table, fields: &[String]) -> Self {
        fields.iter().fold(Self::new(table), |row, field| row.text(field))
    }

    /// The fields of a whole row.
    pub fn fields(&self) -> Vec<String> {
        self.text.split('|').map(str::to_owned).collect()
    }

    /// The next field.
    pub fn text(self, value: &str) -> Self {
        self.number(value)
    }

    /// The next field, empty.
    pub fn blank(self) -> Self {
        self.text("")
    }

    /// This many empty fields.
    pub fn blanks(self, count: usize) -> Self {
        (0..count).fold(self, |row, _| row.blank())
    }

    /// The next field, as its value displays itself.
    pub fn number(mut self, value: impl Display) -> Self {
        if self.fields > 0 {
            self.text.push('|');
        }
        write!(self.text, "{value}").expect("a string takes all");
        self.fields += 1;
        if self.fields == self.table.columns().count_2016 {
            self.cut = self.text.len();
        }
        self
    }

    /// The next field, satang as baht with two decimals.
    pub fn money(self, satang: i64) -> Self {
        self.number(format_args!("{}.{:02}", satang / 100, satang % 100))
    }

    /// The next field, tenths as a number with one decimal.
    pub fn tenths(self, tenths: i32) -> Self {
        self.number(format_args!("{}.{}", tenths / 10, tenths % 10))
    }

    /// The next field, `YYYYMMDD`.
    pub fn date(self, date: Date) -> Self {
        self.number(format_args!("{:04}{:02}{:02}", date.year(), date.month(), date.day()))
    }

    /// The next field, a citizen id or nothing. It is not part of the row's digest.
    pub fn cid(mut self, cid: Option<Cid>) -> Self {
        let start = self.text.len();
        self = match cid {
            Some(cid) => self.number(cid),
            None => self.blank(),
        };
        self.cid = start..self.text.len();
        self
    }

    /// The line, in the current column set or in that of 2016.
    pub fn line(&self, year_2016: bool) -> &str {
        debug_assert_eq!(
            self.fields,
            self.table.columns().names.len(),
            "{} has a field too many or too few",
            self.table.name()
        );
        if year_2016 { &self.text[..self.cut] } else { &self.text }
    }
}

/// A digest of rows without their citizen ids.
pub fn digest(rows: &[Row]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    for row in rows {
        hasher.write_u8(row.table as u8);
        hasher.write(&row.text.as_bytes()[..row.cid.start]);
        hasher.write(&row.text.as_bytes()[row.cid.end..]);
    }
    hasher.finish()
}
