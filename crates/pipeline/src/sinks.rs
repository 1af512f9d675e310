//! Sinks: from planned ranges of the log to rows. Each decodes, builds rows, and writes them under
//! the plan's token, so that a range written twice counts once.

mod decisions;
mod operations;
mod patient_log;

use saphan_codec::Malformed;
use saphan_kafka::{Failure, Plan, RecordBuf};
use saphan_store::{InsertError, Inserts, row::Row};

pub use decisions::Decisions;
pub use operations::Operations;
pub use patient_log::{Statistics, Timeline};

fn write<R: Row>(inserts: &Inserts, rows: &[R], plan: &Plan) -> Result<(), Failure> {
    inserts.write(rows, &plan.token).map_err(failure)
}

fn failure(error: InsertError) -> Failure {
    let reason = error.to_string();
    if error.failure.transient() {
        Failure::transient(error.failure.code(), reason)
    } else {
        Failure::fatal(error.failure.code(), reason)
    }
}

/// Only the platform's own stages write these topics: what cannot be read stops the sink rather than
/// leaving a hole in the figures.
fn unreadable(record: &RecordBuf, why: &Malformed) -> Failure {
    let place = format!("{}/{}/{}", record.topic, record.partition, record.offset);
    Failure::fatal("SP-1340", format!("{place} cannot be read: {why}"))
}
