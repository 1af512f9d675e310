//! A patient's directives, folded from the log one record at a time.

use saphan_model::EventId;
use saphan_model::admission::HeldDirective;
use saphan_model::directive::Directive;
use saphan_model::limits::DIRECTIVES_PER_PATIENT_MAX;

/// All directives of one patient, newest revision each, sorted by the event that carried them.
///
/// The event names a directive, not its `directive_id`: two systems may choose the same id, and one
/// must not be able to overwrite what the patient told the other.
///
/// More than `DIRECTIVES_PER_PATIENT_MAX` are not kept: the withdrawn one given first makes room. If
/// none is withdrawn, the fold keeps one directive too many as a mark and takes no more changes; from
/// then on nothing that rests on consent is permitted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PatientConsent {
    held: Vec<HeldDirective>,
    unreadable: bool,
}

impl PatientConsent {
    /// The directives as kept by an earlier [`PatientConsent::held`], in any order.
    pub fn from_held(mut held: Vec<HeldDirective>) -> Self {
        held.sort_by_key(|it| it.event_id);
        held.dedup_by_key(|it| it.event_id);
        Self { held, unreadable: false }
    }

    /// Stands for a state that could not be read: permits nothing.
    pub const fn unreadable() -> Self {
        Self { held: Vec::new(), unreadable: true }
    }

    /// Every directive kept, in force or not.
    pub fn held(&self) -> &[HeldDirective] {
        &self.held
    }

    /// False when the state was unreadable or outgrew its limit.
    pub fn readable(&self) -> bool {
        !self.unreadable && self.held.len() <= DIRECTIVES_PER_PATIENT_MAX
    }

    /// A directive record: takes the place of the same event's earlier revision. An inactive
    /// directive stays, so that "withdrawn" can be told from "never given".
    pub fn put(&mut self, event_id: EventId, directive: Directive) {
        if !self.readable() {
            return;
        }
        let entry = HeldDirective { event_id, directive };
        match self.held.binary_search_by_key(&event_id, |it| it.event_id) {
            Ok(place) => self.held[place] = entry,
            Err(place) => {
                self.held.insert(place, entry);
                self.make_room();
            }
        }
    }

    /// A retraction of a directive's event: as if it had never been given. False when none is held.
    pub fn retract(&mut self, event_id: EventId) -> bool {
        if !self.readable() {
            return false;
        }
        match self.held.binary_search_by_key(&event_id, |it| it.event_id) {
            Ok(place) => {
                self.held.remove(place);
                true
            }
            Err(_) => false,
        }
    }

    fn make_room(&mut self) {
        if self.held.len() <= DIRECTIVES_PER_PATIENT_MAX {
            return;
        }
        let withdrawn = self.held.iter().enumerate().filter(|(_, it)| !it.directive.active);
        let oldest = withdrawn.min_by_key(|(_, it)| (it.directive.given_at, it.event_id));
        if let Some(place) = oldest.map(|(place, _)| place) {
            self.held.remove(place);
        }
    }
}
