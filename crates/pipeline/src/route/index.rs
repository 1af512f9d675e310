//! Which of a patient's events may have to be called back: found without a search through all holdings.
//!
//! It may name an event too many, never one too few: an event noted in a batch that is rolled back
//! stays, and one that is struck goes with the commit.

use saphan_model::{EventId, PatientId};

use crate::table::Rows;

/// Events by patient, in the order of their ids, so that every replay asks in the same order.
#[derive(Debug, Default)]
pub(super) struct Index {
    events: Rows<PatientId, Vec<EventId>>,
    /// Struck in the open batch.
    struck: Vec<(PatientId, EventId)>,
}

impl Index {
    /// The patient's events.
    pub(super) fn of(&self, patient: PatientId) -> &[EventId] {
        self.events.get(&patient).map_or(&[], Vec::as_slice)
    }

    /// The event is recallable from now on, or no longer.
    pub(super) fn note(&mut self, patient: PatientId, event_id: EventId, recallable: bool) {
        if recallable {
            let events = self.events.entry(patient).or_default();
            if let Err(place) = events.binary_search(&event_id) {
                events.insert(place, event_id);
            }
        } else if self.of(patient).binary_search(&event_id).is_ok() {
            self.struck.push((patient, event_id));
        }
    }

    /// As [`Index::note`], outside a batch.
    pub(super) fn restore(&mut self, (patient, event_id): (PatientId, EventId), recallable: bool) {
        self.note(patient, event_id, recallable);
        self.commit(|_| false);
    }

    /// The batch is committed. `recallable` tells what became of a struck event later in it.
    pub(super) fn commit(&mut self, recallable: impl Fn((PatientId, EventId)) -> bool) {
        for (patient, event_id) in self.struck.drain(..) {
            let Some(events) = self.events.get_mut(&patient) else { continue };
            if recallable((patient, event_id)) {
                continue;
            }
            if let Ok(place) = events.binary_search(&event_id) {
                events.remove(place);
            }
            if events.is_empty() {
                self.events.remove(&patient);
            }
        }
    }

    /// The batch did not happen: what it struck is recallable still.
    pub(super) fn roll_back(&mut self) {
        self.struck.clear();
    }
}
