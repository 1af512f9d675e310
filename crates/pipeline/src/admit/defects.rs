//! What a defect is called, and which of them a redriven submission may settle: its own.

use saphan_model::{EventId, EventType, Submission};

use super::admission::Context;
use super::ledger::Position;
use crate::redrive::Redrive;

impl Context {
    /// The defect of a submission, by its code and the place where it first stood; of a row an adapter
    /// reports, one for each code and row, so that the same one told twice is one.
    pub(super) fn defect_id(&self, submission: &Submission, code: &str, at: Position) -> EventId {
        let Some(kind) = submission.content.event_type() else {
            return self.code_and_row(submission, code);
        };
        let (partition, first) = (at.partition, at.first);
        let key = submission.natural_key.reveal();
        let name = format!("refused|{code}|{partition}/{first}|{kind}|{key}");
        self.keys.event_id(&submission.facility, None, &name)
    }

    /// As earlier releases named every defect: one for all contents of an event. What they set aside is
    /// still there to be redriven.
    fn code_and_row(&self, submission: &Submission, code: &str) -> EventId {
        let kind = submission.content.event_type().map_or("defect", EventType::as_str);
        let key = submission.natural_key.reveal();
        self.keys.event_id(&submission.facility, None, &format!("quarantine|{code}|{kind}|{key}"))
    }

    /// The defect of a record of `ingest.v1` that is no submission, by the place where it first stood.
    pub(super) fn unreadable_id(&self, at: Position) -> EventId {
        let (partition, first) = (at.partition, at.first);
        self.keys.event_id("", None, &format!("unreadable|{partition}/{first}"))
    }

    /// Does the redrive name the defect this very submission was set aside with? Whoever writes to
    /// `ingest.v1` chooses the header: it must not make admit forget the row of an event, call the
    /// defect of another submission mended, nor give a submission an older place than its own.
    pub(super) fn is_own(&self, redrive: &Redrive, submission: &Submission, at: Position) -> bool {
        let at = Position { first: redrive.origin, ..at };
        let code = &redrive.code;
        redrive.defect == self.defect_id(submission, code, at)
            || redrive.defect == self.code_and_row(submission, code)
            || redrive.defect == self.unreadable_id(at)
    }
}
