//! What the pages are given: tables, names, live figures, a clock.

use std::sync::Arc;
use std::time::Duration;

use saphan_model::Timestamp;
use saphan_store::Store;
use tokio::sync::Semaphore;

use crate::directory::Directory;

/// Pages built at once; more wait, and are refused after [`AppState::PATIENCE`].
const PAGES_AT_ONCE_MAX: usize = 16;

/// How far one partition of `ingest.v1` reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IngestEnds {
    /// The partition.
    pub partition: u16,
    /// First offset still in the log.
    pub first_offset: u64,
    /// Offset after the last.
    pub end_offset: u64,
}

/// What only the log itself knows. Must answer at once: return the last figures of a background
/// refresh, or none when there are none.
pub trait LiveFigures: Send + Sync + 'static {
    /// All partitions of `ingest.v1`.
    fn ingest(&self) -> Option<Vec<IngestEnds>>;

    /// Records of `patient.log.v1` the route role has not committed, at most.
    fn route_lag(&self) -> Option<u64>;
}

/// Hears of every answered request.
pub trait Requests: Send + Sync + 'static {
    /// `route` is the pattern, never the path.
    fn answered(&self, route: &str, status: u16, took: Duration) {
        let _ = (route, status, took);
    }
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRequests;

impl Requests for NoRequests {}

/// Everything a page needs. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The tables.
    pub store: Store,
    /// Names.
    pub directory: Arc<Directory>,
    /// The log's own figures.
    pub live: Arc<dyn LiveFigures>,
    /// Metrics.
    pub requests: Arc<dyn Requests>,
    /// The time, for the current fiscal year and "as of".
    pub now: fn() -> Timestamp,
    pub(crate) pages: Arc<Semaphore>,
}

impl AppState {
    /// How long a request waits for its turn.
    pub const PATIENCE: Duration = Duration::from_secs(10);

    /// State with the machine's clock.
    pub fn new(
        store: Store,
        directory: Directory,
        live: Arc<dyn LiveFigures>,
        requests: Arc<dyn Requests>,
    ) -> Self {
        let pages = Arc::new(Semaphore::new(PAGES_AT_ONCE_MAX));
        Self { store, directory: Arc::new(directory), live, requests, now: wall_clock, pages }
    }
}

fn wall_clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ms = since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX));
    Timestamp(ms)
}
