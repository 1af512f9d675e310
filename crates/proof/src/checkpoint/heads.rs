//! The heads of all trees at one moment as text: one leaf of the log of heads. A text has one reading
//! and heads have one text.
//!
//! ```text
//! saphan-heads/1
//! made 1764115200000
//! decision.v1 0 first 0 next 1234 leaves 1200 peaks <base64>,<base64> lists 311 <base64>
//! ```

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphan_model::Timestamp;

use super::lists::ListsHead;
use super::tree::{Hash, Tree};

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

impl fmt::Display for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORM}\nmade {}", self.made_at.0)?;
        for ((topic, partition), it) in &self.parts {
            let peaks: Vec<String> = it.tree.peaks().iter().map(text).collect();
            let peaks = if peaks.is_empty() { "-".to_owned() } else { peaks.join(",") };
            let (first, next, leaves) = (it.first, it.next, it.tree.size());
            write!(
                f,
                "{topic} {partition} first {first} next {next} leaves {leaves} peaks {peaks}"
            )?;
            if let Some(ListsHead { size, root }) = &it.lists {
                write!(f, " lists {size} {}", text(root))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Heads {
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

fn head(line: &str) -> Option<(Part, Head)> {
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
