//! How this crate opens SQLite: private to its owner, every commit on the disk before it counts.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags};

/// How long a writer waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a database does not open.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("{0}")]
    File(#[from] io::Error),
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("it was written by a newer version ({0}) of this program")]
    Newer(i64),
}

/// Opens or creates `path` (folder 0700, file 0600) and brings its tables to `version`.
pub(crate) fn open(path: &Path, schema: &str, version: i64) -> Result<Connection, OpenError> {
    if let Some(folder) = path.parent() {
        create_private_folder(folder)?;
    }
    create_private_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Set once: setting them again would wait for other writers. The journal and shared-memory files
    // inherit the mode of the database file.
    let journal: String = connection.pragma_query_value(None, "journal_mode", |it| it.get(0))?;
    if journal != "wal" {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "FAST")?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |it| it.get(0))?;
    if found > version {
        return Err(OpenError::Newer(found));
    }
    if found < version {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {schema} PRAGMA user_version = {version}; COMMIT;"
        ))?;
    }
    Ok(connection)
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn create_private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
