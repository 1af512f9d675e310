//! Brings the tables to the shape this version knows, and refuses a server that would count twice.

use clickhouse::Row;
use serde::Deserialize;

use crate::failure::{Failure, QueryError};
use crate::store::Store;

/// Number, name and statement of every migration, oldest first. Each file holds one statement that
/// may run twice. A file that has been released is never edited: add the next one.
const MIGRATIONS: [(u32, &str, &str); 7] = [
    (1, "timeline", include_str!("../migrations/0001_timeline.sql")),
    (2, "event_fact", include_str!("../migrations/0002_event_fact.sql")),
    (3, "decision", include_str!("../migrations/0003_decision.sql")),
    (4, "admission", include_str!("../migrations/0004_admission.sql")),
    (5, "quarantine", include_str!("../migrations/0005_quarantine.sql")),
    (6, "quarantine_mended", include_str!("../migrations/0006_quarantine_mended.sql")),
    (7, "decision_recalled", include_str!("../migrations/0007_decision_recalled.sql")),
];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version UInt32, name String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree ORDER BY version SETTINGS non_replicated_deduplication_window = 100000";

/// Tokens a table must remember, so that a sink that comes back late is still recognised.
const WINDOW_MIN: u64 = 100_000;
/// Replicated tables also forget by age: one week.
const WINDOW_SECONDS_MIN: u64 = 604_800;

/// The tables cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrateError {
    /// The server could not be asked.
    #[error("the tables could not be prepared: {0}")]
    Failure(#[from] Failure),
    /// SP-1704.
    #[error(
        "table {table} remembers only {found} insert tokens ({setting}), {needed} are needed to \
         recognise a repeated batch; run ALTER TABLE {table} MODIFY SETTING {setting} = {needed}"
    )]
    Window {
        /// The table.
        table: String,
        /// The setting at fault.
        setting: &'static str,
        /// Its value; 0 when it is not set.
        found: u64,
        /// What it must be at least.
        needed: u64,
    },
    /// SP-1705.
    #[error(
        "migration {version} is recorded as \"{found}\", this version calls it \"{expected}\"; the \
         database belongs to another program or branch: use another database name"
    )]
    Foreign {
        /// Number of the migration.
        version: u32,
        /// Its name in the database.
        found: String,
        /// Its name here.
        expected: &'static str,
    },
}

impl MigrateError {
    /// The code of its page.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Failure(failure) => failure.code(),
            Self::Window { .. } => "SP-1704",
            Self::Foreign { .. } => "SP-1705",
        }
    }
}

impl From<QueryError> for MigrateError {
    fn from(error: QueryError) -> Self {
        Self::Failure(error.failure)
    }
}

#[derive(Row, Deserialize)]
struct Applied {
    version: u32,
    name: String,
}

#[derive(Row, Deserialize)]
struct Engine {
    name: String,
    engine_full: String,
}

impl Store {
    /// Makes the database and its tables where they are missing, then checks that every table
    /// remembers enough insert tokens. May run in several processes at once.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        let database = &self.config().database;
        self.execute(self.outside().query(&format!("CREATE DATABASE IF NOT EXISTS {database}")))
            .await?;
        self.execute(self.inside().query(LEDGER)).await?;
        let applied = self.applied().await?;
        for (version, name, sql) in pending(&applied)? {
            self.execute(self.inside().query(&sql.replace('?', "??"))).await?;
            self.record(version, name).await?;
        }
        self.check_windows().await
    }

    /// Are all migrations of this version applied? For readers, which do not migrate.
    pub async fn migrated(&self) -> Result<bool, MigrateError> {
        Ok(pending(&self.applied().await?)?.is_empty())
    }

    async fn applied(&self) -> Result<Vec<Applied>, QueryError> {
        let sql = "SELECT version, any(name) AS name FROM schema_migrations GROUP BY version";
        self.rows("schema_migrations", self.read(sql)).await
    }

    async fn record(&self, version: u32, name: &str) -> Result<(), Failure> {
        let sql = "INSERT INTO schema_migrations (version, name) VALUES (?, ?)";
        self.execute(self.inside().query(sql).bind(version).bind(name)).await
    }

    async fn check_windows(&self) -> Result<(), MigrateError> {
        let sql = "SELECT name, engine_full FROM system.tables \
                   WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name";
        let engines: Vec<Engine> = self.rows("system.tables", self.read(sql)).await?;
        engines.iter().try_for_each(|it| check_window(&it.name, &it.engine_full))
    }
}

