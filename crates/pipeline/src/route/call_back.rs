//! After a change of consent: which holders are told to drop what they hold.

use saphan_kafka::Failure;
use saphan_model::decision::Recalled;
use saphan_model::limits::RECALLS_MAX;
use saphan_model::{EventId, PatientId};
use saphan_policy::{AgencySet, PatientConsent, Recall, RouteTable, recalls};

use super::held::Held;
use super::judge::At;
use super::state::RouteState;

/// What a change of consent calls back, by event and agency.
#[derive(Default)]
pub(super) struct CalledBack {
    /// For the decision's record.
    pub(super) told: Vec<Recalled>,
    /// For the agencies, in the same order.
    pub(super) recalls: Vec<Recall>,
}

impl RouteState {
    /// Asks the patient's consent again about every event that a holder's contract calls back, and
    /// strikes the holders that may no longer have it. What is beyond the limit stays held, and is asked
    /// about at the next change.
    pub(super) fn call_back(
        &mut self,
        table: &RouteTable,
        patient: PatientId,
        at: At,
    ) -> Result<CalledBack, Failure> {
        let mut called_back = CalledBack::default();
        let consent = self.consent(patient)?;
        for event_id in self.recallable_events(patient) {
            let Some((held, refused)) = self.refused(table, &consent, (patient, event_id), at)
            else {
                continue;
            };
            if called_back.recalls.len() + refused.len() > RECALLS_MAX {
                break;
            }
            let facility = held.recallable.as_ref().map_or("", |it| &it.facility);
            called_back.told.extend(refused.iter().filter_map(|it| it.recalled(table, facility)));
            let gone: AgencySet = refused.iter().map(Recall::agency).collect();
            self.hold(patient, event_id, held.without(gone, at.offset));
            called_back.recalls.extend(refused);
        }
        Ok(called_back)
    }

    fn refused(
        &self,
        table: &RouteTable,
        consent: &PatientConsent,
        (patient, event_id): (PatientId, EventId),
        at: At,
    ) -> Option<(Held, Vec<Recall>)> {
        let held = self.held(patient, event_id)?;
        let event = held.event(patient, event_id)?;
        let refused = recalls(table, consent, at.appended_at, &event);
        (!refused.is_empty()).then(|| (held.clone(), refused))
    }
}
