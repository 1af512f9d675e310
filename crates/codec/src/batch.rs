//! The body of a gateway request: many submissions, each readable on its own.

use crate::cursor::Cursor;
use crate::malformed::Malformed;
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

/// The submissions of a batch, borrowed; at most [`ITEMS_MAX`](saphan_model::limits::ITEMS_MAX). Each may
/// be as long as the input has bytes, so that whoever reads can refuse a long one without the others.
pub fn read(input: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut cursor = Cursor::new(input);
    let mut items = Vec::new();
    while let Some(block) = cursor.block(items.len(), 1)? {
        items.reserve(block.items);
        for _ in 0..block.items {
            let n = cursor.length(usize::MAX)?;
            items.push(cursor.take(n)?);
        }
        cursor.close(block)?;
    }
    cursor.finish()?;
    Ok(items)
}
