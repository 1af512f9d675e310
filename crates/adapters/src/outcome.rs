//! What every adapter shares: where submissions go and how defects are counted.

use std::error::Error;

use saphan_model::Submission;

/// Takes one submission after another; a refusal stops the adapter.
pub type Sink<'a> = dyn FnMut(Submission) -> Result<(), SinkError> + 'a;

/// The receiver of submissions could not take one.
#[derive(Debug, thiserror::Error)]
#[error("the receiver of submissions could not take one; see the cause, then run again")]
pub struct SinkError(#[source] Box<dyn Error + Send + Sync>);

impl SinkError {
    /// Wraps the receiver's own error.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// How many defects of one code a document has, and where the first ones stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefectCount {
    /// All of them.
    pub count: u64,
    /// What to do about each, one sentence.
    pub remedy: &'static str,
    /// The first [`PLACES_MAX`] places.
    pub first: Vec<Place>,
}

/// Defects of one file that are submitted one by one; the rest is told as one number (SP-1118), so
/// that a file of garbage does not flood the quarantine.
pub const DEFECTS_LISTED_MAX: u64 = 10_000;

/// Places named per code in a report.
pub const PLACES_MAX: usize = 100;

impl DefectCount {
    /// Counts one more.
    pub(crate) fn add(&mut self, remedy: &'static str, place: impl FnOnce() -> Place) {
        self.count += 1;
        self.remedy = remedy;
        if self.first.len() < PLACES_MAX {
            self.first.push(place());
        }
    }
}

/// Where a defect stands; carries no value of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The inner file.
    pub file: String,
    /// The line, from 1; 0 when it is the whole file.
    pub line: i32,
    /// The column or JSON path; empty when it is the whole row.
    pub column: String,
}
