//! What can go wrong with the outbox.

use std::path::Path;

use crate::database::OpenError;

/// Why the outbox did not do what was asked. Nothing was half done.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// It takes nothing new; what it holds is safe.
    #[error(
        "SP-1230: the outbox is full ({used} of {bytes_max} bytes); nothing was lost, nothing new is \
         taken until the gateway accepts some of it: check the connection, or raise edge.outbox-bytes-max"
    )]
    Full {
        /// Bytes in use.
        used: u64,
        /// Bytes allowed.
        bytes_max: u64,
    },
    /// It does not open.
    #[error("SP-1231: the outbox {path} cannot be used: {reason}")]
    Unusable {
        /// The database file.
        path: String,
        /// What the system or SQLite said.
        reason: String,
    },
    /// A read or write failed.
    #[error("SP-1231: the outbox failed: {0}")]
    Failed(#[from] rusqlite::Error),
}

impl OutboxError {
    pub(crate) fn unusable(path: &Path, error: &OpenError) -> Self {
        Self::Unusable { path: path.display().to_string(), reason: error.to_string() }
    }

    /// Its page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "SP-1230",
            Self::Unusable { .. } | Self::Failed(_) => "SP-1231",
        }
    }
}
