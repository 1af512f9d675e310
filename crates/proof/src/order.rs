//! Are the records of one person in a topic in the order of the log? Looked at only where a run of
//! sources does not grow throughout, which an undisturbed platform never writes.

use std::collections::HashMap;

use crate::catalog::TopicId;
use crate::evidence::Run;
use crate::sighting::Sighting;

/// The sightings of a run that stand behind a later one: of the same key in an agency's topic, of any
/// key among decisions. Only those that had to be there count; others are findings of their own.
pub(crate) fn disordered(run: Run, sightings: &[Sighting], right: &[bool]) -> Vec<Sighting> {
    let of_run = sightings.iter().zip(right).filter(|it| *it.1).map(|it| *it.0);
    let mut of_run: Vec<Sighting> = of_run.filter(|it| (it.topic, it.partition) == run).collect();
    of_run.sort_unstable_by_key(|it| it.offset);
    let mut latest: HashMap<u64, i64> = HashMap::new();
    let late = |it: &Sighting| {
        let key = if run.0 == TopicId::DECISION { 0 } else { it.key };
        let latest = latest.entry(key).or_insert(i64::MIN);
        let late = it.source_offset < *latest;
        *latest = it.source_offset.max(*latest);
        late
    };
    let mut late = late;
    of_run.into_iter().filter(|it| late(it)).collect()
}
