//! The body of a gateway request: many submissions, each readable on its own.

use saphan_model::limits::{GATEWAY_BATCH_EVENTS_MAX, SUBMISSION_BYTES_MAX};

use crate::cursor::Cursor;
use crate::malformed::{Fault, Malformed};
use crate::wire::macros::record;

/// Submissions in single-object encoding, oldest first. `schemas/submission-batch`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SubmissionBatch {
    /// Each as [`crate::single_object::wrap`] makes it.
    pub submissions: Vec<Vec<u8>>,
}

record! {
    "th.saphan.SubmissionBatch" => SubmissionBatch { submissions }
}

impl std::fmt::Debug for SubmissionBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SubmissionBatch({} submissions)", self.submissions.len())
    }
}

/// The submissions of a batch, borrowed. At most
/// [`GATEWAY_BATCH_EVENTS_MAX`](saphan_model::limits::GATEWAY_BATCH_EVENTS_MAX), each of at most
/// [`SUBMISSION_BYTES_MAX`](saphan_model::limits::SUBMISSION_BYTES_MAX).
pub fn read(input: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut cursor = Cursor::new(input);
    let mut items = Vec::new();
    while let Some(block) = cursor.block(items.len(), 1)? {
        if items.len() + block.items > GATEWAY_BATCH_EVENTS_MAX {
            return Err(cursor.fault(Fault::Length));
        }
        items.reserve(block.items);
        for _ in 0..block.items {
            let n = cursor.length(SUBMISSION_BYTES_MAX)?;
            items.push(cursor.take(n)?);
        }
        cursor.close(block)?;
    }
    cursor.finish()?;
    Ok(items)
}
