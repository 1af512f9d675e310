//! Proofs as JSON, checked without the log: by [`ct_merkle`], which shares no code with the trees here.

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::finding::{Broken, BrokenKind};
use super::heads::{self, Head, Part, Summary};
use super::leaf;
use super::lists::List;
use super::note::{Checkpoint, Verifier};
use super::tree::{Hash, SIZE_MAX, leaf_hash};

/// What is proved, with everything that is needed for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proves", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Proof {
    /// A record stood in its partition when the checkpoint was made.
    Record {
        /// The heads with the tree of its partition.
        heads: HeadsProof,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The form of the record that is hashed, see [`leaf`].
        record: Bytes,
        /// Its place among the leaves.
        index: u64,
        /// Up to the root of the partition.
        path: Path,
    },
    /// These are all decisions about a patient there were when the checkpoint was made.
    List {
        /// The heads with the lists of the partition.
        heads: HeadsProof,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The patient's key: the pseudonym.
        patient: Bytes,
        /// The records of the list, the first has number 1.
        records: Vec<Bytes>,
        /// The list's place among the lists.
        index: u64,
        /// Up to the root of the lists.
        path: Path,
    },
    /// A later checkpoint holds everything that an earlier one holds.
    Consistency {
        /// The earlier signed checkpoint.
        earlier: String,
        /// The later one.
        later: String,
        /// The proof of RFC 6962 2.1.2.
        path: Path,
    },
}

/// That heads stand in the log of heads a checkpoint was signed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadsProof {
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The summary of the heads.
    pub summary: String,
    /// Their number, from 1.
    pub number: u64,
    /// From the summary up to the root of the log of heads.
    pub path: Path,
    /// The partition's line of the heads, with its line break.
    pub line: String,
    /// Its place among the lines.
    pub line_index: u64,
    /// From the line up to the root of the lines.
    pub line_path: Path,
}

/// Bytes, as hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bytes(pub Vec<u8>);

/// Hashes of a proof.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Path(pub Vec<Bytes>);

/// What a proof that holds says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The signed checkpoint.
    pub checkpoint: Checkpoint,
    /// When its heads were made, as the signer says; none for a proof of consistency.
    pub made_at: Option<saphan_model::Timestamp>,
    /// Offsets of the records proved, in order.
    pub offsets: Vec<i64>,
}

/// Why a proof does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refuted {
    /// It is none, or contradicts itself.
    #[error("SP-2068: {0}")]
    Unsound(&'static str),
    /// It tells of a forgery or a gap.
    #[error(transparent)]
    Broken(#[from] Broken),
}

impl Proof {
    /// Reads JSON.
    pub fn from_json(text: &str) -> Result<Self, Refuted> {
        serde_json::from_str(text).map_err(|_| Refuted::Unsound("the file holds no proof"))
    }

    /// As JSON, one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("its parts are texts and numbers")
    }

    /// Checks it with the keys of the log.
    pub fn check(&self, keys: &[Verifier]) -> Result<Proved, Refuted> {
        match self {
            Self::Record { heads, topic, partition, record, index, path } => {
                let (proved, head) = heads.check(keys, &(topic.clone(), *partition))?;
                let leaf = leaf::decode(&record.0);
                let leaf = leaf.ok_or(Refuted::Unsound("the record is not in its form"))?;
                inside(&head, &leaf)?;
                included((head.tree.size(), head.tree.root()), *index, &record.0, path)
                    .ok_or(Refuted::Unsound("the record is not in the tree of its partition"))?;
                Ok(Proved { offsets: vec![leaf.offset], ..proved })
            }
            Self::List { heads, topic, partition, patient, records, index, path } => {
                let (proved, head) = heads.check(keys, &(topic.clone(), *partition))?;
                let lists = head.lists.ok_or(Refuted::Unsound("the heads have no lists"))?;
                let (list, offsets) = listed(&head, patient, records)?;
                let leaf = list.leaf(&patient.0);
                if included((lists.size, lists.root), *index, &leaf, path).is_none() {
                    let detail = "the records are not the whole list the checkpoint was made for: \
                                  one is missing, too many, altered or in another place";
                    return Err(Broken::new(BrokenKind::ListIncomplete, detail).into());
                }
                Ok(Proved { offsets, ..proved })
            }
            Self::Consistency { earlier, later, path } => {
                let [earlier, later] = [earlier, later].map(|it| opened(keys, it));
                let (earlier, later) = (earlier?, later?);
                consistent(&earlier, &later, path).ok_or_else(|| {
                    let detail = "the later checkpoint does not hold what the earlier one holds";
                    Broken::new(BrokenKind::Inconsistent, detail)
                })?;
                Ok(Proved { checkpoint: later, made_at: None, offsets: Vec::new() })
            }
        }
    }
}

