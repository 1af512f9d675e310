//! The pure step of route: one record and the state so far give one decision and its actions. Route
//! takes it to write; an audit takes it again, over the same log, to compare.

use saphan_codec::Peeked;
use saphan_kafka::Failure;
use saphan_model::decision::Decision;
use saphan_model::{Body, Envelope, Event, EventType, Timestamp};
use saphan_policy::{Action, AgencySet, Permitted, RecordKind, RecordView, RouteTable, plan};

use super::call_back::CalledBack;
use super::held::{Held, Recallable};
use super::state::RouteState;

/// Where a record stands in the patient log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Log-append time: the clock of the decision.
    pub appended_at: Timestamp,
}

/// What follows from one record.
#[derive(Debug)]
pub struct Judged<'e> {
    /// What `decision.v1` says of it.
    pub decision: Decision,
    /// What is to be done, in the order of the decision's outcomes and, after them, of its recalls.
    pub actions: Vec<Action<'e>>,
}

impl RouteState {
    /// Decides one record and folds it into the state. Records of a partition come in log order.
    /// `revoked` names deliveries to withhold beyond what the log says; it can only take away.
    pub fn judge<'e>(
        &mut self,
        table: &RouteTable,
        at: At,
        record: &'e Peeked<'_>,
        revoked: impl Fn(&Permitted<'e>) -> bool,
    ) -> Result<Judged<'e>, Failure> {
        let envelope = &record.envelope;
        let kind = kind(record.event_type, record.body)?;
        let view = RecordView { envelope, kind };
        let mut called_back = CalledBack::default();
        if view.decided_type() == EventType::Directive {
            let event = saphan_codec::log::decode_event(record.event_type, record.body)
                .map_err(unreadable)?;
            self.fold(envelope, &event, at.offset)?;
            called_back = self.call_back(table, envelope.patient, at)?;
        }
        let consent = self.consent(envelope.patient)?;
        let held = self.held(envelope.patient, envelope.event_id);
        let held_before = held.map_or(AgencySet::NONE, |it| it.agencies);
        let plan = plan(table, &consent, held_before, at.appended_at, view).revoke(revoked);
        let recallable = Recallable::of(envelope, plan.recallable(table));
        let decision = Decision {
            partition: at.partition,
            offset: at.offset,
            appended_at: at.appended_at,
            event_id: envelope.event_id,
            revision: envelope.revision,
            event_type: view.decided_type(),
            facility: envelope.facility.clone(),
            outcomes: plan.outcomes(table),
            recalls: called_back.told,
        };
        let known = held.and_then(|it| it.recallable.as_deref());
        if plan.held_after != held_before || recallable.as_ref() != known {
            let row = Held {
                applied_offset: at.offset,
                event_type: view.decided_type(),
                agencies: plan.held_after,
                recallable: recallable.map(Box::new),
            };
            self.hold(envelope.patient, envelope.event_id, row);
        }
        let mut actions = plan.actions;
        actions.extend(called_back.recalls.into_iter().map(Action::Retract));
        Ok(Judged { decision, actions })
    }

    /// Folds directives and their retractions into the patient's consent.
    fn fold(&mut self, envelope: &Envelope, event: &Event, offset: i64) -> Result<(), Failure> {
        match event {
            Event::Put(Body::Directive(directive)) => {
                self.put_directive(envelope.patient, envelope.event_id, directive, offset)
            }
            Event::Retract { retracted_type: EventType::Directive, .. } => {
                self.retract_directive(envelope.patient, envelope.event_id, offset)
            }
            Event::Put(_) | Event::Retract { .. } | Event::Link { .. } => Ok(()),
        }
    }
}

fn kind(event_type: EventType, body: &[u8]) -> Result<RecordKind, Failure> {
    if event_type != EventType::Retraction {
        return Ok(RecordKind::Put);
    }
    match saphan_codec::log::decode_event(event_type, body).map_err(unreadable)? {
        Event::Retract { retracted_type, .. } => Ok(RecordKind::Retract { retracted_type }),
        Event::Put(_) | Event::Link { .. } => Ok(RecordKind::Put),
    }
}

/// Only admit writes the patient log, in schemas of this release or an earlier one: an unreadable
/// record means that this process must not go on, since passing it by would hide a consent.
pub(super) fn unreadable(why: saphan_codec::Malformed) -> Failure {
    Failure::fatal("SP-1331", format!("a record of the patient log cannot be read: {why}"))
}
