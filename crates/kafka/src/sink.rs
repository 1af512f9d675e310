//! The one loop that drives a [`RangeSink`]: cut a range, write the plan down, write the range, mark it
//! done. After a crash the same range is written again with the same token, so that a store that
//! forgets repeated tokens sees each record once. Must not know what a record means.

mod buffer;
mod error;
mod plan;
mod session;

use std::time::{Duration, Instant};

pub use error::SinkError;

use self::error::Stop;
use self::session::Setting;
use crate::backoff::backoff;
use crate::config::KafkaConfig;
use crate::failure::{Failure, Trouble};
use crate::group::Fences;
use crate::observer::Observer;
use crate::record::RecordBuf;
use crate::shutdown::Shutdown;

/// A planned range of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Topic of the range.
    pub topic: String,
    /// Partition of the range.
    pub partition: i32,
    /// Offset of the first record.
    pub first: i64,
    /// Offset of the last record.
    pub last: i64,
    /// Name of the range, the same on every attempt: `<topic>:<partition>:<first>-<last>`.
    pub token: String,
}

/// Somewhere to write ranges to.
pub trait RangeSink {
    /// Writes the records of one range. Called again with equal arguments, possibly by another process,
    /// until it returns `Ok`; must write equal bytes and hand `plan.token` to the store.
    /// Returns [`Failure::Transient`] to be called again after a pause, however often; blocks for less
    /// than [`SinkConfig::poll_interval_max`].
    fn write(&mut self, plan: &Plan, records: &[RecordBuf]) -> Result<(), Failure>;
}

/// One sink worker.
#[derive(Debug, Clone)]
pub struct SinkConfig {
    /// Consumer group; its offset metadata holds the plans.
    pub group: String,
    /// Which copy of the program this is.
    pub ordinal: u32,
    /// Which worker of the program this is, from 0.
    pub worker: u32,
    /// Topics consumed.
    pub topics: Vec<String>,
    /// When a range is cut.
    pub limits: RangeLimits,
    /// How long the group waits for a silent member before giving its partitions away.
    pub session_timeout: Duration,
    /// Longest time one `write` may take.
    pub poll_interval_max: Duration,
    /// Restarts in a row, without a written range in between, before the sink gives up. A store that
    /// does not answer is no restart: its range is tried for ever.
    pub retries_max: u32,
    /// How long closing may take.
    pub close_timeout: Duration,
}

/// When a range is cut: whatever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeLimits {
    /// Records per range.
    pub rows_max: usize,
    /// Key and value bytes per range.
    pub bytes_max: usize,
    /// Time since the first record of the range was read.
    pub age_max: Duration,
    /// Bytes buffered over all partitions; the largest range is cut when exceeded.
    pub total_bytes_max: usize,
}

impl Default for RangeLimits {
    fn default() -> Self {
        Self {
            rows_max: 50_000,
            bytes_max: 16 << 20,
            age_max: Duration::from_secs(1),
            total_bytes_max: 128 << 20,
        }
    }
}

impl SinkConfig {
    /// Worker `worker` of copy `ordinal` of the sink `group` over `topics`.
    pub fn new(group: impl Into<String>, ordinal: u32, worker: u32, topics: Vec<String>) -> Self {
        Self {
            group: group.into(),
            ordinal,
            worker,
            topics,
            limits: RangeLimits::default(),
            session_timeout: Duration::from_secs(30),
            poll_interval_max: Duration::from_secs(300),
            retries_max: 10,
            close_timeout: Duration::from_secs(10),
        }
    }

    /// `group.instance.id` and part of the client id.
    pub fn identity(&self) -> String {
        format!("{}-{}-{}", self.group, self.ordinal, self.worker)
    }
}

/// Runs a sink on this thread until `shutdown` is requested. A range in hand is then left to be written
/// by the next member, with the same token.
pub fn run<S: RangeSink + ?Sized>(
    kafka: &KafkaConfig,
    config: &SinkConfig,
    sink: &mut S,
    observer: &dyn Observer,
    shutdown: &Shutdown,
) -> Result<(), SinkError> {
    let setting = Setting { kafka, config, observer, shutdown };
    let (mut attempts, mut fences) = (0, Fences::default());
    loop {
        let trouble = match session::run(&setting, sink, &mut attempts) {
            Ok(()) => return Ok(()),
            Err(Stop::Final(error)) => return Err(error),
            Err(Stop::Restart(trouble)) => trouble,
            Err(Stop::Fenced) if fences.tolerable(Instant::now()) => {
                Trouble::new("SP-1504", "the group took this member for a second one and fenced it")
            }
            Err(Stop::Fenced) => return Err(SinkError::Fenced { identity: config.identity() }),
        };
        attempts += 1;
        if attempts > config.retries_max {
            return Err(SinkError::GaveUp { attempts, last: trouble });
        }
        observer.trouble(&trouble);
        let most = Duration::from_secs(10);
        if shutdown.pause(backoff(attempts, Duration::from_millis(200), most, rand::random())) {
            return Ok(());
        }
    }
}
