//! What can go wrong when the stack is fetched, started or stopped.
//!
//! Owns the SP-19xx codes and the sentences that tell a developer what to do. Each code has a page in
//! `docs/errors/`.

use std::io;
use std::path::{Path, PathBuf};

/// A trouble of the development stack, with the code of its page.
#[derive(Debug, thiserror::Error)]
pub enum DevstackError {
    /// Programs the stack needs are not installed, or too old; one per line, each with the way to get it.
    #[error("SP-1901: this machine lacks what the stack needs:\n  {0}")]
    Missing(String),
    /// Another process listens on a port the stack wants.
    #[error("SP-1902: port {port} for {part} is taken by {holder}; {remedy}")]
    PortTaken {
        /// The port.
        port: u16,
        /// The part that wanted it.
        part: String,
        /// Who has it, as far as can be seen.
        holder: String,
        /// What to do.
        remedy: String,
    },
    /// A package manager could not fetch a part.
    #[error(
        "SP-1903: could not download {part}: {detail}; check the network and run the same \
         command again (what was fetched is kept)"
    )]
    Download {
        /// The part.
        part: String,
        /// The last words of the package manager.
        detail: String,
    },
    /// A downloaded file is not the pinned one.
    #[error(
        "SP-1904: {file} has sha256 {found}, pinned is {pinned}; the file was removed, run the \
         same command again; if it stays so, empty the package manager's own cache"
    )]
    Checksum {
        /// Name of the file.
        file: String,
        /// The sum it has.
        found: String,
        /// The sum it should have.
        pinned: String,
    },
    /// A part ended while starting, or was not ready in time.
    #[error("SP-1905: {part} did not start: {detail}; its log is {log}{tail}")]
    NotStarted {
        /// The part.
        part: String,
        /// Whether it ended or was too slow.
        detail: String,
        /// Path of its log.
        log: PathBuf,
        /// The last lines of its log, each on a line of its own; empty when there are none.
        tail: String,
    },
    /// A file of the state folder cannot be read or written.
    #[error(
        "SP-1906: cannot {action} {path}; check that the folder is yours and the disk not full"
    )]
    Folder {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The state file is not one this version understands, or asks for something it forbids.
    #[error("SP-1907: {0}")]
    State(String),
    /// There is no running stack where one was expected.
    #[error("SP-1908: {0}")]
    NotRunning(String),
    /// A process would not end.
    #[error("SP-1909: {part} (process {pid}) is still there after a kill; end it by hand")]
    NotStopped {
        /// The part.
        part: String,
        /// Its process.
        pid: i32,
    },
    /// The ClickHouse engine cannot be loaded or started.
    #[error("SP-1910: the ClickHouse engine does not start: {0}")]
    Engine(String),
    /// The machine is not one the stack runs on.
    #[error("SP-1911: {0}")]
    Platform(String),
}

impl DevstackError {
    /// Wraps an I/O error with what was tried on which path; for use in `map_err`.
    pub(crate) fn folder(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Folder { action, path, source }
    }
}