fn pending(applied: &[Applied]) -> Result<Vec<(u32, &'static str, &'static str)>, MigrateError> {
    let mut pending = Vec::new();
    for (version, name, sql) in MIGRATIONS {
        match applied.iter().find(|it| it.version == version) {
            None => pending.push((version, name, sql)),
            Some(it) if it.name == name => {}
            Some(it) => {
                let found = it.name.clone();
                return Err(MigrateError::Foreign { version, found, expected: name });
            }
        }
    }
    Ok(pending)
}

fn check_window(table: &str, engine: &str) -> Result<(), MigrateError> {
    let needs: &[(&'static str, u64)] = if engine.starts_with("Replicated") {
        &[
            ("replicated_deduplication_window", WINDOW_MIN),
            ("replicated_deduplication_window_seconds", WINDOW_SECONDS_MIN),
        ]
    } else {
        &[("non_replicated_deduplication_window", WINDOW_MIN)]
    };
    for &(setting, needed) in needs {
        let found = setting_of(engine, setting);
        if found < needed {
            return Err(MigrateError::Window { table: table.to_owned(), setting, found, needed });
        }
    }
    Ok(())
}

/// The value of `setting = n` in an engine clause, 0 when it is not there.
fn setting_of(engine: &str, setting: &str) -> u64 {
    let settings = engine.split_once("SETTINGS ").map_or("", |(_, it)| it);
    settings
        .split(',')
        .filter_map(|it| it.split_once('='))
        .find(|(name, _)| name.trim() == setting)
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(engine: &str, wrong: Option<(&str, u64)>) {
        let found = match check_window("t", engine) {
            Ok(()) => None,
            Err(MigrateError::Window { setting, found, .. }) => Some((setting, found)),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found, wrong, "{engine}");
    }

    #[test]
    fn a_table_must_remember_its_tokens() {
        let plain = "ReplacingMergeTree ORDER BY x SETTINGS index_granularity = 8192";
        check(plain, Some(("non_replicated_deduplication_window", 0)));
        check(&format!("{plain}, non_replicated_deduplication_window = 100000"), None);
        check(
            &format!("{plain}, non_replicated_deduplication_window = 100"),
            Some(("non_replicated_deduplication_window", 100)),
        );
    }

    #[test]
    fn a_replicated_table_also_by_age() {
        let engine = "ReplicatedMergeTree('/a') ORDER BY x SETTINGS \
                      replicated_deduplication_window = 100000";
        check(engine, Some(("replicated_deduplication_window_seconds", 0)));
        check(&format!("{engine}, replicated_deduplication_window_seconds = 604800"), None);
    }

    #[test]
    fn numbers_rise_and_names_stay() {
        for (i, (version, name, sql)) in MIGRATIONS.iter().enumerate() {
            assert_eq!(*version as usize, i + 1);
            assert!(sql.contains("IF NOT EXISTS "), "{name} may run twice");
            if sql.starts_with("CREATE TABLE") {
                assert!(sql.contains(&format!("IF NOT EXISTS {name}")), "{name}");
                assert!(sql.contains("non_replicated_deduplication_window = 100000"), "{name}");
            }
        }
    }

    #[test]
    fn what_is_applied_is_not_pending() {
        let applied = |name: &str| [Applied { version: 1, name: name.to_owned() }];
        let left = pending(&applied("timeline")).expect("the same program");
        assert_eq!(left.len(), MIGRATIONS.len() - 1);
        let other = pending(&applied("other")).expect_err("another program");
        assert_eq!(other.code(), "SP-1705");
    }
}
