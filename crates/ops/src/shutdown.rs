//! The wish to stop: a signal asks every role to finish what is under way; a second one, or a time
//! limit, ends the process at once.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// Cheap to clone; once requested it stays requested.
#[derive(Clone)]
pub struct Stop {
    requested: watch::Sender<bool>,
    then: Arc<Mutex<Vec<Action>>>,
}

type Action = Box<dyn FnOnce() + Send>;

impl Default for Stop {
    fn default() -> Self {
        Self { requested: watch::Sender::new(false), then: Arc::default() }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").field("requested", &self.requested()).finish_non_exhaustive()
    }
}

impl Stop {
    /// Not yet requested.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everybody to stop.
    pub fn request(&self) {
        self.requested.send_replace(true);
        for action in std::mem::take(&mut *self.actions()) {
            action();
        }
    }

    /// True once requested.
    pub fn requested(&self) -> bool {
        *self.requested.borrow()
    }

    /// Waits until requested.
    pub async fn wait(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.requested.subscribe().wait_for(|it| *it).await;
    }

    /// Runs an action when requested (at once, if it was already): carries the wish to loops that do
    /// not wait on a future.
    pub fn then(&self, action: impl FnOnce() + Send + 'static) {
        self.actions().push(Box::new(action));
        if self.requested() {
            self.request();
        }
    }

    fn actions(&self) -> std::sync::MutexGuard<'_, Vec<Action>> {
        self.then.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Turns SIGINT and SIGTERM into [`Stop::request`] from now on. A second signal, or `limit` passing
/// after the first, ends the process with [`crate::exit::FAILED`]: what is unfinished is safe, since
/// nothing counts as done before its commit.
pub fn on_signals(stop: &Stop, limit: Duration) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stop = stop.clone();
    let mut signals = {
        let _inside = runtime.enter();
        Signals::new()?
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            signals.next().await;
            tracing::info!("stopping after a signal; a second one ends at once");
            stop.request();
            tokio::select! {
                () = signals.next() => tracing::warn!("ended by a second signal"),
                () = tokio::time::sleep(limit) => tracing::error!("draining took too long; ended"),
            }
            std::process::exit(i32::from(crate::exit::FAILED));
        });
    })?;
    Ok(())
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "installing may fail elsewhere")]
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn a_request_wakes_waiters_and_runs_each_action_once() {
        let (stop, ran) = (Stop::new(), Arc::new(AtomicU32::new(0)));
        let count = || {
            let ran = ran.clone();
            move || {
                ran.fetch_add(1, Ordering::Relaxed);
            }
        };
        stop.then(count());
        assert!(!stop.requested());
        let waiter = tokio::spawn({
            let stop = stop.clone();
            async move { stop.wait().await }
        });
        stop.request();
        stop.request();
        waiter.await.expect("woken");
        assert_eq!(ran.load(Ordering::Relaxed), 1);
        stop.then(count());
        assert_eq!(ran.load(Ordering::Relaxed), 2, "at once when requested already");
        stop.wait().await;
    }
}
