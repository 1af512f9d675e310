//! The outbox: submissions that the facility has handed over and the gateway has not yet accepted.
//!
//! Promise: once [`Outbox::append`] returns, its submissions survive a kill or power cut at any moment
//! and leave the outbox only by the gateway's word. Nothing old is ever dropped for something new: a
//! full outbox refuses. Sent twice is possible, lost is not; admission recognises resends.

mod error;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use saphan_codec::single_object;
use saphan_model::Submission;
use saphan_model::limits::SUBMISSION_BYTES_MAX;

pub use self::error::OutboxError;
pub use self::writer::OutboxWriter;
use crate::database::{self, now_ms};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS waiting (
        id INTEGER PRIMARY KEY AUTOINCREMENT, added_at INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS refused (
        id INTEGER PRIMARY KEY, added_at INTEGER NOT NULL, refused_at INTEGER NOT NULL,
        code TEXT NOT NULL, remedy TEXT NOT NULL, body BLOB NOT NULL);
";
const SCHEMA_VERSION: i64 = 1;
const FILE: &str = "outbox.db";

/// A submission as the gateway takes it: Avro single-object encoding.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedSubmission(Vec<u8>);

/// Larger than one submission may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the submission has {0} bytes, more than {SUBMISSION_BYTES_MAX}; send documents by reference"
)]
pub struct TooLarge(pub usize);

impl EncodedSubmission {
    /// Encodes; fails above [`SUBMISSION_BYTES_MAX`].
    pub fn of(submission: &Submission) -> Result<Self, TooLarge> {
        let bytes = single_object::wrap(submission);
        if bytes.len() > SUBMISSION_BYTES_MAX {
            Err(TooLarge(bytes.len()))
        } else {
            Ok(Self(bytes))
        }
    }

    /// The bytes, for one item of a batch.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for EncodedSubmission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedSubmission({} bytes)", self.0.len())
    }
}

/// One submission that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number in this outbox; grows in the order of handing over, is never used again.
    pub id: i64,
    /// What to send.
    pub submission: EncodedSubmission,
}

/// What the gateway said about one submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The centre has it.
    Accepted,
    /// It must not be sent again as it is.
    Refused {
        /// `SP-12xx`.
        code: String,
        /// What to do.
        remedy: String,
    },
}

/// A submission the gateway refused, kept until somebody decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its number.
    pub id: i64,
    /// When it was handed over, milliseconds since 1970.
    pub added_at: i64,
    /// When it was refused, milliseconds since 1970.
    pub refused_at: i64,
    /// `SP-12xx`.
    pub code: String,
    /// What to do.
    pub remedy: String,
    /// The submission itself, to say where it stands in the source.
    pub submission: EncodedSubmission,
}

/// The outbox in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Submissions that wait.
    pub waiting: u64,
    /// Submissions refused and kept.
    pub refused: u64,
    /// Bytes in use on disk.
    pub bytes: u64,
    /// Age of the oldest that waits.
    pub oldest_age: Duration,
}

/// Refused submissions of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedCount {
    /// `SP-12xx`.
    pub code: String,
    /// What to do.
    pub remedy: String,
    /// How many.
    pub count: u64,
}

/// One connection to a facility's outbox. Threads and processes may each open their own.
#[derive(Debug)]
pub struct Outbox {
    connection: Connection,
    folder: PathBuf,
    bytes_max: u64,
}

impl Outbox {
    /// Opens the outbox in `folder`, creating both if need be. It takes nothing new once it uses
    /// `bytes_max` on disk.
    pub fn open(folder: &Path, bytes_max: u64) -> Result<Self, OutboxError> {
        let path = folder.join(FILE);
        let connection = database::open(&path, SCHEMA, SCHEMA_VERSION)
            .map_err(|it| OutboxError::unusable(&path, &it))?;
        Ok(Self { connection, folder: folder.to_owned(), bytes_max })
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes submissions over: all of them or, on an error, none. They are on the disk on return.
    pub fn append(&mut self, batch: &[EncodedSubmission]) -> Result<(), OutboxError> {
        if batch.is_empty() {
            return Ok(());
        }
        let (now, bytes_max) = (now_ms(), self.bytes_max);
        self.transact(|it| {
            let used = bytes_used(it)?;
            if used >= bytes_max {
                return Err(OutboxError::Full { used, bytes_max });
            }
            let mut insert =
                it.prepare_cached("INSERT INTO waiting (added_at, body) VALUES (?1, ?2)")?;
            for submission in batch {
                insert.execute(params![now, submission.0])?;
            }
            Ok(())
        })
    }

    /// A writer that takes submissions over in batches.
    pub fn writer(&mut self) -> OutboxWriter<'_> {
        OutboxWriter::new(self)
    }

