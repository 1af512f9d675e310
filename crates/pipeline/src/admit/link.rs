//! Who a submission is about, and what follows when a local number turns out to be a citizen.

use saphan_model::admission::{EventState, LinkState};
use saphan_model::envelope::RetractReason;
use saphan_model::{
    Body, CitizenId, Content, Event, EventId, EventType, LogRecord, PatientId, Submission,
};
use saphan_topology::Facility;

use super::admission::{Admission, Context, Ending, Resolved};
use super::ledger::Position;
use super::records;

impl Admission {
    /// Resolves the patient; when a citizen id arrives for a number that had none, appends to `out` the
    /// link and the move of every event held under the number but `own`, the event submitted: it moves
    /// with its new content. Moved and changed at one position, it would have two puts of one version.
    /// `None` without any identifier.
    pub(super) fn resolve(
        &mut self,
        context: &Context,
        submission: &Submission,
        facility: &Facility,
        own: EventId,
        at: Position,
        out: &mut Vec<LogRecord>,
    ) -> Option<Resolved> {
        let local = submission
            .subject
            .local_id
            .as_ref()
            .map(|it| context.keys.local_pseudonym(&facility.hospcode, it.reveal()));
        match (&submission.subject.citizen_id, local) {
            (Some(citizen_id), local) => {
                let resolved = known_citizen(context, citizen_id);
                if let Some(local) = local {
                    out.extend(self.link(context, facility, local, &resolved, own, at));
                }
                Some(resolved)
            }
            (None, Some(local)) => Some(self.by_local_number(context, local, at)),
            (None, None) => None,
        }
    }

    fn by_local_number(&mut self, context: &Context, local: PatientId, at: Position) -> Resolved {
        let unlinked = Resolved { patient: local, citizen_id: None, unlinked: Some(local) };
        match self.links.get(&local) {
            Some(LinkState { patient, sealed_citizen_id: Some(sealed), .. }) => Resolved {
                patient: *patient,
                citizen_id: context.keys.open(sealed, &local.0).ok(),
                unlinked: None,
            },
            Some(_) => unlinked,
            None => {
                let row = LinkState {
                    patient: local,
                    sequence: at.offset,
                    sealed_citizen_id: None,
                    events: Vec::new(),
                };
                self.links.put(local, row);
                unlinked
            }
        }
    }

    /// Only numbers once sent without a citizen id have a row; for all others there is nothing to do.
    fn link(
        &mut self,
        context: &Context,
        facility: &Facility,
        local: PatientId,
        to: &Resolved,
        own: EventId,
        at: Position,
    ) -> Vec<LogRecord> {
        let link = self.links.get(&local).filter(|it| it.patient != to.patient).cloned();
        let Some(link) = link else { return Vec::new() };
        let mut out = vec![records::link(context, facility, link.patient, to.into(), at)];
        for event_id in link.events.iter().filter(|it| **it != own) {
            self.move_event(context, facility, *event_id, to, at, &mut out);
        }
        let row = LinkState {
            patient: to.patient,
            sequence: at.offset,
            sealed_citizen_id: to.citizen_id.as_ref().map(|it| context.keys.seal(it, &local.0)),
            events: Vec::new(),
        };
        self.links.put(local, row);
        out
    }

    fn move_event(
        &mut self,
        context: &Context,
        facility: &Facility,
        event_id: EventId,
        to: &Resolved,
        at: Position,
        out: &mut Vec<LogRecord>,
    ) {
        let Some(known) = self.events.get(&event_id).cloned() else { return };
        let Some((revision, held)) = known.revision.zip(known.held.as_ref()) else { return };
        let Ok(submission) = saphan_codec::decode::<Submission>(held) else { return };
        let Content::Put(body) = &submission.content else { return };
        let reason = RetractReason::PatientChanged;
        out.push(records::retraction(context, &submission, facility, &known, event_id, reason, at));
        let ids = (event_id, revision);
        out.push(records::put(context, &submission, facility, body, ids, to.into(), at));
        let row = EventState {
            patient: to.patient,
            sequence: at.offset,
            held: None,
            origin: Some(known.said_at()), // a move says nothing new
            ..known
        };
        self.events.put(event_id, row);
    }
}

impl Ending {
    /// What is judged by consent comes after the consent it moves with, and that after the link: asked in the
    /// order of arrival, a corrected event could move before a denial that is older than the correction.
    pub(super) fn consent_first(mut self) -> Self {
        if let Self::Admitted(records) = &mut self {
            records.sort_by_key(|it| match &it.event {
                Event::Link { .. } => 0,
                Event::Put(Body::Directive(_))
                | Event::Retract { retracted_type: EventType::Directive, .. } => 1,
                Event::Put(_) | Event::Retract { .. } => 2,
            });
        }
        self
    }
}

fn known_citizen(context: &Context, citizen_id: &CitizenId) -> Resolved {
    Resolved {
        patient: context.keys.pseudonym(citizen_id),
        citizen_id: Some(*citizen_id),
        unlinked: None,
    }
}
