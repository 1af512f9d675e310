//! The tokens in force, kept in step with their file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use super::file::{TokenFileError, load};
use super::{Denied, Tokens};

/// How soon a change of the file takes effect, at most.
const RELOAD_EVERY: Duration = Duration::from_secs(2);

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct TokenStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    tokens: Arc<Tokens>,
    seen: Option<Mark>,
}

/// What tells one version of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    modified: SystemTime,
    length: u64,
    inode: u64,
}

impl TokenStore {
    /// Reads the file; a gateway without one lets nobody in and does not start.
    pub fn open(path: &Path) -> Result<Self, TokenFileError> {
        let seen = mark(path);
        let tokens = Arc::new(load(path)?);
        let state = RwLock::new(State { tokens, seen });
        Ok(Self(Arc::new(Inner { path: path.to_owned(), state })))
    }

    /// The facility a token speaks for.
    pub fn facility_of(&self, token: &str) -> Result<String, Denied> {
        let tokens = Arc::clone(&self.read().tokens);
        tokens.facility_of(token).map(str::to_owned)
    }

    /// Reads the file again if it changed. A file that became unreadable changes nothing: revoked
    /// stays revoked, given stays given.
    pub fn refresh(&self) {
        let now = mark(&self.0.path);
        if now == self.read().seen {
            return;
        }
        let loaded = load(&self.0.path);
        let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        state.seen = now;
        match loaded {
            Ok(tokens) => {
                tracing::info!(facilities = tokens.facilities(), "tokens read again");
                state.tokens = Arc::new(tokens);
            }
            Err(error) => {
                tracing::error!(%error, "tokens not read again; the ones read before stay in force");
            }
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the tokens in step with their file, for ever.
pub(crate) async fn reload_every(store: TokenStore) {
    loop {
        tokio::time::sleep(RELOAD_EVERY).await;
        let store = store.clone();
        // Reading a file may take a moment on a bad disk: not on a thread that answers requests.
        let _ = tokio::task::spawn_blocking(move || store.refresh()).await;
    }
}

fn mark(path: &Path) -> Option<Mark> {
    let metadata = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Some(Mark { modified: metadata.modified().ok()?, length: metadata.len(), inode })
}
