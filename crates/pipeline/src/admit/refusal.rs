//! What of an event was refused, and how that stands in order with what was admitted.
//!
//! Everything a facility says of an event has one order, that in which it was sent. A submission set
//! aside keeps its place in it until a redrive: what was said later stands, admitted or refused.

use saphan_model::admission::{EventState, RefusalState};
use saphan_model::{Content, Defect, EventId, EventType, PatientId, Provenance, Revision};
use saphan_model::{Submission, Timestamp};

use super::admission::{Admission, Context, Ending};
use super::ledger::Position;
use super::records;

impl Admission {
    /// Sets a submission aside. What waits already and was said last is not set aside again: a resend is
    /// unchanged. An older content sent again is news, for it is the facility's last word.
    pub(super) fn refuse(
        &mut self,
        context: &Context,
        submission: &Submission,
        at: Position,
        defect: Defect,
    ) -> Ending {
        let Some(kind) = submission.content.event_type() else {
            return self.report(context, submission, at, defect);
        };
        let name = context.refusal_id(submission, kind);
        let content = context.refused_content(name, submission);
        let before = self.refusals.get(&name);
        let standing = self.events.get(&name).map(EventState::said_at);
        let waits = before.is_some_and(|it| it.content == content && standing < Some(it.origin));
        if waits && !at.redriven() {
            return Ending::Unchanged;
        }
        let row = refusal(before, submission, content, at);
        self.refusals.put(name, row);
        let defect_id = context.defect_id(submission, &defect.code, at);
        Ending::Quarantined(Box::new(records::quarantined(submission, defect, defect_id, at)))
    }

    /// A row an adapter could not read is told once, in whatever words: no event is behind it.
    fn report(
        &mut self,
        context: &Context,
        submission: &Submission,
        at: Position,
        defect: Defect,
    ) -> Ending {
        let defect_id = context.defect_id(submission, &defect.code, at);
        if self.events.get(&defect_id).is_some() && !at.redriven() {
            return Ending::Unchanged;
        }
        self.events.put(defect_id, nothing(EventType::Retraction, at));
        Ending::Quarantined(Box::new(records::quarantined(submission, defect, defect_id, at)))
    }

    /// Did the facility say something newer than this redriven submission? A deletion that was refused
    /// for want of anything to delete counts: once it is redriven, the event is to be no more.
    pub(super) fn superseded(
        &mut self,
        context: &Context,
        submission: &Submission,
        at: Position,
    ) -> bool {
        let facility = context.topology.facilities.get(&submission.facility);
        let Some((facility, kind)) = facility.zip(submission.content.event_type()) else {
            return false;
        };
        let event_id = context.event_id(facility, kind, submission);
        let known = self.events.get(&event_id);
        if known.is_some_and(|it| it.said_at() > at.first) {
            return true;
        }
        let refused = self.refusals.get(&context.refusal_id(submission, kind));
        let is_put = matches!(submission.content, Content::Put(_));
        let deleted = is_put && refused.is_some_and(|it| it.deletion > Some(at.first));
        if deleted && known.is_none() {
            // So that the deletion finds what it deletes.
            self.events.put(event_id, nothing(kind, at));
        }
        deleted
    }

    /// A defect is mended. Rows that decide nothing any more go: that of what was refused once the event
    /// has come to it, and the defect's own, which earlier releases kept.
    pub(super) fn settle(&mut self, context: &Context, submission: &Submission, defect: EventId) {
        if self.events.get(&defect).is_some() {
            self.events.remove(&defect);
        }
        let Some(kind) = submission.content.event_type() else { return };
        let name = context.refusal_id(submission, kind);
        let standing = self.events.get(&name).map(EventState::said_at);
        if self.refusals.get(&name).is_some_and(|it| standing >= Some(it.origin)) {
            self.refusals.remove(&name);
        }
    }

    /// What stands was said once more. That is written down only where it decides about something that
    /// waits: resends are most of all traffic.
    pub(super) fn said_again(
        &mut self,
        context: &Context,
        submission: &Submission,
        event_id: EventId,
        known: &EventState,
        at: Position,
    ) {
        let waits = |of: &RefusalState| of.origin > known.said_at();
        let decides = at.redriven()
            || (!self.refusals.is_empty()
                && self
                    .refusals
                    .get(&context.refusal_id(submission, known.event_type))
                    .is_some_and(waits));
        if decides && known.said_at() < at.first {
            self.events.put(event_id, EventState { origin: Some(at.first), ..known.clone() });
        }
    }
}

/// The row after one more refusal. A redrive refused again is no newer than what was sent after it.
fn refusal(
    before: Option<&RefusalState>,
    submission: &Submission,
    content: Revision,
    at: Position,
) -> RefusalState {
    let deletion = matches!(submission.content, Content::Retract(_)).then_some(at.first);
    let newer = before.filter(|it| it.origin > at.first);
    RefusalState {
        sequence: at.offset,
        origin: newer.map_or(at.first, |it| it.origin),
        content: newer.map_or(content, |it| it.content),
        deletion: deletion.max(before.and_then(|it| it.deletion)),
    }
}

/// The row of what was never put.
fn nothing(event_type: EventType, at: Position) -> EventState {
    EventState {
        revision: None,
        patient: PatientId([0; 16]),
        sequence: at.offset,
        event_type,
        held: None,
        origin: at.origin(),
    }
}

impl Context {
    /// The event's name under the code it was sent with: a facility nobody registered has no other.
    fn refusal_id(&self, submission: &Submission, kind: EventType) -> EventId {
        self.keys.event_id(&submission.facility, Some(kind), submission.natural_key.reveal())
    }

    /// What tells a resend from news: all that admit would make of it, but not when it was edited nor where
    /// it stood in its source. Of a deletion nothing, for it says no more than that.
    fn refused_content(&self, name: EventId, submission: &Submission) -> Revision {
        let bytes = match submission.content {
            Content::Retract(_) | Content::Defect(_) => Vec::new(),
            Content::Put(_) => saphan_codec::encode(&Submission {
                recorded_at: Timestamp(0),
                provenance: Provenance::default(),
                defaulted: Vec::new(),
                ..submission.clone()
            }),
        };
        self.keys.revision(name, &bytes)
    }
}