    /// The oldest submissions, at most `events` of them and `bytes` in sum, but at least one.
    pub fn peek(&self, events: usize, bytes: usize) -> Result<Vec<Waiting>, OutboxError> {
        let mut select =
            self.connection.prepare_cached("SELECT id, body FROM waiting ORDER BY id LIMIT ?1")?;
        let mut rows = select.query([i64::try_from(events).unwrap_or(i64::MAX)])?;
        let (mut batch, mut total) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let submission = EncodedSubmission(row.get(1)?);
            total += submission.0.len();
            if total > bytes && !batch.is_empty() {
                break;
            }
            batch.push(Waiting { id: row.get(0)?, submission });
        }
        Ok(batch)
    }

    /// Carries out the gateway's answers in one transaction: what it accepted is deleted, what it
    /// refused is kept aside.
    pub fn settle(&mut self, answers: &[(i64, Answer)]) -> Result<(), OutboxError> {
        let now = now_ms();
        self.transact(|it| {
            let mut refuse = it.prepare_cached(
                "INSERT OR REPLACE INTO refused (id, added_at, refused_at, code, remedy, body)
                 SELECT id, added_at, ?2, ?3, ?4, body FROM waiting WHERE id = ?1",
            )?;
            let mut delete = it.prepare_cached("DELETE FROM waiting WHERE id = ?1")?;
            for (id, answer) in answers {
                if let Answer::Refused { code, remedy } = answer {
                    refuse.execute(params![id, now, code, remedy])?;
                }
                delete.execute([id])?;
            }
            Ok(())
        })?;
        self.give_space_back()
    }

    /// Deletes what the gateway accepted.
    pub fn acknowledge(&mut self, ids: &[i64]) -> Result<(), OutboxError> {
        let answers: Vec<_> = ids.iter().map(|id| (*id, Answer::Accepted)).collect();
        self.settle(&answers)
    }

    /// Keeps a submission aside that the gateway refused.
    pub fn refuse(&mut self, id: i64, code: &str, remedy: &str) -> Result<(), OutboxError> {
        let (code, remedy) = (code.to_owned(), remedy.to_owned());
        self.settle(&[(id, Answer::Refused { code, remedy })])
    }

    /// Refused submissions, oldest first.
    pub fn refused(&self, limit: usize) -> Result<Vec<Refused>, OutboxError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id, added_at, refused_at, code, remedy, body FROM refused ORDER BY id LIMIT ?1",
        )?;
        let rows = select.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
            Ok(Refused {
                id: row.get(0)?,
                added_at: row.get(1)?,
                refused_at: row.get(2)?,
                code: row.get(3)?,
                remedy: row.get(4)?,
                submission: EncodedSubmission(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many submissions are kept aside, by what the gateway said of them.
    pub fn refused_by_code(&self) -> Result<Vec<RefusedCount>, OutboxError> {
        let mut select = self.connection.prepare_cached(
            "SELECT code, remedy, count(*) FROM refused GROUP BY code, remedy ORDER BY code",
        )?;
        let rows = select.query_map([], |row| {
            let count: i64 = row.get(2)?;
            Ok(RefusedCount { code: row.get(0)?, remedy: row.get(1)?, count: count.unsigned_abs() })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Puts every refused submission back in line, after what waits; tells how many.
    pub fn requeue_refused(&mut self) -> Result<u64, OutboxError> {
        self.transact(|it| {
            let moved = it.execute(
                "INSERT INTO waiting (added_at, body) SELECT added_at, body FROM refused ORDER BY id",
                [],
            )?;
            it.execute("DELETE FROM refused", [])?;
            Ok(u64::try_from(moved).unwrap_or(u64::MAX))
        })
    }

    /// Deletes refused submissions for good; tells how many there were.
    pub fn discard_refused(&mut self) -> Result<u64, OutboxError> {
        let deleted = self.connection.execute("DELETE FROM refused", [])?;
        self.give_space_back()?;
        Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
    }

    /// The figures as they are now.
    pub fn stats(&self) -> Result<Stats, OutboxError> {
        let count = |sql| -> Result<u64, OutboxError> {
            let count: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        };
        let oldest: Option<i64> = self
            .connection
            .query_row("SELECT added_at FROM waiting ORDER BY id LIMIT 1", [], |row| row.get(0))
            .optional()?;
        let age = oldest.map_or(0, |it| now_ms().saturating_sub(it).max(0));
        Ok(Stats {
            waiting: count("SELECT count(*) FROM waiting")?,
            refused: count("SELECT count(*) FROM refused")?,
            bytes: bytes_used(&self.connection)?,
            oldest_age: Duration::from_millis(age.unsigned_abs()),
        })
    }

    fn transact<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Returns free pages to the file system, a bounded number each time.
    fn give_space_back(&self) -> Result<(), OutboxError> {
        // Each step frees one page.
        let mut vacuum = self.connection.prepare_cached("PRAGMA incremental_vacuum(256)")?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
        Ok(())
    }
}

fn bytes_used(connection: &Connection) -> Result<u64, OutboxError> {
    let pragma = |name| connection.pragma_query_value(None, name, |it| it.get::<_, i64>(0));
    let pages = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
    Ok(pages.saturating_mul(pragma("page_size")?).unsigned_abs())
}

#[cfg(test)]
pub(crate) mod tests;
