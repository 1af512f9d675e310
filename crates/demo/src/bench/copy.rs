//! The raw copy's script: every record that route wrote, in the order of the input records it came from,
//! one file for each partition of the patient log. The copy itself is `raw_copy`, an example program of
//! `saphan-kafka`; a line of the script is documented there.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use saphan_kafka::Record;

/// Which partition of the log each bucket is of.
pub struct Script {
    dir: PathBuf,
    topics: Vec<String>,
    buckets: Vec<BufWriter<File>>,
}

/// A script that is written to its end.
pub struct Finished {
    dir: PathBuf,
    topics: Vec<String>,
}

/// A record that belongs to no input record before the first.
const FIRST: i64 = 0;

impl Script {
    /// Begins a script for a log of `partitions` partitions.
    pub fn new(dir: &Path, partitions: usize) -> Result<Self> {
        if dir.exists() {
            std::fs::remove_dir_all(dir)?;
        }
        std::fs::create_dir_all(dir)?;
        let bucket = |it| Ok(BufWriter::new(File::create(dir.join(format!("{it}.unsorted")))?));
        let buckets = (0..partitions).map(bucket).collect::<Result<_>>()?;
        Ok(Self { dir: dir.to_owned(), topics: Vec::new(), buckets })
    }

    /// Adds a record of an agency topic or of the decisions: its header names the input record.
    pub fn add(&mut self, record: &Record<'_>) -> Result<()> {
        let source = record.headers.get("src").context("a src header")?;
        let source = std::str::from_utf8(source)?;
        let mut parts = source.rsplit('/');
        let offset: i64 = parts.next().context("an offset")?.parse()?;
        let partition: usize = parts.next().context("a partition")?.parse()?;
        self.put(partition, offset, None, record)
    }

    /// Adds a row of route's state: its first field is the offset that last changed it. A row that was
    /// deleted has none and stands at the beginning.
    pub fn add_state(&mut self, record: &Record<'_>) -> Result<()> {
        let applied = |value: &[u8]| {
            let (_, payload) = saphan_codec::frame::split(value)?;
            saphan_codec::Cursor::new(payload).long()
        };
        let offset = record.value.map(applied).transpose()?.unwrap_or(FIRST);
        let partition = usize::try_from(record.partition)?;
        self.put(partition, offset, Some(record.partition), record)
    }

    fn put(
        &mut self,
        partition: usize,
        offset: i64,
        to: Option<i32>,
        record: &Record<'_>,
    ) -> Result<()> {
        let topic = match self.topics.iter().rposition(|it| it == record.topic) {
            Some(place) => place,
            None => {
                self.topics.push(record.topic.to_owned());
                self.topics.len() - 1
            }
        };
        let (key, value) = (record.key.unwrap_or_default(), record.value);
        let out = self.buckets.get_mut(partition).context("a partition of the log")?;
        out.write_all(&offset.to_le_bytes())?;
        out.write_all(&u16::try_from(topic)?.to_le_bytes())?;
        out.write_all(&to.unwrap_or(-1).to_le_bytes())?;
        out.write_all(&u16::try_from(key.len())?.to_le_bytes())?;
        let length = value.map_or(Ok(-1), |it| i32::try_from(it.len()))?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(key)?;
        Ok(out.write_all(value.unwrap_or_default())?)
    }

    /// Sorts each file by offset.
    pub fn finish(self) -> Result<Finished> {
        for (number, bucket) in self.buckets.into_iter().enumerate() {
            bucket.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            let unsorted = self.dir.join(format!("{number}.unsorted"));
            let bytes = std::fs::read(&unsorted)?;
            let mut out = BufWriter::new(File::create(self.dir.join(number.to_string()))?);
            for line in sorted(&bytes) {
                out.write_all(line)?;
            }
            out.flush()?;
            std::fs::remove_file(unsorted)?;
        }
        Ok(Finished { dir: self.dir, topics: self.topics })
    }
}

impl Finished {
    /// Says where the next copy goes: writes the topics' names as `rename` gives them, one a line.
    pub fn send_to(&self, rename: impl Fn(&str) -> String) -> Result<()> {
        let names: Vec<String> = self.topics.iter().map(|it| rename(it)).collect();
        Ok(std::fs::write(self.dir.join("topics"), names.join("\n"))?)
    }
}

/// Bytes before key and value of a line.
const HEAD: usize = 20;

fn sorted(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while let Some(head) = rest.first_chunk::<HEAD>() {
        let offset = i64::from_le_bytes(head[..8].try_into().expect("8 bytes"));
        let key = u16::from_le_bytes([head[14], head[15]]);
        let value = i32::from_le_bytes(head[16..].try_into().expect("4 bytes"));
        let (line, after) =
            rest.split_at(HEAD + usize::from(key) + usize::try_from(value).unwrap_or(0));
        lines.push((offset, line));
        rest = after;
    }
    lines.sort_by_key(|it| it.0);
    lines.into_iter().map(|it| it.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use saphan_kafka::record::{Header, Headers};

    #[test]
    fn lines_are_sorted_by_input_record_and_keep_their_bytes() {
        let dir = std::env::temp_dir().join(format!("saphan-script-{}", std::process::id()));
        let mut script = Script::new(&dir, 1).expect("a folder");
        for offset in [7, 3] {
            let headers = [Header::new("src", format!("log/0/{offset}"))];
            let record = Record {
                topic: "a.decision.v1",
                partition: 0,
                offset: 0,
                append_time_ms: 0,
                key: Some(b"k"),
                headers: Headers::Slice(&headers),
                value: Some(b"value"),
            };
            script.add(&record).expect("an entry");
        }
        let script = script.finish().expect("written");
        script.send_to(|it| it.replace("a.", "b.")).expect("named");
        let bytes = std::fs::read(dir.join("0")).expect("a file");
        assert_eq!(bytes.len(), 2 * (HEAD + 6));
        assert_eq!(bytes[0], 3);
        assert!(bytes.ends_with(b"kvalue"));
        assert_eq!(std::fs::read_to_string(dir.join("topics")).expect("names"), "b.decision.v1");
        std::fs::remove_dir_all(dir).expect("removed");
    }
}
