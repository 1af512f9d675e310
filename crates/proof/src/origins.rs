//! Where records of the patient log say they come from. Admit appends what a partition of `ingest.v1`
//! leads to in its order, so that in a partition of the log no source goes back.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use saphan_kafka::Record;

use crate::finding::Place;

/// What was seen of sources.
#[derive(Default)]
pub(crate) struct Origins {
    /// By partition of the log and of `ingest.v1`: the last source, and what it led to.
    last: HashMap<(i32, i32), (i64, Vec<u64>)>,
    /// By partition of `ingest.v1`: the last source of which the ledger knows nothing, with the record.
    beyond: BTreeMap<i32, (i64, Place)>,
}

impl Origins {
    /// Did the log hold the record before, or what comes after it? Records of a partition come in order.
    pub(crate) fn again(&mut self, record: &Record<'_>, partition: i32, offset: i64) -> bool {
        let mut hasher = DefaultHasher::new();
        (record.key, record.value).hash(&mut hasher);
        let what = hasher.finish();
        let last = self.last.entry((record.partition, partition)).or_insert((-1, Vec::new()));
        if offset > last.0 {
            *last = (offset, Vec::new());
        }
        let again = offset < last.0 || last.1.contains(&what);
        if !again {
            last.1.push(what);
        }
        again
    }

    /// Notes a record of whose source the ledger says nothing.
    pub(crate) fn note(&mut self, partition: i32, offset: i64, at: Place) {
        let beyond = self.beyond.entry(partition).or_insert((offset, at.clone()));
        if offset > beyond.0 {
            *beyond = (offset, at);
        }
    }

    /// Of each partition of `ingest.v1` the last source the ledger says nothing of, with the record.
    pub(crate) fn unaccounted(self) -> impl Iterator<Item = (i32, i64, Place)> {
        self.beyond.into_iter().map(|(partition, (offset, at))| (partition, offset, at))
    }
}
