//! One row type per table, each built from a record of the log by a pure function.

mod admission;
mod decision;
mod event_fact;
mod quarantine;
mod timeline;

pub use admission::AdmissionRow;
pub use decision::DecisionRow;
pub use event_fact::EventFactRow;
pub use quarantine::QuarantineRow;
pub use timeline::TimelineRow;

pub use crate::rowbinary::RowBuf;

use saphan_model::{Envelope, Event, LogRecord, Timestamp};

/// A row that knows its table.
pub trait Row {
    /// The table.
    const TABLE: &'static str;
    /// Its columns, in the order in which [`Row::put`] writes them.
    const COLUMNS: &'static str;

    /// Writes the row as RowBinary.
    fn put(&self, out: &mut RowBuf);
}

/// Where a record of `patient.log.v1` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// Partition.
    pub partition: i32,
    /// Offset in it.
    pub offset: i64,
    /// Log-append time.
    pub appended_at: Timestamp,
}

/// What one record of the patient log means for the tables.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LogRows {
    /// For the patient's timeline; none for a link.
    pub timeline: Option<TimelineRow>,
    /// For the statistics; none for directives and links.
    pub fact: Option<EventFactRow>,
}

/// Rows of a record of the patient log; `value` is its value as it stands in the log.
pub fn from_log(record: &LogRecord, at: LogPosition, value: &[u8]) -> LogRows {
    LogRows {
        timeline: TimelineRow::from_log(record, at, value),
        fact: EventFactRow::from_log(record, at),
    }
}

/// See [`Envelope::version`].
fn version(envelope: &Envelope, event: &Event) -> u64 {
    unsigned(envelope.version(matches!(event, Event::Put(_))))
}

fn partition(number: i32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn region(number: i32) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

fn line(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

#[cfg(test)]
pub(crate) mod tests;
