//! Names the difference between what one record of the log leads to and what is there. Pure.

use std::collections::HashSet;

use crate::catalog::TopicId;
use crate::finding::Kind;
use crate::sighting::Sighting;

/// One output that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) topic: TopicId,
    /// Where its key belongs, if the topic's partitions are known.
    pub(crate) partition: Option<u16>,
    pub(crate) key: u64,
    pub(crate) value: [u8; 16],
    /// Outside the scope: known, so that misdirected records are recognised, but not missed.
    pub(crate) watched: bool,
    /// Its bytes could not be made (reported already): whatever stands there is passed over.
    pub(crate) unmade: bool,
    /// Called back by a change of consent: there can be several in a topic.
    pub(crate) recall: bool,
}

/// One difference, with the places in the two lists it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) kind: Kind,
    pub(crate) expected: Option<usize>,
    pub(crate) seen: Option<usize>,
}

impl Expected {
    fn is(&self, seen: &Sighting) -> bool {
        let placed = self.partition.is_none_or(|it| it == seen.partition);
        placed && self.topic == seen.topic && self.key == seen.key && self.value == seen.value
    }
}

/// Is everything there, once, and nothing else? The common case, without allocation. `seen` is sorted
/// by topic.
pub(crate) fn agrees(expected: &[Expected], seen: &[Sighting]) -> bool {
    let due = expected.iter().filter(|it| it.watched).count();
    let right = |it: &Sighting| expected.iter().any(|due| !due.unmade && due.is(it));
    let once = || {
        let one_a_topic = seen.windows(2).all(|it| it[0].topic != it[1].topic);
        let what = |it: &Sighting| (it.topic.0, it.key, it.value);
        one_a_topic || seen.iter().map(what).collect::<HashSet<_>>().len() == seen.len()
    };
    seen.len() == due && seen.iter().all(right) && once()
}

/// The differences, and how many outputs are missing that may be: `gone` says so. `expected` holds each
/// topic once; but for recalls, each value.
pub(crate) fn differences(
    expected: &[Expected],
    seen: &[Sighting],
    gone: impl Fn(&Expected) -> bool,
) -> (Vec<Difference>, u64) {
    let mut found = Vec::new();
    let mut taken = vec![false; seen.len()];
    let due = || expected.iter().enumerate().filter(|it| it.1.watched && !it.1.unmade);
    let mut missing = Vec::new();
    for (number, due) in due() {
        match (0..seen.len()).find(|it| !taken[*it] && due.is(&seen[*it])) {
            Some(at) => taken[at] = true,
            None => missing.push(number),
        }
    }
    // Something else in its place: the same under another key, or what is due nowhere.
    missing.retain(|number| {
        let due = &expected[*number];
        let known = |it: &Sighting| expected.iter().any(|due| due.value == it.value);
        let instead = |it: &Sighting| {
            it.topic == due.topic && (it.value == due.value || !known(it)) && !is_due(expected, it)
        };
        let there = (0..seen.len()).find(|it| !taken[*it] && instead(&seen[*it]));
        if let Some(at) = there {
            taken[at] = true;
            let kind = altered(due, &seen[at]);
            found.push(Difference { kind, expected: Some(*number), seen: Some(at) });
        }
        there.is_none()
    });
    for at in (0..seen.len()).filter(|it| !taken[*it]) {
        let Some((kind, number)) = surplus(expected, &seen[at]) else { continue };
        if kind == Kind::WrongAgency {
            missing.retain(|it| Some(*it) != number);
        }
        found.push(Difference { kind, expected: number, seen: Some(at) });
    }
    let due = missing.len();
    missing.retain(|it| !gone(&expected[*it]));
    let expired = u64::try_from(due - missing.len()).unwrap_or(u64::MAX);
    absences(expected, seen, &missing, &mut found);
    (found, expired)
}

fn is_due(expected: &[Expected], seen: &Sighting) -> bool {
    expected.iter().any(|due| !due.unmade && due.is(seen))
}

/// What one record too many is; none where a topic is passed over.
fn surplus(expected: &[Expected], seen: &Sighting) -> Option<(Kind, Option<usize>)> {
    let of_topic = |due: &&Expected| due.topic == seen.topic;
    if expected.iter().filter(of_topic).any(|due| !due.watched || due.unmade) {
        return None;
    }
    let here = expected.iter().position(|due| due.is(seen));
    let only = expected.iter().position(|due| due.topic == seen.topic && !due.recall);
    if let Some(number) = here.or(only) {
        let doubled = match seen.topic {
            TopicId::DECISION => Kind::DecisionDoubled,
            _ => Kind::Duplicate,
        };
        return Some((doubled, Some(number)));
    }
    // The value names its rule's schema, so equal values mean one rule's delivery.
    let meant_for = expected.iter().position(|due| !due.unmade && due.value == seen.value);
    let kind = if meant_for.is_some() { Kind::WrongAgency } else { Kind::Leak };
    Some((kind, meant_for))
}

fn altered(due: &Expected, seen: &Sighting) -> Kind {
    match due.topic {
        _ if (due.key, due.value) == (seen.key, seen.value) => Kind::WrongPartition,
        TopicId::DECISION => Kind::DecisionDiffers,
        _ if due.key != seen.key => Kind::WrongKey,
        _ => Kind::WrongContent,
    }
}

/// A missing decision beside deliveries means that not all of a transaction is there; what else is
/// missing of it belongs to the same finding.
fn absences(
    expected: &[Expected],
    seen: &[Sighting],
    missing: &[usize],
    found: &mut Vec<Difference>,
) {
    let delivered = seen.iter().any(|it| it.topic != TopicId::DECISION);
    let undecided = missing.iter().find(|it| expected[**it].topic == TopicId::DECISION);
    if let (Some(decision), true) = (undecided, delivered) {
        let (kind, expected) = (Kind::TornTransaction, Some(*decision));
        found.push(Difference { kind, expected, seen: None });
        return;
    }
    found.extend(missing.iter().map(|it| {
        let kind = match expected[*it].topic {
            TopicId::DECISION => Kind::DecisionMissing,
            _ => Kind::Loss,
        };
        Difference { kind, expected: Some(*it), seen: None }
    }));
}
