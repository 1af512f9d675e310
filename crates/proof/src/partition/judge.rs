//! One decision again, with what follows the record in the log.

use std::cell::RefCell;

use saphan_codec::Peeked;
use saphan_pipeline::route::{At, Judged};
use saphan_policy::Permitted;

use super::PartitionProof;
use crate::finding::{Finding, Kind, Place};
use crate::overlay::Foreseen;
use crate::sighting::Sighting;
use crate::verifier::Verifier;
use crate::wording;

impl PartitionProof<'_> {
    /// Decides the record again. Beside it, the deliveries that left although route must have heard of a
    /// change of consent that forbids them.
    pub(super) fn judge<'e>(
        &mut self,
        at: At,
        peeked: &'e Peeked<'_>,
        (from, to): (usize, usize),
    ) -> Result<(Judged<'e>, Vec<(Finding, Sighting)>), String> {
        let Verifier { replay, catalog, scope, .. } = &*self.verifier;
        let patient = peeked.envelope.patient;
        self.changes.pass(patient, at.offset);
        let foreseen = if self.changes.is_empty() {
            None
        } else {
            let now = self.state.consent(patient).map_err(|it| it.to_string())?;
            self.changes.foresee(patient, &now)
        };
        let claimed = self.filed.overlay.get(&at.offset).map_or(&[][..], Vec::as_slice);
        let seen = &self.filed.sightings[from..to];
        let change =
            |offset| Place { topic: self.verifier.log.clone(), partition: self.partition, offset };
        let left_late = |it: &Permitted<'_>, of: &Foreseen, agency: &str| {
            let topic = catalog.id(&replay.topic_of(it, peeked.event_type))?;
            let left = seen.iter().find(|it| it.topic == topic)?;
            let (left_at, within) = (left.appended_at, scope.heard_within_ms);
            let (offset, at) = of.had_to_withhold(replay.table(), it, left_at, within)?;
            let detail =
                wording::overlay_ignored(agency, (left_at - at.0) / 1_000, &change(offset));
            let finding = Finding::new(Kind::OverlayIgnored, detail);
            Some((Finding { agency: Some(agency.to_owned()), ..finding }, *left))
        };
        let late = RefCell::new(Vec::new());
        let revoked = |it: &Permitted<'_>| {
            let Some(foreseen) = &foreseen else { return false };
            let agency = replay.table().id_of(it.agency()).as_str();
            if claimed.iter().any(|it| it == agency) {
                return foreseen.may_withhold(replay.table(), it);
            }
            late.borrow_mut().extend(left_late(it, foreseen, agency));
            false
        };
        let judged = replay.judge(&mut self.state, at, peeked, revoked)?;
        Ok((judged, late.into_inner()))
    }
}
