//! The person index: a facility's own map from its local numbers to citizen ids.
//!
//! Ten thousand small maps at the edge replace one of all patients at the centre. It holds personal
//! data, so the file is open to its owner only; nothing of it is sent but the citizen id inside a
//! submission. It can be learnt again from the facility's person file.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use saphan_model::{CitizenId, Private};

use crate::database;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS person (
        facility TEXT NOT NULL, pid TEXT NOT NULL, citizen_id TEXT NOT NULL,
        PRIMARY KEY (facility, pid)) WITHOUT ROWID;
";
const SCHEMA_VERSION: i64 = 1;
const FILE: &str = "persons.db";
/// Learnt entries of one transaction.
const BATCH: usize = 2_000;
/// Entries remembered in memory; the memory is emptied when full.
const CACHE: usize = 200_000;

/// Why the index did not answer. Carries nothing about a person.
#[derive(Debug, thiserror::Error)]
pub enum PersonsError {
    /// It does not open.
    #[error("SP-1235: the person index {path} cannot be used: {reason}")]
    Unusable {
        /// The database file.
        path: String,
        /// What the system or SQLite said.
        reason: String,
    },
    /// A read or write failed.
    #[error("SP-1235: the person index failed: {0}")]
    Failed(#[from] rusqlite::Error),
}

type Key = Private<(String, String)>;

/// The index of one folder. What is learnt is visible at once and on the disk after
/// [`Persons::commit`] (or at the latest every 2,000 entries).
pub struct Persons {
    connection: Connection,
    cache: HashMap<Key, Option<CitizenId>>,
    /// Learnt and not yet on the disk; all of it is in the cache too.
    learnt: Vec<(Key, CitizenId)>,
}

impl fmt::Debug for Persons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Persons(…)")
    }
}

impl Persons {
    /// Opens the index in `folder`, creating both if need be.
    pub fn open(folder: &Path) -> Result<Self, PersonsError> {
        let path = folder.join(FILE);
        let connection = database::open(&path, SCHEMA, SCHEMA_VERSION).map_err(|it| {
            PersonsError::Unusable { path: path.display().to_string(), reason: it.to_string() }
        })?;
        Ok(Self { connection, cache: HashMap::new(), learnt: Vec::new() })
    }

    /// The citizen id behind a local number, if it was learnt.
    pub fn citizen_id(
        &mut self,
        facility: &str,
        pid: &str,
    ) -> Result<Option<CitizenId>, PersonsError> {
        let key = key(facility, pid);
        if let Some(known) = self.cache.get(&key) {
            return Ok(*known);
        }
        let text: Option<String> = self
            .connection
            .prepare_cached("SELECT citizen_id FROM person WHERE facility = ?1 AND pid = ?2")?
            .query_row([facility, pid], |row| row.get(0))
            .optional()?;
        let found = text.and_then(|it| CitizenId::parse(&it).ok());
        self.remember(key, found)?;
        Ok(found)
    }

    /// Notes whose number it is, replacing what was known.
    pub fn learn(&mut self, facility: &str, pid: &str, id: CitizenId) -> Result<(), PersonsError> {
        let key = key(facility, pid);
        if self.cache.get(&key) == Some(&Some(id)) {
            return Ok(());
        }
        self.learnt.push((key.clone(), id));
        self.remember(key, Some(id))?;
        if self.learnt.len() >= BATCH { self.commit() } else { Ok(()) }
    }

    /// Puts what was learnt on the disk.
    pub fn commit(&mut self) -> Result<(), PersonsError> {
        if self.learnt.is_empty() {
            return Ok(());
        }
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO person VALUES (?1, ?2, ?3)")?;
            for (key, id) in &self.learnt {
                let (facility, pid) = key.reveal();
                insert.execute(params![facility, pid, id.reveal()])?;
            }
        }
        transaction.commit()?;
        self.learnt.clear();
        Ok(())
    }

    /// How many local numbers are known.
    pub fn count(&self) -> Result<u64, PersonsError> {
        let count: i64 =
            self.connection.query_row("SELECT count(*) FROM person", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn remember(&mut self, key: Key, id: Option<CitizenId>) -> Result<(), PersonsError> {
        if self.cache.len() >= CACHE {
            self.commit()?;
            self.cache.clear();
        }
        self.cache.insert(key, id);
        Ok(())
    }
}

impl Drop for Persons {
    fn drop(&mut self) {
        // What is lost here is learnt again from the person file.
        let _ = self.commit();
    }
}

fn key(facility: &str, pid: &str) -> Key {
    Private::new((facility.to_owned(), pid.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn citizen(text: &str) -> CitizenId {
        CitizenId::parse(text).expect("valid")
    }

    #[test]
    fn what_is_learnt_is_found_now_and_after_opening_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let (a, b) = (citizen("1234567890121"), citizen("1100000000008"));
        {
            let mut persons = Persons::open(dir.path()).expect("open");
            assert_eq!(persons.citizen_id("10670", "1").expect("read"), None);
            persons.learn("10670", "1", a).expect("learnt");
            persons.learn("10671", "1", b).expect("learnt");
            assert_eq!(persons.citizen_id("10670", "1").expect("read"), Some(a));
            persons.commit().expect("committed");
            persons.learn("10670", "1", b).expect("replaced");
        }
        let mut persons = Persons::open(dir.path()).expect("open");
        assert_eq!(persons.citizen_id("10670", "1").expect("read"), Some(b));
        assert_eq!(persons.citizen_id("10671", "1").expect("read"), Some(b));
        assert_eq!(persons.citizen_id("10672", "1").expect("read"), None);
        assert_eq!(persons.count().expect("counted"), 2);
    }

    #[test]
    fn many_are_learnt_across_batches() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut persons = Persons::open(dir.path()).expect("open");
        let id = citizen("1234567890121");
        for n in 0..BATCH * 2 + 5 {
            persons.learn("10670", &n.to_string(), id).expect("learnt");
        }
        let other = Persons::open(dir.path()).expect("open");
        assert_eq!(other.count().expect("counted"), BATCH as u64 * 2);
        persons.commit().expect("committed");
        assert_eq!(other.count().expect("counted"), BATCH as u64 * 2 + 5);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_open_it_and_nothing_is_printed() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let mut persons = Persons::open(&dir.path().join("edge")).expect("open");
        persons.learn("10670", "99", citizen("1234567890121")).expect("learnt");
        persons.commit().expect("committed");
        for file in std::fs::read_dir(dir.path().join("edge")).expect("read") {
            let file = file.expect("an entry");
            let mode = file.metadata().expect("there").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", file.path().display());
        }
        assert_eq!(format!("{persons:?}"), "Persons(…)");
    }
}
