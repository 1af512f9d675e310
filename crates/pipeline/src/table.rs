//! Rows of one partition's state, with an undo log for the open batch.
//!
//! The loop commits or rolls back whole batches; a table follows it. It knows nothing of bytes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// A map whose keys nobody outside can choose: pseudonyms and ids that are hashes under the platform's keys.
pub type Rows<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A map that remembers what it held before the open batch.
#[derive(Debug)]
pub struct Table<K, V> {
    rows: Rows<K, V>,
    before: Rows<K, Option<V>>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: Rows::default(), before: Rows::default() }
    }
}

impl<K: Hash + Eq + Copy, V: Clone> Table<K, V> {
    /// The row, as changed by the open batch.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    /// Puts a row from a restore: not part of any batch.
    pub fn restore(&mut self, key: K, value: Option<V>) {
        match value {
            Some(value) => self.rows.insert(key, value),
            None => self.rows.remove(&key),
        };
    }

    /// Puts or replaces a row in the open batch.
    pub fn put(&mut self, key: K, value: V) {
        let old = self.rows.insert(key, value);
        self.remember(key, old);
    }

    /// Removes a row in the open batch.
    pub fn remove(&mut self, key: &K) {
        let old = self.rows.remove(key);
        self.remember(*key, old);
    }

    fn remember(&mut self, key: K, old: Option<V>) {
        if let Entry::Vacant(entry) = self.before.entry(key) {
            entry.insert(old);
        }
    }

    /// The rows the open batch changed, each with its present value (`None`: removed).
    pub fn changed(&self) -> impl Iterator<Item = (&K, Option<&V>)> {
        self.before.keys().map(|key| (key, self.rows.get(key)))
    }

    /// The batch is committed.
    pub fn commit(&mut self) {
        self.before.clear();
    }

    /// The batch did not happen.
    pub fn roll_back(&mut self) {
        for (key, old) in self.before.drain() {
            match old {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Is there no row?
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All present rows with their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter()
    }

    /// All present rows.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values()
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Debug, Clone)]
    enum Step {
        Put(u8, u32),
        Remove(u8),
        Commit,
        RollBack,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0u8..6, any::<u32>()).prop_map(|(k, v)| Step::Put(k, v)),
            2 => (0u8..6).prop_map(Step::Remove),
            1 => Just(Step::Commit),
            1 => Just(Step::RollBack),
        ];
        proptest::collection::vec(step, 0..60)
    }

    proptest! {
        #[test]
        fn a_rolled_back_batch_never_happened(steps in steps()) {
            let mut table = Table::default();
            let mut open: BTreeMap<u8, u32> = BTreeMap::new();
            let mut committed = open.clone();
            for step in steps {
                match step {
                    Step::Put(k, v) => { table.put(k, v); open.insert(k, v); }
                    Step::Remove(k) => { table.remove(&k); open.remove(&k); }
                    Step::Commit => { table.commit(); committed = open.clone(); }
                    Step::RollBack => { table.roll_back(); open = committed.clone(); }
                }
                let rows: BTreeMap<u8, u32> =
                    (0u8..6).filter_map(|k| table.get(&k).map(|v| (k, *v))).collect();
                prop_assert_eq!(&rows, &open);
                for (key, value) in table.changed() {
                    prop_assert_eq!(value, open.get(key));
                }
            }
        }
    }
}
