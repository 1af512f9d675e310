//! Each patient's own list of decisions: numbered from 1 without gaps in the order of the log, and
//! closed by a hash over all of them, so that a list with one left out, added or exchanged is not the
//! one that was committed to. No record carries the number; it follows from the log.

use std::collections::{HashMap, hash_map};

use sha2::{Digest as _, Sha256};

use super::path::{Gather, inclusion};
use super::tree::{Hash, Tree, leaf_hash};

/// One list, closed after its last entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Number of entries, and the number of the last.
    pub entries: u64,
    /// Hash over all of them.
    pub chain: Hash,
}

impl List {
    /// Adds the next entry by the hash of its leaf:
    /// `SHA-256(0x02 || chain before || number || leaf hash)`.
    pub fn push(&mut self, leaf: &Hash) {
        self.entries += 1;
        self.chain = Sha256::new()
            .chain_update([2])
            .chain_update(self.chain)
            .chain_update(self.entries.to_be_bytes())
            .chain_update(leaf)
            .finalize()
            .into();
    }

    /// The leaf that stands for it in the tree of lists: `0x02`, the key with its length before it (32
    /// bits), number of entries (64 bits), hash over them.
    pub fn leaf(&self, key: &[u8]) -> Vec<u8> {
        let mut out = vec![2];
        out.extend(u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(key);
        out.extend(self.entries.to_be_bytes());
        out.extend(self.chain);
        out
    }
}

/// The lists of all patients of a partition; about a hundred bytes for each.
#[derive(Clone, Debug, Default)]
pub struct Lists(HashMap<Box<[u8]>, List>);

/// The tree of lists, sorted by key, as a head tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListsHead {
    /// Number of lists.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Lists {
    /// Adds a record by its key and the hash of its leaf. A record without a key is on nobody's list.
    pub fn push(&mut self, key: Option<&[u8]>, leaf: &Hash) {
        let Some(key) = key else { return };
        match self.0.get_mut(key) {
            Some(list) => list.push(leaf),
            None => {
                let hash_map::Entry::Vacant(place) = self.0.entry(key.into()) else { return };
                place.insert(List::default()).push(leaf);
            }
        }
    }

    fn sorted(&self) -> Vec<(&[u8], &List)> {
        let mut lists: Vec<_> = self.0.iter().map(|it| (&**it.0, it.1)).collect();
        lists.sort_unstable_by_key(|it| it.0);
        lists
    }

    /// The head of the tree of lists.
    pub fn head(&self) -> ListsHead {
        let mut tree = Tree::default();
        self.sorted().iter().for_each(|it| tree.push(leaf_hash(&it.1.leaf(it.0))));
        ListsHead { size: tree.size(), root: tree.root() }
    }

    /// Index of a key's list with its inclusion proof; none for a key without a list.
    pub fn prove(&self, key: &[u8]) -> Option<(u64, Vec<Hash>)> {
        let sorted = self.sorted();
        let place = sorted.binary_search_by(|it| it.0.cmp(key)).ok()?;
        let (index, size) = (place as u64, sorted.len() as u64);
        let mut gather = Gather::new(inclusion(index, size));
        sorted.iter().for_each(|it| gather.push(leaf_hash(&it.1.leaf(it.0))));
        Some((index, gather.finish()))
    }
}
