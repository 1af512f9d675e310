//! The heads of all trees at one moment as text. A text has one reading and heads have one text.
//!
//! ```text
//! saphan-heads/1
//! made 1764115200000
//! decision.v1 0 first 0 next 1234 leaves 1200 peaks <base64>,<base64> lists 311 <base64>
//! ```
//!
//! The lines from the third on are the leaves of a tree of their own, each with its line break; the leaf of
//! the log of heads is a summary with its root, so that a proof shows one line and not how much every
//! agency receives:
//!
//! ```text
//! saphan-heads/1
//! made 1764115200000
//! lines 1664 <base64>
//! ```

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphan_model::Timestamp;

use super::lists::ListsHead;
use super::path::{Gather, inclusion};
use super::tree::{Hash, Tree, leaf_hash};

const FORM: &str = "saphan-heads/1";

/// A topic's name and a partition of it.
pub type Part = (String, i32);

/// One partition's tree at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Offset at which the tree began; more than 0 where records had left by retention already.
    pub first: i64,
    /// The tree holds every committed record below this offset.
    pub next: i64,
    /// The tree.
    pub tree: Tree,
    /// The lists of patients, for decisions.
    pub lists: Option<ListsHead>,
}

/// All trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// When they were written down. Said by whoever signs; nothing is proved by it.
    pub made_at: Timestamp,
    /// By topic and partition.
    pub parts: BTreeMap<Part, Head>,
}

/// What the log of heads holds of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// When they were written down.
    pub made_at: Timestamp,
    /// Number of lines.
    pub lines: u64,
    /// Root over them.
    pub root: Hash,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made_at, lines, root } = self;
        writeln!(f, "{FORM}\nmade {}\nlines {lines} {}", made_at.0, text(root))
    }
}

impl Summary {
    /// Reads the text; none unless it is exactly how this summary is written.
    pub fn parse(written: &str) -> Option<Self> {
        let mut lines = written.lines().skip(1);
        let made_at = Timestamp(lines.next()?.strip_prefix("made ")?.parse().ok()?);
        let (count, root) = lines.next()?.strip_prefix("lines ")?.split_once(' ')?;
        let summary = Self { made_at, lines: count.parse().ok()?, root: hash(root)? };
        (summary.to_string() == written).then_some(summary)
    }
}

impl fmt::Display for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORM}\nmade {}", self.made_at.0)?;
        self.lines().try_for_each(|it| f.write_str(&it))
    }
}

impl Heads {
    /// The line of each partition, with its line break.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.parts.iter().map(|(part, head)| line(part, head))
    }

    /// What the log of heads holds of them.
    pub fn summary(&self) -> Summary {
        let mut tree = Tree::default();
        self.lines().for_each(|it| tree.push(leaf_hash(it.as_bytes())));
        Summary { made_at: self.made_at, lines: tree.size(), root: tree.root() }
    }

    /// A partition's line, its place and its path to the root of the lines; none without the partition.
    pub fn prove(&self, part: &Part) -> Option<(String, u64, Vec<Hash>)> {
        let index = self.parts.keys().position(|it| it == part)? as u64;
        let mut gather = Gather::new(inclusion(index, self.parts.len() as u64));
        self.lines().for_each(|it| gather.push(leaf_hash(it.as_bytes())));
        Some((line(part, &self.parts[part]), index, gather.finish()))
    }

    /// Reads the text; none unless it is exactly how these heads are written.
    pub fn parse(written: &str) -> Option<Self> {
        let mut lines = written.lines();
        if lines.next()? != FORM {
            return None;
        }
        let made_at = Timestamp(lines.next()?.strip_prefix("made ")?.parse().ok()?);
        let parts = lines.map(head).collect::<Option<BTreeMap<_, _>>>()?;
        let heads = Self { made_at, parts };
        (heads.to_string() == written).then_some(heads)
    }
}

fn line((topic, partition): &Part, it: &Head) -> String {
    let peaks: Vec<String> = it.tree.peaks().iter().map(text).collect();
    let peaks = if peaks.is_empty() { "-".to_owned() } else { peaks.join(",") };
    let (first, next, leaves) = (it.first, it.next, it.tree.size());
    let lists = it.lists.map_or_else(String::new, |ListsHead { size, root }| {
        format!(" lists {size} {}", text(&root))
    });
    format!("{topic} {partition} first {first} next {next} leaves {leaves} peaks {peaks}{lists}\n")
}

/// Reads a partition's line without its line break.
pub fn head(line: &str) -> Option<(Part, Head)> {
    let words: Vec<&str> = line.split(' ').collect();
    let (tree, lists) = words.split_at_checked(10)?;
    let [topic, partition, "first", first, "next", next, "leaves", leaves, "peaks", peaks] = tree
    else {
        return None;
    };
    let lists = match lists {
        [] => None,
        ["lists", size, root] => Some(ListsHead { size: size.parse().ok()?, root: hash(root)? }),
        _ => return None,
    };
    let peaks = match *peaks {
        "-" => Vec::new(),
        some => some.split(',').map(hash).collect::<Option<_>>()?,
    };
    let tree = Tree::from_peaks(leaves.parse().ok()?, peaks)?;
    let (first, next) = (first.parse().ok()?, next.parse().ok()?);
    let head = Head { first, next, tree, lists };
    Some((((*topic).to_owned(), partition.parse().ok()?), head))
}

/// A hash as text.
pub fn text(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

/// A hash from its text.
pub fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
