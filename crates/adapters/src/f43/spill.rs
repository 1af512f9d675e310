//! Rows parted by key into buckets, in memory or in unnamed temporary files.
//!
//! The build side of a Grace hash join: all rows of one event fall into one bucket, and a bucket is
//! small enough to be joined in memory. The files have no name from the moment they are made, so
//! nothing of a person's data is left behind whatever ends the process.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::outlet::At;

/// Most buckets, and so most open files.
const BUCKETS_MAX: u64 = 256;
/// Write buffer of one bucket.
const BUFFER_BYTES: usize = 32 * 1024;

enum Store {
    Memory(Vec<u8>),
    File(BufWriter<File>),
}

/// Rows on their way to being joined.
pub struct Spill {
    buckets: Vec<Store>,
}

impl Spill {
    /// Buckets for `bytes` of rows, each to hold about `bucket_bytes`; one bucket stays in memory.
    pub fn new(bytes: u64, bucket_bytes: u64, dir: &Path) -> io::Result<Self> {
        let count = bytes.div_ceil(bucket_bytes.max(1)).clamp(1, BUCKETS_MAX);
        let buckets = if count == 1 {
            vec![Store::Memory(Vec::new())]
        } else {
            let file = || tempfile::tempfile_in(dir);
            let store = |it| Store::File(BufWriter::with_capacity(BUFFER_BYTES, it));
            (0..count).map(|_| file().map(store)).collect::<io::Result<_>>()?
        };
        Ok(Self { buckets })
    }

    /// Adds a row of a group.
    pub fn put(&mut self, group: &str, at: At, row: &str) -> io::Result<()> {
        let mut hasher = DefaultHasher::new();
        group.hash(&mut hasher);
        let n = self.buckets.len() as u64;
        let bucket = usize::try_from(hasher.finish() % n).expect("fewer than 2^16 buckets");
        let length = u32::try_from(row.len()).map_err(io::Error::other)?;
        let out: &mut dyn Write = match &mut self.buckets[bucket] {
            Store::Memory(out) => out,
            Store::File(out) => out,
        };
        out.write_all(&at.file.to_le_bytes())?;
        out.write_all(&at.line.to_le_bytes())?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(row.as_bytes())
    }

    /// The buckets, one after another; each gives its room back when dropped.
    pub fn into_buckets(self) -> impl Iterator<Item = io::Result<Bucket>> {
        self.buckets.into_iter().map(|store| {
            let reader: Box<dyn Read> = match store {
                Store::Memory(bytes) => Box::new(Cursor::new(bytes)),
                Store::File(file) => {
                    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                    file.seek(SeekFrom::Start(0))?;
                    Box::new(BufReader::with_capacity(1 << 18, file))
                }
            };
            Ok(Bucket { reader, row: Vec::new() })
        })
    }
}

/// Rows of one bucket in the order they were put.
pub struct Bucket {
    reader: Box<dyn Read>,
    row: Vec<u8>,
}

impl Bucket {
    /// The next row and where it stands in the document.
    pub fn next_row(&mut self) -> io::Result<Option<(At, &str)>> {
        let mut head = [0u8; 10];
        match self.reader.read(&mut head[..1])? {
            0 => return Ok(None),
            _ => self.reader.read_exact(&mut head[1..])?,
        }
        let [f0, f1, l0, l1, l2, l3, n0, n1, n2, n3] = head;
        let at =
            At { file: u16::from_le_bytes([f0, f1]), line: i32::from_le_bytes([l0, l1, l2, l3]) };
        let length = u32::from_le_bytes([n0, n1, n2, n3]);
        self.row.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
        self.reader.read_exact(&mut self.row)?;
        Ok(Some((at, std::str::from_utf8(&self.row).map_err(io::Error::other)?)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Spill;
    use crate::f43::outlet::At;

    #[track_caller]
    fn check(bytes: u64, bucket_bytes: u64, expected_buckets: usize) {
        let dir = std::env::temp_dir();
        let mut spill = Spill::new(bytes, bucket_bytes, &dir).expect("a temporary folder");
        assert_eq!(spill.buckets.len(), expected_buckets);
        for line in 0..1000 {
            let group = format!("g{}", line % 37);
            spill.put(&group, At { file: 1, line }, &format!("{group}|ก")).expect("room");
        }
        let mut groups: BTreeMap<String, (usize, Vec<i32>)> = BTreeMap::new();
        for (number, bucket) in spill.into_buckets().enumerate() {
            let mut bucket = bucket.expect("readable");
            while let Some((at, row)) = bucket.next_row().expect("readable") {
                let (home, lines) = groups.entry(row.to_owned()).or_insert((number, Vec::new()));
                assert_eq!(*home, number, "a group in two buckets");
                lines.push(at.line);
            }
        }
        assert_eq!(groups.len(), 37);
        assert_eq!(groups.values().map(|it| it.1.len()).sum::<usize>(), 1000);
        assert!(groups.values().all(|it| it.1.is_sorted()));
    }

    #[test]
    fn groups_stay_together_and_in_order() {
        check(0, 100, 1);
        check(100, 100, 1);
        check(101, 100, 2);
        check(1000, 100, 10);
        check(u64::MAX, 100, 256);
    }
}
