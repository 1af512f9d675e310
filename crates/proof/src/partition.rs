//! The proof of one partition of the patient log: its records in order, against what was seen of them.
//!
//! Memory: the router's own state of the partition, its changes of consent, and 56 bytes for each output of
//! the partition.

mod close;
mod judge;

use saphan_codec::Peeked;
use saphan_kafka::{Record, partition_of};
use saphan_model::decision::{Decision, OutcomeKind};
use saphan_model::{EventType, Timestamp};
use saphan_pipeline::encode::source_header;
use saphan_pipeline::route::{At, RouteState};

use crate::catalog::TopicId;
use crate::classify::{Difference, Expected, agrees, differences};
use crate::evidence::Filed;
use crate::finding::{Finding, Kind, Place};
use crate::overlay::Changes;
use crate::replay::{Output, Replayed};
use crate::sighting::Sighting;
use crate::verifier::Verifier;
use crate::wording;

/// How far route has come in a partition. The positions differ while the platform works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Committed before outputs were gathered: everything below must be complete.
    pub settled: i64,
    /// Committed after: nothing at or above may have outputs.
    pub claimed: i64,
}

/// Compares record by record.
pub struct PartitionProof<'v> {
    verifier: &'v mut Verifier,
    partition: i32,
    bounds: Bounds,
    state: RouteState,
    filed: Filed,
    /// Sightings below this place are dealt with.
    cursor: usize,
    /// Beside the sightings: is it the one that had to be there? Kept only where order is in doubt.
    right: Vec<bool>,
    changes: Changes,
    /// A record could not be replayed, so that the replay's state lacks it.
    unreadable: bool,
    expected: Vec<Expected>,
    applied: u32,
}

/// Undo logs of the state are dropped this often.
const COMMIT_EVERY: u32 = 1024;

impl<'v> PartitionProof<'v> {
    pub(crate) fn new(
        verifier: &'v mut Verifier,
        partition: i32,
        bounds: Bounds,
        mut filed: Filed,
        changes: Changes,
    ) -> Self {
        filed
            .sightings
            .sort_unstable_by_key(|it| (it.source_offset, it.topic, it.partition, it.offset));
        let right = if filed.unordered.is_empty() { 0 } else { filed.sightings.len() };
        Self {
            verifier,
            partition,
            bounds,
            state: RouteState::default(),
            filed,
            cursor: 0,
            right: vec![false; right],
            changes,
            unreadable: false,
            expected: Vec::new(),
            applied: 0,
        }
    }

    /// Takes the next record of the partition.
    pub fn apply(&mut self, record: &Record<'_>) {
        if record.offset >= self.bounds.settled {
            self.verifier.report.counts.in_flight += 1;
            return;
        }
        self.unbacked(record.offset);
        let seen = self.seen_of(record.offset);
        if self.verifier.scope.replays(record.key) {
            self.verifier.report.counts.replayed += 1;
            if let Err(why) = self.replay(record, seen) {
                self.unreadable = true;
                self.find(record, Finding::new(Kind::Unreadable, why));
            }
        }
        self.cursor = seen.1;
    }

    /// The sightings of one source, which begin at the cursor.
    fn seen_of(&self, offset: i64) -> (usize, usize) {
        let rest = &self.filed.sightings[self.cursor..];
        let count = rest.iter().take_while(|it| it.source_offset == offset).count();
        (self.cursor, self.cursor + count)
    }

    fn replay(&mut self, record: &Record<'_>, seen: (usize, usize)) -> Result<(), String> {
        let ids = self.verifier.replay.ids();
        let value = ids.current(record.value.unwrap_or_default()).map_err(|it| it.to_string())?;
        let peeked = saphan_codec::peek(&value, ids).map_err(|it| it.to_string())?;
        let at = At {
            partition: self.partition,
            offset: record.offset,
            appended_at: Timestamp(record.append_time_ms),
        };
        let (judged, late) = self.judge(at, &peeked, seen)?;
        self.applied += 1;
        if self.applied.is_multiple_of(COMMIT_EVERY) {
            self.state.commit();
        }
        let newest = self.filed.sightings[seen.0..seen.1].iter().map(|it| it.appended_at).max();
        let newest = Timestamp(newest.unwrap_or(i64::MIN)).max(at.appended_at);
        if !self.verifier.scope.compares(newest) {
            return Ok(());
        }
        self.misplaced(record, &peeked);
        for (finding, seen) in late {
            let found_at = Some(self.place(&seen));
            let event_id = Some(peeked.envelope.event_id);
            self.find(record, Finding { event_id, found_at, ..finding });
        }
        let replayed = self.verifier.replay.outputs(judged, &peeked, &source_header(record));
        self.expect(record, &replayed, &peeked);
        self.compare(record, &replayed.decision, seen);
        Ok(())
    }

    /// A directive in another partition than its person's is never asked.
    fn misplaced(&mut self, record: &Record<'_>, peeked: &Peeked<'_>) {
        let patient = &peeked.envelope.patient.0[..];
        let own = partition_of(patient, self.verifier.log_partitions) == self.partition;
        if !own || record.key != Some(patient) {
            let event_id = Some(peeked.envelope.event_id);
            let finding = Finding::new(Kind::WrongPartition, wording::LOG_MISPLACED);
            self.find(record, Finding { event_id, ..finding });
        }
    }

