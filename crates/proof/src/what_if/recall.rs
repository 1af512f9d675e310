//! What a change of consent calls back by one set of contracts and leaves with its holder by the other.

use saphan_model::PatientId;
use saphan_pipeline::route::RouteState;
use saphan_policy::{Action, Recall};

use super::change::{Change, Differing, Place};
use super::side::Sides;

/// What a directive calls back; `actions` are those behind the ones of its own record.
pub(super) fn called_back(actions: &mut Vec<Action<'_>>, of_record: usize) -> Vec<Recall> {
    let recall = |it| match it {
        Action::Retract(recall) => Some(recall),
        Action::Deliver(_) | Action::Withhold(_) => None,
    };
    actions.drain(of_record..).filter_map(recall).collect()
}

/// What becomes of the events of one patient after a directive: `recalls` of the contracts in force and of
/// the proposed ones, and who holds what afterwards by each. What the other side never delivered is no
/// difference here; it was told as one when it was decided.
pub(super) fn differing_recalls(
    sides: &Sides,
    states: &[RouteState; 2],
    recalls: &[Vec<Recall>; 2],
    patient: PatientId,
) -> Vec<Differing> {
    let mut found = Vec::new();
    for (this, other) in [(0, 1), (1, 0)] {
        let [these, those] = [this, other].map(|it| sides.each()[it]);
        for recall in &recalls[this] {
            let (Some(reason), event) = (recall.reason(), recall.event().event_id) else {
                continue;
            };
            let agency = these.place(recall.agency());
            let held = states[other].holders(patient, event);
            if !those.index_of(agency).is_some_and(|it| held.contains(it)) {
                continue;
            }
            let change = match this {
                0 => Change::Kept { reason },
                _ => Change::CalledBack { reason },
            };
            let place = Place { agency, event_type: recall.event_type(), change };
            found.push(Differing { event, place });
        }
    }
    found
}
