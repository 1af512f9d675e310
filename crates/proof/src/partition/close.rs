//! What is left to ask once every record of a partition was compared: outputs without a record, results
//! ahead of their offset, order, and route's state.

use super::PartitionProof;
use crate::catalog::TopicId;
use crate::evidence::Row;
use crate::finding::{Finding, Kind, Place};
use crate::verifier::Verifier;
use crate::{order, wording};

impl PartitionProof<'_> {
    /// Closes the partition.
    pub fn finish(mut self) {
        self.unbacked(self.bounds.settled);
        let rest = self.filed.sightings[self.cursor..].to_vec();
        for it in rest.iter().filter(|it| it.source_offset >= self.bounds.claimed) {
            let finding = Finding {
                agency: self.verifier.catalog.topic(it.topic).agency.clone(),
                found_at: Some(self.place(it)),
                source: Some(self.source(it.source_offset)),
                ..Finding::new(Kind::AheadOfOffset, wording::ahead(self.bounds.claimed))
            };
            self.verifier.report.add(finding);
        }
        if let Some((applied, place)) = self.filed.applied.take()
            && applied >= self.bounds.claimed
        {
            let finding = Finding {
                found_at: Some(place),
                source: Some(self.source(applied)),
                ..Finding::new(Kind::AheadOfOffset, wording::ahead(self.bounds.claimed))
            };
            self.verifier.report.add(finding);
        }
        self.disorder();
        if self.verifier.scope.whole_log() && !self.unreadable {
            self.compare_state();
        }
    }

    /// Route's state against the replay's. Rows that records above `settled` have touched may be newer.
    fn compare_state(&mut self) {
        let Verifier { replay, fingerprints, names, .. } = &*self.verifier;
        let quiet = self.bounds.settled == self.bounds.claimed;
        let newer = |it: &Row| it.applied.map_or(!quiet, |it| it >= self.bounds.settled);
        let mut rows = std::mem::take(&mut self.filed.rows);
        let mut wrong = Vec::new();
        for (key, value) in self.state.rows(replay.ids(), replay.table()) {
            match rows.remove(&fingerprints.key(&key)) {
                Some(it) if newer(&it) || it.value == fingerprints.value(&value) => {}
                None if !quiet => {}
                found => wrong.push(found.filter(|it| it.applied.is_some())),
            }
        }
        wrong.extend(rows.into_values().filter(|it| it.applied.is_some() && !newer(it)).map(Some));
        wrong.sort_unstable_by_key(|it| it.map(|it| it.offset));
        let topic = names.consent_state();
        for row in wrong {
            let place = |it: Row| {
                let topic = topic.clone();
                Place { topic, partition: self.partition, offset: it.offset }
            };
            let finding = match row {
                Some(it) => Finding {
                    found_at: Some(place(it)),
                    source: it.applied.map(|it| self.source(it)),
                    ..Finding::new(Kind::StateDiffers, wording::STATE_DIFFERS)
                },
                None => Finding::new(Kind::StateDiffers, wording::STATE_MISSING),
            };
            self.verifier.report.add(finding);
        }
    }

    fn disorder(&mut self) {
        for run in std::mem::take(&mut self.filed.unordered) {
            for it in order::disordered(run, &self.filed.sightings, &self.right) {
                let (kind, detail) = match run.0 {
                    TopicId::DECISION => (Kind::DecisionOutOfOrder, wording::DECISION_LATE),
                    _ => (Kind::WrongOrder, wording::DELIVERY_LATE),
                };
                let finding = Finding {
                    agency: self.verifier.catalog.topic(it.topic).agency.clone(),
                    found_at: Some(self.place(&it)),
                    source: Some(self.source(it.source_offset)),
                    ..Finding::new(kind, detail)
                };
                self.verifier.report.add(finding);
            }
        }
    }

    /// Outputs whose source lies below an offset and was no record of the log.
    pub(super) fn unbacked(&mut self, below: i64) {
        while let Some(it) = self.filed.sightings.get(self.cursor).copied()
            && it.source_offset < below
        {
            self.cursor += 1;
            if !self.verifier.scope.whole_log() {
                continue;
            }
            let (kind, agency) = match it.topic {
                TopicId::DECISION => (Kind::DecisionWithoutRecord, None),
                topic => (Kind::Leak, self.verifier.catalog.topic(topic).agency.clone()),
            };
            let found_at = Some(self.place(&it));
            let finding = Finding::new(kind, wording::UNBACKED);
            let source = Some(self.source(it.source_offset));
            self.verifier.report.add(Finding { source, agency, found_at, ..finding });
        }
    }
}
