//! The body of a gateway request: many submissions, each readable on its own.

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
