//! Names the difference between what one record of the log leads to and what is there. Pure.

use crate::catalog::TopicId;
use crate::finding::Kind;
use crate::sighting::Sighting;

/// One output that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) topic: TopicId,
    pub(crate) key: u64,
    pub(crate) value: [u8; 16],
    /// Outside the scope: known, so that misdirected records are recognised, but not missed.
    pub(crate) watched: bool,
    /// Its bytes could not be made (reported already): whatever stands there is passed over.
    pub(crate) unmade: bool,
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
        self.topic == seen.topic && self.key == seen.key && self.value == seen.value
    }
}

/// Is everything there, once, and nothing else? The common case, without allocation. `seen` is sorted
/// by topic.
pub(crate) fn agrees(expected: &[Expected], seen: &[Sighting]) -> bool {
    let due = expected.iter().filter(|it| it.watched).count();
    let distinct = seen.windows(2).all(|it| it[0].topic != it[1].topic);
    let right = |it: &Sighting| expected.iter().any(|due| !due.unmade && due.is(it));
    seen.len() == due && distinct && seen.iter().all(right)
}

/// The differences. `expected` holds each topic once.
pub(crate) fn differences(expected: &[Expected], seen: &[Sighting]) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for (number, due) in expected.iter().enumerate().filter(|it| it.1.watched && !it.1.unmade) {
        let there: Vec<usize> = (0..seen.len()).filter(|it| seen[*it].topic == due.topic).collect();
        let Some(best) =
            there.iter().copied().find(|it| due.is(&seen[*it])).or(there.first().copied())
        else {
            missing.push(number);
            continue;
        };
        let about = |kind, seen| Difference { kind, expected: Some(number), seen: Some(seen) };
        if !due.is(&seen[best]) {
            found.push(about(altered(due, &seen[best]), best));
        }
        let doubled = match due.topic {
            TopicId::DECISION => Kind::DecisionDoubled,
            _ => Kind::Duplicate,
        };
        found.extend(there.into_iter().filter(|it| *it != best).map(|it| about(doubled, it)));
    }
    for (number, it) in seen.iter().enumerate() {
        if expected.iter().any(|due| due.topic == it.topic) {
            continue;
        }
        // The value names its rule's schema, so equal values mean one rule's delivery.
        let meant_for = expected.iter().position(|due| !due.unmade && due.value == it.value);
        missing.retain(|due| Some(*due) != meant_for);
        let kind = if meant_for.is_some() { Kind::WrongAgency } else { Kind::Leak };
        found.push(Difference { kind, expected: meant_for, seen: Some(number) });
    }
    absences(expected, seen, &missing, &mut found);
    found
}

fn altered(due: &Expected, seen: &Sighting) -> Kind {
    match due.topic {
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
