//! The two sinks over the patient log: timelines by patient, facts by event.

use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::{Failure, Plan, RangeSink, RecordBuf};
use saphan_model::Timestamp;
use saphan_store::Inserts;
use saphan_store::row::{self, LogPosition, LogRows};

use super::{unreadable, write};

/// Builds the patients' timelines.
pub struct Timeline {
    ids: Arc<SchemaIds>,
    inserts: Inserts,
}

/// Builds the facts statistics are counted from.
pub struct Statistics {
    ids: Arc<SchemaIds>,
    inserts: Inserts,
}

impl Timeline {
    /// A sink that writes through `inserts`.
    pub fn new(ids: Arc<SchemaIds>, inserts: Inserts) -> Self {
        Self { ids, inserts }
    }
}

impl Statistics {
    /// A sink that writes through `inserts`.
    pub fn new(ids: Arc<SchemaIds>, inserts: Inserts) -> Self {
        Self { ids, inserts }
    }
}

impl RangeSink for Timeline {
    fn write(&mut self, plan: &Plan, records: &[RecordBuf]) -> Result<(), Failure> {
        let rows = rows(&self.ids, records)?;
        let rows: Vec<_> = rows.into_iter().filter_map(|it| it.timeline).collect();
        write(&self.inserts, &rows, plan)
    }
}

impl RangeSink for Statistics {
    fn write(&mut self, plan: &Plan, records: &[RecordBuf]) -> Result<(), Failure> {
        let rows = rows(&self.ids, records)?;
        let rows: Vec<_> = rows.into_iter().filter_map(|it| it.fact).collect();
        write(&self.inserts, &rows, plan)
    }
}

fn rows(ids: &SchemaIds, records: &[RecordBuf]) -> Result<Vec<LogRows>, Failure> {
    records
        .iter()
        .map(|record| {
            let value = record.value.as_deref().unwrap_or_default();
            let decoded =
                saphan_codec::decode_log(value, ids).map_err(|it| unreadable(record, &it))?;
            let at = LogPosition {
                partition: record.partition,
                offset: record.offset,
                appended_at: Timestamp(record.append_time_ms),
            };
            Ok(row::from_log(&decoded, at, value))
        })
        .collect()
}
