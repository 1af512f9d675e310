//! One partition counted again: its tree grown from its records, and compared with every head an earlier
//! checkpoint gave. Pure: fed with records.

use saphan_kafka::Record;

use super::finding::{Broken, BrokenKind};
use super::heads::{Head, Part};
use super::leaf;
use super::lists::Lists;
use super::tree::{Hash, Tree, leaf_hash};
use crate::kept::Kept;

/// Where a partition begins and how far it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its oldest offset.
    pub first: i64,
    /// Everything committed below is there: its last stable offset.
    pub end: i64,
}

/// Counts.
pub struct Recount {
    part: Part,
    /// Heads of earlier checkpoints with their numbers, oldest first; those to be compared yet.
    earlier: std::vec::IntoIter<(u64, Head)>,
    due: Option<(u64, Head)>,
    first: i64,
    end: i64,
    /// Records below are not counted: a head stands for them.
    from: i64,
    tree: Tree,
    lists: Option<Lists>,
    /// Offset up to which everything was as it should be.
    good: i64,
    broken: Vec<Broken>,
}

impl Recount {
    /// Begins. `earlier`: number, instant and head of each earlier checkpoint that has the partition,
    /// oldest first. `kept` and `now`, in milliseconds since 1970: to judge what may have left by
    /// retention. `with_lists`: of patients, too.
    pub fn new(
        part: Part,
        span: Span,
        earlier: Vec<(u64, i64, Head)>,
        (kept, now): (Kept, i64),
        with_lists: bool,
    ) -> Self {
        let mut recount = Self {
            part,
            earlier: Vec::new().into_iter(),
            due: None,
            first: span.first,
            end: span.end,
            from: span.first,
            tree: Tree::default(),
            lists: with_lists.then(Lists::default),
            good: span.first,
            broken: Vec::new(),
        };
        recount.start(earlier, kept, now);
        recount
    }

    /// Where records are gone, an earlier head stands for them.
    fn start(&mut self, mut earlier: Vec<(u64, i64, Head)>, kept: Kept, now: i64) {
        let began = earlier.first().map_or(self.from, |it| it.2.first);
        if let Some(place) = earlier.iter().position(|it| it.2.first == self.from) {
            earlier.drain(..place); // of trees whose beginning had left when this one began
        } else if self.from > began {
            self.judge_beginning(&earlier, kept, now);
            let known = earlier.iter().position(|it| it.2.next >= self.from);
            let stands = known.and_then(|it| earlier.drain(..=it).next_back());
            match stands {
                Some((_, _, head)) => {
                    (self.from, self.good, self.first) = (head.next, head.next, head.first);
                    self.tree = head.tree;
                    self.lists = None; // a list without its beginning is no list
                }
                None => earlier.clear(), // nothing is left that any of them speaks of
            }
        }
        self.earlier = earlier.into_iter().map(|it| (it.0, it.2)).collect::<Vec<_>>().into_iter();
        self.due = self.earlier.next();
    }

    /// May the beginning be gone? Records behind the head of a checkpoint are younger than it.
    fn judge_beginning(&mut self, earlier: &[(u64, i64, Head)], kept: Kept, now: i64) {
        let passed = earlier.iter().rev().find(|it| it.2.next < self.from);
        let too_early = match kept {
            Kept::Forever => true,
            Kept::For(millis) => passed.is_some_and(|it| now.saturating_sub(it.1) < millis),
            Kept::Unknown => false,
        };
        if too_early {
            let detail = format!(
                "records below offset {} are gone, before the topic's retention lets them go",
                self.from
            );
            let checkpoint = earlier.first().map_or(1, |it| it.0);
            self.find(BrokenKind::Shortened, checkpoint, detail);
        }
    }

    /// Takes the next record of the partition; the hash of its leaf, or none where a head stands for it.
    pub fn push(&mut self, record: &Record<'_>) -> Option<Hash> {
        if record.offset < self.from || record.offset >= self.end {
            return None;
        }
        self.compare(record.offset);
        let hash = leaf_hash(&leaf::encode(record));
        self.tree.push(hash);
        if let Some(lists) = &mut self.lists {
            lists.push(record.key, &hash);
        }
        Some(hash)
    }

    /// Compares with every head below or at an offset.
    fn compare(&mut self, offset: i64) {
        while let Some((checkpoint, head)) = self.due.take_if(|it| it.1.next <= offset) {
            self.due = self.earlier.next();
            self.compare_with(checkpoint, head);
        }
    }

    fn compare_with(&mut self, checkpoint: u64, head: Head) {
        let (leaves, due) = (self.tree.size(), head.tree.size());
        let between = format!("between offsets {} and {}", self.good, head.next);
        if self.tree == head.tree && self.first == head.first {
            self.compare_lists(checkpoint, &head);
        } else {
            let what = match leaves.cmp(&due) {
                std::cmp::Ordering::Less => {
                    format!("{} record(s) are missing {between}", due - leaves)
                }
                std::cmp::Ordering::Greater => {
                    format!("{} record(s) were put {between}", leaves - due)
                }
                std::cmp::Ordering::Equal => {
                    format!("records {between} were altered or put in another order")
                }
            };
            self.find(BrokenKind::Altered, checkpoint, what);
            // What follows is compared by itself, so that each fault is told once.
            (self.tree, self.first) = (head.tree, head.first);
            self.lists = None;
        }
        self.good = head.next;
    }

    /// Only with the last head: it follows from the tree, and to sort all lists for each would be long.
    fn compare_lists(&mut self, checkpoint: u64, head: &Head) {
        let (Some(due), Some(lists), None) = (head.lists, &self.lists, &self.due) else { return };
        if lists.head() != due {
            let detail = "the patients' lists are not those that follow from the records";
            self.find(BrokenKind::ListIncomplete, checkpoint, detail.to_owned());
        }
    }

    /// Ends: the head of now, and what was found.
    pub fn finish(mut self) -> (Head, Option<Lists>, Vec<Broken>) {
        self.compare(self.end);
        if let Some((checkpoint, head)) = self.due.take() {
            let detail = format!(
                "the partition ends at offset {}, but a checkpoint tells of records up to {}",
                self.end, head.next
            );
            self.find(BrokenKind::Shortened, checkpoint, detail);
        }
        let lists = self.lists.as_ref().map(Lists::head);
        let head = Head { first: self.first, next: self.end, tree: self.tree, lists };
        (head, self.lists, self.broken)
    }

    fn find(&mut self, kind: BrokenKind, checkpoint: u64, detail: String) {
        let place = Some(self.part.clone());
        self.broken.push(Broken { place, ..Broken::new(kind, detail).at(checkpoint) });
    }
}