impl HeadsProof {
    fn check(&self, keys: &[Verifier], part: &Part) -> Result<(Proved, Head), Refuted> {
        let checkpoint = opened(keys, &self.checkpoint)?;
        let tree = (checkpoint.size, checkpoint.root);
        let index = self.number.checked_sub(1).ok_or(Refuted::Unsound("numbers begin with 1"))?;
        included(tree, index, self.summary.as_bytes(), &self.path)
            .ok_or(Refuted::Unsound("the heads are not those the checkpoint was made for"))?;
        let summary = Summary::parse(&self.summary);
        let summary = summary.ok_or(Refuted::Unsound("the summary of the heads cannot be read"))?;
        let lines = (summary.lines, summary.root);
        included(lines, self.line_index, self.line.as_bytes(), &self.line_path)
            .ok_or(Refuted::Unsound("the line is none of the heads"))?;
        let read = self.line.strip_suffix('\n').and_then(heads::head);
        let (of, head) = read.ok_or(Refuted::Unsound("the line of the heads cannot be read"))?;
        if of != *part {
            return Err(Refuted::Unsound("the line of the heads is of another partition"));
        }
        let made_at = Some(summary.made_at);
        Ok((Proved { checkpoint, made_at, offsets: Vec::new() }, head))
    }
}

fn opened(keys: &[Verifier], note: &str) -> Result<Checkpoint, Broken> {
    keys.iter().find_map(|it| it.checkpoint(note)).ok_or_else(|| {
        Broken::new(BrokenKind::Forged, "the checkpoint is not signed by the key given")
    })
}

fn inside(head: &Head, leaf: &leaf::Leaf<'_>) -> Result<(), Refuted> {
    if (head.first..head.next).contains(&leaf.offset) {
        Ok(())
    } else {
        Err(Refuted::Unsound("the record does not stand where the tree of its partition reaches"))
    }
}

/// The list of those records, and their offsets.
fn listed(head: &Head, patient: &Bytes, records: &[Bytes]) -> Result<(List, Vec<i64>), Refuted> {
    let (mut list, mut offsets) = (List::default(), Vec::with_capacity(records.len()));
    for record in records {
        let leaf = leaf::decode(&record.0);
        let leaf = leaf.ok_or(Refuted::Unsound("a record is not in its form"))?;
        inside(head, &leaf)?;
        if leaf.key != Some(&patient.0[..]) {
            return Err(Refuted::Unsound("a record of another patient is on the list"));
        }
        list.push(&leaf_hash(&record.0));
        offsets.push(leaf.offset);
    }
    Ok((list, offsets))
}

fn included((size, root): (u64, Hash), index: u64, leaf: &[u8], path: &Path) -> Option<()> {
    if size > SIZE_MAX || index >= size {
        return None;
    }
    let proof = InclusionProof::<Sha256>::try_from_bytes(path.joined()?).ok()?;
    RootHash::new(root.into(), size).verify_inclusion(&leaf, index, &proof).ok()
}

/// An empty tree is the beginning of every other.
fn consistent(earlier: &Checkpoint, later: &Checkpoint, path: &Path) -> Option<()> {
    if earlier.origin != later.origin || earlier.size > later.size || later.size > SIZE_MAX {
        return None;
    }
    if earlier.size == 0 {
        return path.0.is_empty().then_some(());
    }
    let proof = ConsistencyProof::<Sha256>::try_from_bytes(path.joined()?).ok()?;
    let earlier = RootHash::new(earlier.root.into(), earlier.size);
    RootHash::new(later.root.into(), later.size).verify_consistency(&earlier, &proof).ok()
}

impl Path {
    /// Of those hashes.
    pub fn new(hashes: Vec<Hash>) -> Self {
        Self(hashes.into_iter().map(|it| Bytes(it.to_vec())).collect())
    }

    /// The hashes in one; none if one is no hash, or there are more than any tree needs.
    fn joined(&self) -> Option<Vec<u8>> {
        let sound = self.0.len() <= 128 && self.0.iter().all(|it| it.0.len() == 32);
        sound.then(|| self.0.iter().flat_map(|it| it.0.iter().copied()).collect())
    }
}

/// A text that is no hexadecimal number of whole bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not hexadecimal digits of whole bytes")]
pub struct NotHex;

impl TryFrom<String> for Bytes {
    type Error = NotHex;
    fn try_from(text: String) -> Result<Self, NotHex> {
        hex::decode(text).map(Self).map_err(|_| NotHex)
    }
}

impl From<Bytes> for String {
    fn from(it: Bytes) -> Self {
        hex::encode(it.0)
    }
}
