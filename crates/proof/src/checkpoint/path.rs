//! Which subtrees a proof consists of, and their hashes from one pass over the leaves. A proof of RFC
//! 6962 is a list of roots of ranges of leaves; no leaf is in two of them.

use std::ops::Range;

use super::tree::{Hash, Tree};

/// The ranges of an inclusion proof, `PATH` of RFC 6962 2.1.1, from the leaf up. Callers ask for a leaf
/// the tree has.
pub fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut ranges, mut tree) = (Vec::new(), 0..size);
    while tree.end - tree.start > 1 {
        let middle = tree.start + split(tree.end - tree.start);
        if index < middle {
            ranges.push(middle..tree.end);
            tree.end = middle;
        } else {
            ranges.push(tree.start..middle);
            tree.start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges of a consistency proof, `PROOF` of RFC 6962 2.1.2: that the first `old` of `size` leaves
/// are those of an earlier tree. None are needed from an empty tree or to the same one.
pub fn consistency(old: u64, size: u64) -> Vec<Range<u64>> {
    let (mut ranges, mut tree) = (Vec::new(), 0..size);
    if old == 0 {
        return ranges;
    }
    let mut whole = true; // is the old tree itself still a subtree on the way?
    while tree.end != old {
        let middle = tree.start + split(tree.end - tree.start);
        if old <= middle {
            ranges.push(middle..tree.end);
            tree.end = middle;
        } else {
            ranges.push(tree.start..middle);
            tree.start = middle;
            whole = false;
        }
    }
    if !whole {
        ranges.push(tree);
    }
    ranges.reverse();
    ranges
}

/// The largest power of two below a size of two or more.
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// Gathers the roots of ranges while leaves pass by in order.
#[derive(Clone, Debug)]
pub struct Gather {
    ranges: Vec<(Range<u64>, Tree)>,
    next: u64,
}

impl Gather {
    /// For those ranges.
    pub fn new(ranges: Vec<Range<u64>>) -> Self {
        let ranges = ranges.into_iter().map(|it| (it, Tree::default())).collect();
        Self { ranges, next: 0 }
    }

    /// Takes the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        for (_, tree) in self.ranges.iter_mut().filter(|it| it.0.contains(&self.next)) {
            tree.push(leaf);
        }
        self.next += 1;
    }

    /// The roots, in the order of the ranges.
    pub fn finish(self) -> Vec<Hash> {
        self.ranges.into_iter().map(|it| it.1.root()).collect()
    }
}
