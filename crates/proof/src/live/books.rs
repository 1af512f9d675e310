//! Opens the books of admission: positions, ledger, quarantine.

use std::collections::BTreeMap;

use super::read::Topics;
use super::{Live, LiveError};
use crate::conservation::{Conservation, Ingest};

/// The ledger is read between two looks at admit's positions; quarantine after it.
pub(super) fn open(
    live: &Live<'_>,
    topics: &Topics,
    progress: &mut dyn FnMut(&str),
) -> Result<(Conservation, BTreeMap<i32, Ingest>), LiveError> {
    progress("reading the admission ledger");
    let names = live.platform.names;
    let mut ingest = positions(live, topics)?;
    let mut books = Conservation::new(live.platform.ids.clone(), names.ingest());
    let admission = names.admission();
    for partition in topics.partitions(&admission)? {
        books.ledger_whole &= topics.settle(&admission, partition)?.0 == 0;
    }
    topics.read(&admission, |it| books.ledger(it))?;
    for (partition, now) in positions(live, topics)? {
        let it = ingest.entry(partition).or_default();
        *it = Ingest { settled: it.settled, claimed: now.settled.max(it.settled), ..now };
    }
    books.quarantine_whole = topics.read(&names.quarantine(), |it| books.quarantined(it))?.whole;
    Ok((books, ingest))
}

fn positions(live: &Live<'_>, topics: &Topics) -> Result<BTreeMap<i32, Ingest>, LiveError> {
    let positions = topics.admin.positions(&live.admit_group, &[&live.ingest()])?;
    let ingest = positions.into_iter().map(|it| {
        let settled = it.committed.unwrap_or(it.first);
        (it.partition, Ingest { first: it.first, end: it.end, settled, claimed: settled })
    });
    Ok(ingest.collect())
}
