//! Checkpoints in a folder: `heads/NNNNNNNN` holds the heads of all trees, `checkpoints/NNNNNNNN` the
//! signed checkpoint of the log of heads up to there. Files are written once and never again, so that the
//! folder can lie in storage that forbids to overwrite, and copies of it can be compared.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::finding::{Broken, BrokenKind};
use super::heads::Heads;
use super::note::{Checkpoint, Signer, Verifier};
use super::path::{Gather, consistency, inclusion};
use super::tree::{Hash, Tree, leaf_hash};

/// Largest file read: heads of some ten thousand partitions.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be read or written.
    #[error("SP-2067: {path}: {cause}", path = .path.display())]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The key is of another log.
    #[error("SP-2066: the folder holds checkpoints of {0}, and the key is of another log")]
    OtherLog(String),
    /// Another checkpoint was made at the same time.
    #[error("SP-2067: checkpoint {0} exists already; was another one made at the same time?")]
    Exists(u64),
}

/// A folder, read and checked.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    entries: Vec<Entry>,
    origin: Option<String>,
    tree: Tree,
}

/// One checkpoint.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The summary of the heads as it is written: the leaf of the log of heads.
    pub summary: String,
    /// The heads.
    pub heads: Heads,
    /// The signed checkpoint of all heads up to these.
    pub note: String,
}

impl Store {
    /// Reads a folder, which need not exist yet. Every checkpoint must be signed by one of the keys and
    /// hold all before it; what does not is a finding, and nothing behind it is read.
    pub fn open(folder: &Path, keys: &[Verifier]) -> Result<(Self, Vec<Broken>), StoreError> {
        let mut store = Self {
            folder: folder.to_owned(),
            entries: Vec::new(),
            origin: None,
            tree: Tree::default(),
        };
        let last = last(&folder.join("checkpoints"))?;
        let mut broken = Vec::new();
        for number in 1..=last {
            if let Err(it) = store.take(number, keys)? {
                broken.push(it.at(number));
                break;
            }
        }
        Ok((store, broken))
    }

    fn take(&mut self, number: u64, keys: &[Verifier]) -> Result<Result<(), Broken>, StoreError> {
        let heads = read(&self.path("heads", number))?;
        let note = read(&self.path("checkpoints", number))?;
        let (Some(text), Some(note)) = (heads, note) else {
            return Ok(Err(inconsistent("it is missing, but a later one is there")));
        };
        let Some(checkpoint) = keys.iter().find_map(|it| it.checkpoint(&note)) else {
            let detail = "it is no checkpoint signed by the key given";
            return Ok(Err(Broken::new(BrokenKind::Forged, detail)));
        };
        let Some(heads) = Heads::parse(&text) else {
            return Ok(Err(inconsistent("its heads cannot be read")));
        };
        let summary = heads.summary().to_string();
        let mut tree = self.tree.clone();
        tree.push(leaf_hash(summary.as_bytes()));
        if self.origin().is_some_and(|it| it != checkpoint.origin) {
            return Ok(Err(inconsistent("it is of another log than those before it")));
        }
        if checkpoint.size != number {
            let detail =
                format!("it is the checkpoint {} in the place of another", checkpoint.size);
            return Ok(Err(inconsistent(detail)));
        }
        if checkpoint.root != tree.root() {
            return Ok(Err(inconsistent("it does not hold the heads that stand before it")));
        }
        self.tree = tree;
        self.origin = Some(checkpoint.origin);
        self.entries.push(Entry { summary, heads, note });
        Ok(Ok(()))
    }

    /// Every checkpoint, the first has number 1.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The name of the log; none before its first checkpoint.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Is a checkpoint kept elsewhere one of these? One that is larger, or of another history, tells that
    /// this folder was rolled back or exchanged.
    pub fn holds(&self, kept: &Checkpoint) -> Result<(), Broken> {
        if self.origin().is_some_and(|it| it != kept.origin) {
            let detail = format!("a checkpoint kept elsewhere is of another log, {}", kept.origin);
            return Err(inconsistent(detail).at(kept.size));
        }
        if kept.size > self.tree.size() {
            let detail = format!(
                "a checkpoint kept elsewhere has number {}, but the folder ends with {}: it was rolled back",
                kept.size,
                self.tree.size()
            );
            return Err(inconsistent(detail).at(kept.size));
        }
        let mut tree = Tree::default();
        for entry in &self.entries[..usize::try_from(kept.size).unwrap_or(0)] {
            tree.push(leaf_hash(entry.summary.as_bytes()));
        }
        if tree.root() == kept.root {
            Ok(())
        } else {
            let detail = "a checkpoint kept elsewhere tells another history than the folder";
            Err(inconsistent(detail).at(kept.size))
        }
    }

