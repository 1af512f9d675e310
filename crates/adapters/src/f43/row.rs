//! One row, and its columns as checked values.
//!
//! Owns splitting at bars and the checks every column gets: obligation, width, code set, shape. A
//! mapping names columns; where they stand in this file was settled once per file.

use std::collections::BTreeMap;

use saphan_model::{Date, FacilityCode, Private, Timestamp};

use super::columns::{Kind, Spec};
use super::defect::{Code, RowDefect};
use super::value;

/// No file has more columns.
const FIELDS_MAX: usize = 48;

/// 9-character facility codes with the 5-digit code each is paired with.
pub type LongCodes = BTreeMap<String, String>;

/// Where the fields of a row end.
#[derive(Debug)]
pub struct Fields {
    ends: [u32; FIELDS_MAX],
    count: usize,
}

impl Default for Fields {
    fn default() -> Self {
        Self { ends: [0; FIELDS_MAX], count: 0 }
    }
}

impl Fields {
    /// Splits a row at its bars; there is no quoting in this format.
    pub fn split(&mut self, line: &str) {
        self.count = 0;
        for at in memchr::memchr_iter(b'|', line.as_bytes()) {
            self.push(at);
        }
        self.push(line.len());
    }

    fn push(&mut self, end: usize) {
        if let Some(slot) = self.ends.get_mut(self.count) {
            *slot = u32::try_from(end).unwrap_or(u32::MAX);
        }
        self.count += 1;
    }

    /// Has the row this many fields?
    pub const fn fit(&self, expected: usize) -> bool {
        self.count == expected && expected <= FIELDS_MAX
    }

    fn get<'a>(&self, line: &'a str, at: usize) -> &'a str {
        let Some(end) = self.ends[..self.count.min(FIELDS_MAX)].get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] + 1 };
        line.get(start as usize..*end as usize).unwrap_or("").trim_ascii()
    }
}

/// A column of a mapping: its place among the columns the mapping names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column(pub(crate) u8);

/// Where a mapping's column stands in a file, if it is there, and what it must look like.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// The field, from 0.
    pub at: Option<usize>,
    /// The column.
    pub spec: &'static Spec,
}

/// A row as a mapping sees it.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The whole row as text.
    pub line: &'a str,
    /// Its fields.
    pub fields: &'a Fields,
    /// The mapping's columns in this file.
    pub slots: &'a [Slot],
    /// Facility codes to shorten.
    pub long_codes: &'a LongCodes,
}

type Checked<T> = Result<T, RowDefect>;

