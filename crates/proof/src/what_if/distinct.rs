//! Counts distinct things in each of many places with a few bytes a thing: things that were touched in
//! the same places share one set of places.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Things by the places they were touched in.
pub(super) struct Distinct<K> {
    of: HashMap<K, u32>,
    sets: Vec<Vec<u16>>,
    numbers: HashMap<Vec<u16>, u32>,
}

impl<K> Default for Distinct<K> {
    fn default() -> Self {
        Self { of: HashMap::new(), sets: Vec::new(), numbers: HashMap::new() }
    }
}

impl<K: Eq + Hash> Distinct<K> {
    /// Notes that a thing was seen in a place.
    pub(super) fn touch(&mut self, key: K, place: u16) {
        let mut places = match self.of.get(&key) {
            None => Vec::new(),
            Some(set) => {
                let set = &self.sets[*set as usize];
                if set.contains(&place) {
                    return;
                }
                set.clone()
            }
        };
        places.push(place);
        places.sort_unstable();
        let number = self.number(places);
        self.of.insert(key, number);
    }

    fn number(&mut self, places: Vec<u16>) -> u32 {
        if let Some(number) = self.numbers.get(&places) {
            return *number;
        }
        let number = u32::try_from(self.sets.len()).expect("fewer sets than things");
        self.sets.push(places.clone());
        self.numbers.insert(places, number);
        number
    }

    /// Number of distinct things in each place.
    pub(super) fn by_place(&self) -> BTreeMap<u16, u64> {
        let mut of_set = vec![0u64; self.sets.len()];
        for set in self.of.values() {
            of_set[*set as usize] += 1;
        }
        let mut counts = BTreeMap::new();
        for (places, number) in self.sets.iter().zip(of_set) {
            for place in places {
                *counts.entry(*place).or_default() += number;
            }
        }
        counts.retain(|_, number| *number > 0);
        counts
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_those_of_plain_sets(touches in prop::collection::vec((0..20u8, 0..9u16), 0..200)) {
            let mut distinct = Distinct::default();
            let mut plain: BTreeMap<u16, BTreeSet<u8>> = BTreeMap::new();
            for (key, place) in touches {
                distinct.touch(key, place);
                plain.entry(place).or_default().insert(key);
            }
            let expected: BTreeMap<u16, u64> =
                plain.iter().map(|it| (*it.0, it.1.len() as u64)).collect();
            prop_assert_eq!(distinct.by_place(), expected);
        }
    }
}