    /// Signs and keeps one more. Callers have compared with the log: what is inconsistent must not be
    /// signed.
    pub fn append(&mut self, heads: Heads, signer: &Signer) -> Result<&Entry, StoreError> {
        let verifier = signer.verifier();
        if let Some(origin) = self.origin().filter(|it| *it != verifier.name()) {
            return Err(StoreError::OtherLog(origin.to_owned()));
        }
        self.origin = Some(verifier.name().to_owned());
        let (number, summary) = (self.tree.size() + 1, heads.summary().to_string());
        self.tree.push(leaf_hash(summary.as_bytes()));
        let note = signer.sign(number, &self.tree.root());
        for folder in ["heads", "checkpoints"] {
            let path = self.folder.join(folder);
            fs::create_dir_all(&path).map_err(|cause| StoreError::Files { path, cause })?;
        }
        let path = self.path("heads", number);
        if path.exists() && !self.path("checkpoints", number).exists() {
            // Heads that an interrupted run never signed.
            fs::remove_file(&path).map_err(|cause| StoreError::Files { path, cause })?;
        }
        self.write("heads", number, &heads.to_string())?;
        self.write("checkpoints", number, &note)?;
        self.entries.push(Entry { summary, heads, note });
        Ok(self.entries.last().expect("just added"))
    }

    /// That the heads of one checkpoint stand in the log of heads as a later one has it. Numbers count
    /// from 1; callers ask for checkpoints there are.
    pub fn prove_heads(&self, number: u64, later: u64) -> Vec<Hash> {
        self.gather(inclusion(number - 1, later), later)
    }

    /// That a later checkpoint holds all that an earlier one holds.
    pub fn prove_consistency(&self, number: u64, later: u64) -> Vec<Hash> {
        self.gather(consistency(number, later), later)
    }

    fn gather(&self, ranges: Vec<std::ops::Range<u64>>, size: u64) -> Vec<Hash> {
        let mut gather = Gather::new(ranges);
        for entry in &self.entries[..usize::try_from(size).unwrap_or(usize::MAX)] {
            gather.push(leaf_hash(entry.summary.as_bytes()));
        }
        gather.finish()
    }

    fn path(&self, folder: &str, number: u64) -> PathBuf {
        self.folder.join(folder).join(format!("{number:08}"))
    }

    fn write(&self, folder: &str, number: u64, text: &str) -> Result<(), StoreError> {
        let path = self.path(folder, number);
        let write = |path: &Path| {
            let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            File::open(path.parent().unwrap_or(path))?.sync_all()
        };
        write(&path).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists(number),
            _ => StoreError::Files { path, cause },
        })
    }
}

fn inconsistent(detail: impl Into<String>) -> Broken {
    Broken::new(BrokenKind::Inconsistent, detail)
}

/// The text of a file; none if it is not there.
fn read(path: &Path) -> Result<Option<String>, StoreError> {
    let failed = |cause| StoreError::Files { path: path.to_owned(), cause };
    match fs::metadata(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(failed(cause)),
        Ok(it) if it.len() > FILE_BYTES_MAX => {
            return Err(failed(io::Error::other("the file is too large")));
        }
        Ok(_) => {}
    }
    // Bytes that are no text are as good as a text that says nothing.
    let bytes = fs::read(path).map_err(failed)?;
    Ok(Some(String::from_utf8(bytes).unwrap_or_default()))
}

/// The greatest number of a folder's files; 0 for none.
fn last(folder: &Path) -> Result<u64, StoreError> {
    let failed = |cause| StoreError::Files { path: folder.to_owned(), cause };
    let files = match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(0),
        other => other.map_err(failed)?,
    };
    let mut last = 0;
    for file in files {
        let name = file.map_err(failed)?.file_name();
        last = last.max(name.to_str().and_then(|it| it.parse().ok()).unwrap_or(0));
    }
    Ok(last)
}