impl<'a> Row<'a> {
    fn slot(&self, column: Column) -> &'a Slot {
        &self.slots[usize::from(column.0)]
    }

    /// The trimmed text without any check.
    pub fn raw(&self, column: Column) -> &'a str {
        self.slot(column).at.map_or("", |at| self.fields.get(self.line, at))
    }

    /// A defect of this column.
    pub fn defect(&self, code: Code, column: Column) -> RowDefect {
        RowDefect { code, column: self.slot(column).spec.name }
    }

    /// D_UPDATE, where it can be read: the time of a defect of this row.
    pub fn edited_at(&self) -> Option<Timestamp> {
        let slot = self.slots.iter().find(|it| it.spec.name == "D_UPDATE")?;
        value::instant(self.fields.get(self.line, slot.at?)).ok()
    }

    fn need<T>(&self, column: Column, value: Option<T>) -> Checked<T> {
        value.ok_or_else(|| self.defect(Code::Required, column))
    }

    fn read<T>(
        &self,
        column: Column,
        read: impl FnOnce(&'a str, &Spec) -> Result<T, Code>,
    ) -> Checked<Option<T>> {
        let text = self.raw(column);
        if text.is_empty() {
            return Ok(None);
        }
        let slot = self.slot(column);
        read(text, slot.spec).map(Some).map_err(|code| self.defect(code, column))
    }

    /// Text within width and code set; `None` when empty.
    pub fn text_opt(&self, column: Column) -> Checked<Option<&'a str>> {
        self.read(column, |text, spec| check_text(text, spec).map(|()| text))
    }

    /// Text within width and code set.
    pub fn text(&self, column: Column) -> Checked<&'a str> {
        self.need(column, self.text_opt(column)?)
    }

    /// As [`Row::text_opt`], owned.
    pub fn string_opt(&self, column: Column) -> Checked<Option<String>> {
        Ok(self.text_opt(column)?.map(str::to_owned))
    }

    /// As [`Row::text`], owned.
    pub fn string(&self, column: Column) -> Checked<String> {
        self.text(column).map(str::to_owned)
    }

    /// Text about a person; `None` when empty.
    pub fn private_opt(&self, column: Column) -> Checked<Option<Private<String>>> {
        Ok(self.string_opt(column)?.map(Private::new))
    }

    /// Text about a person.
    pub fn private(&self, column: Column) -> Checked<Private<String>> {
        self.string(column).map(Private::new)
    }

    /// A facility code, shortened to 5 digits where the pair is known; `None` when empty.
    pub fn facility_opt(&self, column: Column) -> Checked<Option<String>> {
        let text = self.text_opt(column)?;
        Ok(text.map(|it| self.long_codes.get(it).map_or(it, String::as_str).to_owned()))
    }

    /// A facility code, shortened to 5 digits where the pair is known.
    pub fn facility(&self, column: Column) -> Checked<String> {
        self.need(column, self.facility_opt(column)?)
    }

    /// A day; `None` when empty or zeros.
    pub fn date_opt(&self, column: Column) -> Checked<Option<Date>> {
        let date = self.read(column, |text, _| match value::date(text) {
            Err(Code::NotADate) if value::zero_date(text) => Ok(None),
            other => other.map(Some),
        });
        Ok(date?.flatten())
    }

    /// A day.
    pub fn date(&self, column: Column) -> Checked<Date> {
        self.need(column, self.date_opt(column)?)
    }

    /// An instant; `None` when empty or zeros.
    pub fn instant_opt(&self, column: Column) -> Checked<Option<Timestamp>> {
        let instant = self.read(column, |text, _| match value::instant(text) {
            Err(Code::NotADate) if value::zero_date(text) => Ok(None),
            other => other.map(Some),
        });
        Ok(instant?.flatten())
    }

    /// An instant.
    pub fn instant(&self, column: Column) -> Checked<Timestamp> {
        self.need(column, self.instant_opt(column)?)
    }

    /// Seconds since midnight; `None` when empty.
    pub fn time_opt(&self, column: Column) -> Checked<Option<i64>> {
        self.read(column, |text, _| value::time(text))
    }

    /// Satang; `None` when empty.
    pub fn money_opt(&self, column: Column) -> Checked<Option<i64>> {
        self.read(column, |text, spec| value::satang(text, spec.width))
    }

    /// Satang.
    pub fn money(&self, column: Column) -> Checked<i64> {
        self.need(column, self.money_opt(column)?)
    }

    /// A whole number; `None` when empty.
    pub fn long_opt(&self, column: Column) -> Checked<Option<i64>> {
        self.read(column, |text, spec| value::integer(text, spec.width))
    }

    /// A whole number; `None` when empty.
    pub fn integer_opt(&self, column: Column) -> Checked<Option<i32>> {
        self.read(column, |text, spec| {
            i32::try_from(value::integer(text, spec.width)?).map_err(|_| Code::NotANumber)
        })
    }

    /// A whole number.
    pub fn integer(&self, column: Column) -> Checked<i32> {
        self.need(column, self.integer_opt(column)?)
    }

    /// A measure; `None` when empty.
    pub fn decimal_opt(&self, column: Column) -> Checked<Option<f64>> {
        self.read(column, |text, spec| value::decimal(text, spec.width))
    }

    /// A measure.
    pub fn decimal(&self, column: Column) -> Checked<f64> {
        self.need(column, self.decimal_opt(column)?)
    }

    /// An ICD-10 code; `None` when empty.
    pub fn icd10_opt(&self, column: Column) -> Checked<Option<String>> {
        self.read(column, |text, _| value::icd10(text))
    }

    /// An ICD-10 code.
    pub fn icd10(&self, column: Column) -> Checked<String> {
        self.need(column, self.icd10_opt(column)?)
    }
}

fn check_text(text: &str, spec: &Spec) -> Result<(), Code> {
    if spec.width > 0 && text.len() > spec.width && text.chars().count() > spec.width {
        return Err(Code::TooLong);
    }
    let shaped = match spec.kind {
        Kind::Digits => text.len() == spec.width && text.bytes().all(|it| it.is_ascii_digit()),
        Kind::Facility => text.parse::<FacilityCode>().is_ok(),
        _ => true,
    };
    if shaped && spec.codes.allow(text) { Ok(()) } else { Err(Code::UnknownCode) }
}
