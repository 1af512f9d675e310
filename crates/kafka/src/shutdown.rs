//! The wish to stop, shared by every loop of a process.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Cheap to clone; once requested it stays requested.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    requested: Mutex<bool>,
    changed: Condvar,
}

impl Shutdown {
    /// Not yet requested.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every loop to finish its batch and return.
    pub fn request(&self) {
        *self.0.requested.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }

    /// True once requested.
    pub fn requested(&self) -> bool {
        *self.0.requested.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for at most `pause`, less when requested meanwhile. Returns [`Shutdown::requested`].
    pub fn pause(&self, pause: Duration) -> bool {
        let requested = self.0.requested.lock().unwrap_or_else(PoisonError::into_inner);
        let (requested, _) = self
            .0
            .changed
            .wait_timeout_while(requested, pause, |it| !*it)
            .unwrap_or_else(PoisonError::into_inner);
        *requested
    }
}
