//! Schemas by id. Bounded, because ids come from producers; an unknown id is remembered only briefly,
//! because it may be registered a moment later.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const ENTRIES_MAX: usize = 4096;
const UNKNOWN_FOR: Duration = Duration::from_secs(5);

pub(super) struct Cache(Mutex<HashMap<u32, Entry>>);

enum Entry {
    Known(Arc<str>),
    Unknown { until: Instant },
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cached {
    Known(Arc<str>),
    Unknown,
}

impl Cache {
    pub fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    pub fn get(&self, id: u32, now: Instant) -> Option<Cached> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id)? {
            Entry::Known(schema) => Some(Cached::Known(Arc::clone(schema))),
            Entry::Unknown { until } if now < *until => Some(Cached::Unknown),
            Entry::Unknown { .. } => None,
        }
    }

    pub fn put(&self, id: u32, schema: Option<Arc<str>>, now: Instant) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, it| matches!(it, Entry::Known(_)));
        }
        if entries.len() >= ENTRIES_MAX {
            entries.clear(); // cheaper than an order of use, and never reached in honest operation
        }
        let entry = match schema {
            Some(schema) => Entry::Known(schema),
            None => Entry::Unknown { until: now + UNKNOWN_FOR },
        };
        entries.insert(id, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_id_is_asked_again_after_a_while() {
        let (it, now) = (Cache::new(), Instant::now());
        it.put(1, None, now);
        assert_eq!(it.get(1, now), Some(Cached::Unknown));
        assert_eq!(it.get(1, now + UNKNOWN_FOR), None);
        it.put(1, Some("x".into()), now);
        assert_eq!(it.get(1, now + UNKNOWN_FOR), Some(Cached::Known("x".into())));
    }

    #[test]
    fn invented_ids_do_not_grow_memory_nor_drop_known_schemas() {
        let (it, now) = (Cache::new(), Instant::now());
        it.put(0, Some("x".into()), now);
        for id in 1..20_000 {
            it.put(id, None, now);
        }
        assert!(it.0.lock().unwrap().len() <= ENTRIES_MAX);
        assert_eq!(it.get(0, now), Some(Cached::Known("x".into())));
    }
}