    /// Fingerprints what must be there.
    fn expect(&mut self, record: &Record<'_>, replayed: &Replayed, peeked: &Peeked<'_>) {
        self.expected.clear();
        for output in &replayed.outputs {
            let name = match output {
                Output::Record(it) => it.topic.as_ref(),
                Output::Unmade { topic, .. } => topic,
            };
            let catalog = &self.verifier.catalog;
            let topic = catalog.id(name).expect("every rule's topic is in the catalog");
            let watched = catalog.topic(topic).watched;
            let prints = &self.verifier.fingerprints;
            let recall = topic != TopicId::DECISION && concerns_consent(&replayed.decision);
            self.expected.push(match output {
                Output::Record(it) => Expected {
                    topic,
                    partition: catalog
                        .topic(topic)
                        .partition(it.key.as_deref().unwrap_or_default()),
                    key: prints.key(it.key.as_deref().unwrap_or_default()),
                    value: prints.value(it.value.as_deref().unwrap_or_default()),
                    watched,
                    unmade: false,
                    recall,
                },
                Output::Unmade { .. } => {
                    let (partition, key, value, unmade) = (None, 0, [0; 16], true);
                    Expected { topic, partition, key, value, watched, unmade, recall }
                }
            });
            if let (Output::Unmade { why, .. }, true) = (output, watched) {
                let finding = Finding {
                    agency: catalog.topic(topic).agency.clone(),
                    event_id: Some(peeked.envelope.event_id),
                    ..Finding::new(
                        Kind::WrongKey,
                        format!("what is due cannot be made again: {why}"),
                    )
                };
                self.find(record, finding);
            }
        }
    }

    fn compare(&mut self, record: &Record<'_>, decision: &Decision, (from, to): (usize, usize)) {
        self.verifier.report.counts.compared += 1;
        self.count(decision);
        let seen = &self.filed.sightings[from..to];
        if agrees(&self.expected, seen) {
            if !self.right.is_empty() {
                self.right[from..to].fill(true);
            }
            return;
        }
        let appended_at = Timestamp(record.append_time_ms);
        let catalog = &self.verifier.catalog;
        let gone = |it: &Expected| catalog.topic(it.topic).may_have_left(it.partition, appended_at);
        let (found, expired) = differences(&self.expected, seen, gone);
        self.verifier.report.counts.expired += expired;
        if !self.right.is_empty() {
            for place in from..to {
                self.right[place] = !found.iter().any(|it| it.seen == Some(place - from));
            }
        }
        let seen = seen.to_vec();
        for difference in found {
            self.tell(record, decision, difference, &seen);
        }
    }

    /// Turns a difference into a finding.
    fn tell(
        &mut self,
        record: &Record<'_>,
        decision: &Decision,
        difference: Difference,
        seen: &[Sighting],
    ) {
        let Difference { kind, expected, seen: at } = difference;
        let seen = at.map(|it| seen[it]);
        let due = expected.map(|it| self.expected[it].topic);
        let catalog = &self.verifier.catalog;
        let stands = seen.map(|it| it.topic).or(due);
        let agency = stands.and_then(|it| catalog.topic(it).agency.clone());
        let meant_for = due.and_then(|it| catalog.topic(it).agency.clone());
        // Beside the decision itself, all a directive leads to is its recalls, in their order.
        let recalled = expected.filter(|it| self.expected[*it].recall);
        let recalled = recalled.and_then(|it| decision.recalls.get(it.checked_sub(1)?));
        let (by, to) = (agency.as_deref(), meant_for.as_deref());
        let detail = wording::difference(kind, decision, recalled, by, to);
        let finding = Finding {
            agency,
            event_id: Some(recalled.map_or(decision.event_id, |it| it.event_id)),
            found_at: seen.map(|it| self.place(&it)),
            ..Finding::new(kind, detail)
        };
        self.find(record, finding);
    }

    fn count(&mut self, decision: &Decision) {
        let only = self.verifier.scope.agency.as_ref();
        let agencies = &mut self.verifier.report.agencies;
        let outcomes = decision.outcomes.iter().map(|it| (&it.agency, it.kind));
        let recalls = decision.recalls.iter().map(|it| (&it.agency, OutcomeKind::Retracted));
        let asked = |it: &str| only.is_none_or(|id| id.as_str() == it);
        for (agency, kind) in outcomes.chain(recalls).filter(|it| asked(it.0)) {
            if !agencies.contains_key(agency) {
                agencies.insert(agency.clone(), Default::default());
            }
            let counts = agencies.get_mut(agency).expect("inserted above");
            match kind {
                OutcomeKind::Delivered => counts.delivered += 1,
                OutcomeKind::Retracted => counts.retracted += 1,
                OutcomeKind::Withheld => counts.withheld += 1,
            }
        }
    }

    fn find(&mut self, record: &Record<'_>, finding: Finding) {
        let source = Some(self.source(record.offset));
        let appended_at = Some(Timestamp(record.append_time_ms));
        self.verifier.report.add(Finding { source, appended_at, ..finding });
    }

    fn source(&self, offset: i64) -> Place {
        Place { topic: self.verifier.log.clone(), partition: self.partition, offset }
    }

    fn place(&self, it: &Sighting) -> Place {
        let topic = self.verifier.catalog.topic(it.topic).name.as_ref().to_owned();
        Place { topic, partition: i32::from(it.partition), offset: it.offset }
    }
}

fn concerns_consent(decision: &Decision) -> bool {
    decision.event_type == EventType::Directive
}
