//! Where sightings wait for the log partition they belong to: in memory, or in one file a partition, so
//! that a verification needs memory for one partition at a time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::sighting::{SIGHTING_BYTES, Sighting};

/// Keeps sightings by log partition, in the order they came.
pub trait Shelf {
    /// Keeps one.
    fn put(&mut self, partition: i32, sighting: &Sighting) -> io::Result<()>;
    /// Gives back and forgets those of a partition.
    fn take(&mut self, partition: i32) -> io::Result<Vec<Sighting>>;
}

/// For tests and small logs.
#[derive(Debug, Default)]
pub struct MemoryShelf(BTreeMap<i32, Vec<Sighting>>);

impl Shelf for MemoryShelf {
    fn put(&mut self, partition: i32, sighting: &Sighting) -> io::Result<()> {
        self.0.entry(partition).or_default().push(*sighting);
        Ok(())
    }

    fn take(&mut self, partition: i32) -> io::Result<Vec<Sighting>> {
        Ok(self.0.remove(&partition).unwrap_or_default())
    }
}

/// One file a log partition in a folder of its own, which goes with the shelf.
#[derive(Debug)]
pub struct FolderShelf {
    dir: PathBuf,
    files: BTreeMap<i32, BufWriter<File>>,
}

impl FolderShelf {
    /// Makes a new folder in `parent`, for this user only.
    pub fn new(parent: &Path) -> io::Result<Self> {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let nanos = since.map_or(0, |it| it.as_nanos());
        let dir = parent.join(format!("saphan-verify-{}-{nanos}", std::process::id()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&dir)?;
        Ok(Self { dir, files: BTreeMap::new() })
    }

    fn path(&self, partition: i32) -> PathBuf {
        self.dir.join(partition.to_string())
    }
}

impl Shelf for FolderShelf {
    fn put(&mut self, partition: i32, sighting: &Sighting) -> io::Result<()> {
        if !self.files.contains_key(&partition) {
            let file = File::create_new(self.path(partition))?;
            self.files.insert(partition, BufWriter::new(file));
        }
        let file = self.files.get_mut(&partition).expect("inserted above");
        file.write_all(&sighting.to_bytes())
    }

    fn take(&mut self, partition: i32) -> io::Result<Vec<Sighting>> {
        let Some(writer) = self.files.remove(&partition) else { return Ok(Vec::new()) };
        let bytes = writer.into_inner().map_err(io::IntoInnerError::into_error)?.metadata()?.len();
        let path = self.path(partition);
        let mut reader = BufReader::with_capacity(1 << 20, File::open(&path)?);
        let count = usize::try_from(bytes).unwrap_or(usize::MAX) / SIGHTING_BYTES;
        let mut sightings = Vec::with_capacity(count);
        let mut row = [0; SIGHTING_BYTES];
        for _ in 0..count {
            reader.read_exact(&mut row)?;
            sightings.push(Sighting::from_bytes(&row));
        }
        std::fs::remove_file(path)?;
        Ok(sightings)
    }
}

impl Drop for FolderShelf {
    fn drop(&mut self) {
        self.files.clear();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::TopicId;

    fn sighting(n: i64) -> Sighting {
        let value = [u8::try_from(n).expect("small"); 16];
        Sighting {
            source_offset: n,
            topic: TopicId(1),
            partition: 0,
            offset: n,
            appended_at: 0,
            key: 9,
            value,
        }
    }

    #[track_caller]
    fn check(shelf: &mut dyn Shelf) {
        for n in 0..7 {
            shelf.put(i32::from(n % 2 == 0), &sighting(n)).expect("kept");
        }
        let even = shelf.take(1).expect("given back");
        assert_eq!(even, [0, 2, 4, 6].map(sighting));
        assert!(shelf.take(1).expect("nothing").is_empty(), "they are given back once");
        assert_eq!(shelf.take(0).expect("given back").len(), 3);
        assert!(shelf.take(5).expect("nothing").is_empty());
    }

    #[test]
    fn both_shelves_give_back_what_they_were_given() {
        check(&mut MemoryShelf::default());
        let parent = tempfile::tempdir().expect("a folder");
        let mut shelf = FolderShelf::new(parent.path()).expect("made");
        check(&mut shelf);
        shelf.put(3, &sighting(1)).expect("kept");
        drop(shelf);
        assert_eq!(std::fs::read_dir(parent.path()).expect("read").count(), 0, "left nothing");
    }
}
