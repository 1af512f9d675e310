//! What a defect is called, so that the same one told twice is one, and which of them a redriven
//! submission may settle: its own.

use saphan_model::{EventId, EventType, Submission};

use super::admission::Context;
use crate::redrive::Redrive;

impl Context {
    /// The defect of a submission: one for each code and place.
    pub(super) fn defect_id(&self, submission: &Submission, code: &str) -> EventId {
        let kind = submission.content.event_type().map_or("defect", EventType::as_str);
        let key = submission.natural_key.reveal();
        self.keys.event_id(&submission.facility, None, &format!("quarantine|{code}|{kind}|{key}"))
    }

    /// The defect of a record of `ingest.v1` that is no submission, by the place where it first stood.
    pub(super) fn unreadable_id(&self, partition: i32, first: i64) -> EventId {
        self.keys.event_id("", None, &format!("unreadable|{partition}/{first}"))
    }

    /// Does the redrive name the defect this very submission was set aside with? Whoever writes to
    /// `ingest.v1` chooses the header: it must not make admit forget the row of an event, nor call the
    /// defect of another submission mended.
    pub(super) fn is_own(
        &self,
        redrive: &Redrive,
        submission: &Submission,
        partition: i32,
    ) -> bool {
        redrive.defect == self.defect_id(submission, &redrive.code)
            || redrive.defect == self.unreadable_id(partition, redrive.origin)
    }
}
