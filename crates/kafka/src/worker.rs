//! The one loop that drives a [`crate::Processor`]: polling, transactions, commits, rebalances,
//! restore, back-off. Must not know what a record means.
//!
//! Outputs, state rows and input positions of a batch are one Kafka transaction, fenced by the group's
//! generation and by the stable transactional id. A worker is one OS thread.

mod batch;
mod burst;
mod error;
mod restore;
mod session;
mod takeover;
mod transaction;
mod work;

use std::time::{Duration, Instant};

pub use error::WorkerError;

use self::error::Stop;
use self::session::Setting;
use crate::backoff::backoff;
use crate::config::KafkaConfig;
use crate::failure::Trouble;
use crate::group::Fences;
use crate::observer::Observer;
use crate::processor::Processor;
use crate::producer::Compression;
use crate::shutdown::Shutdown;

/// One transactional worker. Its Kafka identities follow from `app`, `ordinal` and `worker` and must be
/// stable across restarts, so that a successor ends what a dead predecessor left open.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Name of the program, for example `route`; also the consumer group.
    pub app: String,
    /// Which copy of the program this is (the StatefulSet ordinal).
    pub ordinal: u32,
    /// Which worker of the program this is, from 0.
    pub worker: u32,
    /// Topic consumed.
    pub input: String,
    /// Compacted state topic with as many partitions as `input`; `None` for a stage without state.
    pub state: Option<String>,
    /// When a batch ends.
    pub batch: BatchLimits,
    /// How long the group waits for a silent member before giving its partitions away.
    pub session_timeout: Duration,
    /// Longest time between two polls before the group thinks the worker is stuck.
    pub poll_interval_max: Duration,
    /// How long the broker keeps an unfinished transaction of a dead worker.
    pub transaction_timeout: Duration,
    /// Compression of what is produced.
    pub compression: Compression,
    /// Troubles in a row, without a commit in between, before the worker gives up.
    pub retries_max: u32,
    /// Tell the processor where marked records stand.
    pub places: bool,
    /// How long closing may take before the worker gives up waiting for the broker.
    pub close_timeout: Duration,
}

/// When a batch ends: whatever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// Input records per transaction.
    pub records_max: usize,
    /// Outbound records per transaction; also bounds what the client buffers.
    pub outbound_max: usize,
    /// Time from the first record to the commit. Only a backlog reaches it: a commit costs the same for
    /// many records as for few, and whoever is behind is better off with many.
    pub linger: Duration,
    /// An empty queue for this long ends the batch early: low latency under light load.
    pub idle: Duration,
    /// From this age on an empty queue ends the batch at once: low latency under a steady flow, whose
    /// pauses are shorter than `idle`. A backlog leaves no pause and fills the batch.
    pub brisk: Duration,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self {
            records_max: 20_000,
            outbound_max: 200_000,
            linger: Duration::from_millis(300),
            idle: Duration::from_millis(3),
            brisk: Duration::from_millis(20),
        }
    }
}

impl WorkerConfig {
    /// Worker `worker` of copy `ordinal` of program `app` consuming `input`, with measured defaults.
    pub fn new(
        app: impl Into<String>,
        ordinal: u32,
        worker: u32,
        input: impl Into<String>,
    ) -> Self {
        Self {
            app: app.into(),
            ordinal,
            worker,
            input: input.into(),
            state: None,
            batch: BatchLimits::default(),
            session_timeout: Duration::from_secs(30),
            poll_interval_max: Duration::from_secs(60),
            transaction_timeout: Duration::from_secs(15),
            compression: Compression::Lz4,
            retries_max: 10,
            places: false,
            close_timeout: Duration::from_secs(10),
        }
    }

    /// The consumer group: one per program.
    pub fn group(&self) -> &str {
        &self.app
    }

    /// `transactional.id`, `group.instance.id` and part of the client id.
    pub fn identity(&self) -> String {
        format!("{}-{}-{}", self.app, self.ordinal, self.worker)
    }
}

/// Runs a worker on this thread until `shutdown` is requested: then the open batch is committed and the
/// group is left to come back to. Trouble that may pass is reported to `observer` and overcome by
/// rolling back, replacing the producer or joining the group anew.
pub fn run<P: Processor + ?Sized>(
    kafka: &KafkaConfig,
    config: &WorkerConfig,
    processor: &mut P,
    observer: &dyn Observer,
    shutdown: &Shutdown,
) -> Result<(), WorkerError> {
    let setting = Setting { kafka, config, observer, shutdown };
    let (mut attempts, mut fences) = (0, Fences::default());
    loop {
        let trouble = match session::run(&setting, processor, &mut attempts) {
            Ok(()) => return Ok(()),
            Err(Stop::Final(error)) => return Err(error),
            Err(Stop::Restart(trouble)) => trouble,
            Err(Stop::Fenced) if fences.tolerable(Instant::now()) => {
                Trouble::new("SP-1504", "the group took this member for a second one and fenced it")
            }
            Err(Stop::Fenced) => return Err(WorkerError::Fenced { identity: config.identity() }),
        };
        attempts += 1;
        if attempts > config.retries_max {
            return Err(WorkerError::GaveUp { attempts, last: trouble });
        }
        observer.trouble(&trouble);
        let most = Duration::from_secs(10);
        let pause = backoff(attempts, Duration::from_millis(200), most, rand::random());
        if shutdown.pause(pause) {
            return Ok(());
        }
    }
}
