//! The sender: carries the outbox to the gateway, for as long as it takes.
//!
//! Being offline for weeks is normal: connection trouble and "come back later" are waited out with a
//! bounded, jittered back-off and without end. A refused token or a wrong address is not, since no
//! waiting mends it; but an address where the gateway has answered before is not wrong: whoever answers
//! there in its place, a proxy or a portal that wants a log-in, is waited out. A submission leaves the outbox only when the gateway has answered for it, and in
//! the order of handing over, so that a correction never overtakes what it corrects.

mod error;
mod http;
mod reply;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use saphan_model::limits;

pub use self::error::SenderError;
use self::http::Gateway;
pub use self::http::WhoAmI;
use self::reply::{Reply, Trouble, Verdict};
use crate::outbox::{Answer, Outbox, Stats, Waiting};

/// Longest pause the gateway may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
const LOCK_FILE: &str = "sender.lock";

/// Reads the facility's token anew for each request, so that it can be replaced while running.
pub type TokenSource = Box<dyn Fn() -> Result<String, String> + Send>;

/// How to send. Start from [`SenderConfig::new`].
#[derive(Clone, Debug)]
pub struct SenderConfig {
    /// Address of the gateway, without a path. `https`, or `http` to this machine itself.
    pub gateway_url: String,
    /// PEM file of the authority that signed the gateway's certificate; the public ones when not set.
    pub ca_file: Option<std::path::PathBuf>,
    /// Most submissions of one request.
    pub batch_events_max: usize,
    /// Most bytes of one request.
    pub batch_bytes_max: usize,
    /// Longest time for one request with its answer.
    pub request_timeout: Duration,
    /// Pause after the first failure; doubles with each further one.
    pub pause_first: Duration,
    /// Longest pause.
    pub pause_max: Duration,
    /// How often an empty outbox is looked at again.
    pub poll: Duration,
}

impl SenderConfig {
    /// Settings that suit a facility's line.
    pub fn new(gateway_url: impl Into<String>) -> Self {
        Self {
            gateway_url: gateway_url.into(),
            ca_file: None,
            batch_events_max: 1_000,
            batch_bytes_max: 2 * 1024 * 1024,
            request_timeout: Duration::from_secs(90),
            pause_first: Duration::from_secs(1),
            pause_max: Duration::from_secs(300),
            poll: Duration::from_secs(1),
        }
    }
}

/// When [`Sender::drain`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// As soon as nothing waits.
    Empty,
    /// Only when asked to stop.
    Stopped,
}

/// Why [`Sender::drain`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Nothing waits any more.
    Empty,
    /// Asked to stop; the rest stays in the outbox.
    Stopped,
}

/// What happened, for the screen and the metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The gateway answered for submissions.
    Answered {
        /// Taken by the centre.
        accepted: u64,
        /// Kept aside in the outbox.
        refused: u64,
        /// The outbox afterwards.
        stats: Stats,
    },
    /// Nothing was answered; sending goes on after a pause.
    Paused {
        /// What was in the way, for people; no personal data.
        reason: String,
        /// False when the gateway could not be reached at all.
        reached: bool,
        /// How long.
        pause: Duration,
    },
}

/// Sends one facility's outbox.
pub struct Sender {
    gateway: Gateway,
    /// The gateway has answered at its address.
    met: bool,
    config: SenderConfig,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Sender {
    /// Checks the settings; connects later.
    pub fn new(config: SenderConfig, token: TokenSource) -> Result<Self, SenderError> {
        let gateway = Gateway::new(&config, token)?;
        let batch_events_max = config.batch_events_max.clamp(1, limits::GATEWAY_BATCH_EVENTS_MAX);
        Ok(Self { gateway, met: false, config: SenderConfig { batch_events_max, ..config } })
    }

    /// Asks the gateway whose token this is: the connection test after an installation.
    pub fn check(&self) -> Result<WhoAmI, SenderError> {
        self.gateway.whoami()
    }

    /// Sends until the outbox is empty or `pause` says to stop. `pause` waits for the time given, or
    /// less, and returns true when the sender shall stop. One sender at a time works on an outbox.
    pub fn drain(
        &mut self,
        outbox: &mut Outbox,
        until: Until,
        pause: &dyn Fn(Duration) -> bool,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Drained, SenderError> {
        let _lock = lock(outbox.folder())?;
        let mut events_max = self.config.batch_events_max;
        let mut failures = 0;
        loop {
            if pause(Duration::ZERO) {
                return Ok(Drained::Stopped);
            }
            let batch = outbox.peek(events_max, self.config.batch_bytes_max)?;
            if batch.is_empty() {
                if until == Until::Empty {
                    return Ok(Drained::Empty);
                }
                pause(self.config.poll);
                continue;
            }
            let ids: Vec<i64> = batch.iter().map(|it| it.id).collect();
            let trouble = match self.send(batch)? {
                Reply::Answered(verdicts) => {
                    self.met = true;
                    let later = settle(outbox, &ids, verdicts, progress)?;
                    events_max = (events_max * 2).min(self.config.batch_events_max);
                    later
                }
                Reply::TooMuch if ids.len() > 1 => {
                    events_max = ids.len() / 2;
                    continue;
                }
                Reply::TooMuch => {
                    let remedy = "the gateway does not take a submission of this size; \
                                  send documents by reference";
                    let (code, remedy) = ("SP-1206".to_owned(), remedy.to_owned());
                    settle(outbox, &ids, vec![Verdict::Refused { code, remedy }], progress)?
                }
                Reply::TooSlow(trouble) => {
                    events_max = (ids.len() / 2).max(1);
                    Some(trouble)
                }
                Reply::Later(trouble) => Some(trouble),
                Reply::Stranger { status } if self.met => {
                    let reason =
                        format!("something else answers in the gateway's place (status {status})");
                    Some(Trouble::unreachable(reason))
                }
                Reply::Stranger { status } => return Err(self.gateway.stranger(status)),
            };
            let Some(trouble) = trouble else {
                failures = 0;
                continue;
            };
            failures += 1;
            let wait = self.pause_after(failures, trouble.after);
            let reason = trouble.reason;
            progress(Progress::Paused { reason, reached: trouble.reached, pause: wait });
            pause(wait);
        }
    }

    fn send(&self, batch: Vec<Waiting>) -> Result<Reply, SenderError> {
        self.gateway.submit(batch.into_iter().map(|it| it.submission.into_bytes()).collect())
    }

    /// Grows by doubling to the maximum, shortened by up to half so that ten thousand facilities do
    /// not come back in one moment; never shorter than the gateway asked for.
    fn pause_after(&self, failures: u32, asked: Option<Duration>) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1).min(20));
        let ceiling = self.config.pause_first.saturating_mul(doubled).min(self.config.pause_max);
        let drawn = ceiling.mul_f64(1.0 - rand::random::<f64>() / 2.0);
        drawn.max(asked.unwrap_or_default().min(RETRY_AFTER_MAX))
    }
}

/// Carries out the answers before the first "later": what stands behind it is sent again with it, so
/// that the order holds.
fn settle(
    outbox: &mut Outbox,
    ids: &[i64],
    verdicts: Vec<Verdict>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Trouble>, SenderError> {
    let (mut answers, mut refused, mut later) = (Vec::with_capacity(ids.len()), 0, None);
    for (id, verdict) in ids.iter().zip(verdicts) {
        match verdict {
            Verdict::Accepted => answers.push((*id, Answer::Accepted)),
            Verdict::Refused { code, remedy } => {
                refused += 1;
                answers.push((*id, Answer::Refused { code, remedy }));
            }
            Verdict::Later(trouble) => {
                later = Some(trouble);
                break;
            }
        }
    }
    if !answers.is_empty() {
        outbox.settle(&answers)?;
        let accepted = u64::try_from(answers.len()).unwrap_or(u64::MAX) - refused;
        progress(Progress::Answered { accepted, refused, stats: outbox.stats()? });
    }
    Ok(later)
}

/// Two senders would interleave a facility's submissions; the system drops the lock with the process.
fn lock(folder: &Path) -> Result<File, SenderError> {
    let path = folder.join(LOCK_FILE);
    let failed = |cause: std::io::Error| SenderError::Lock {
        path: path.display().to_string(),
        reason: cause.to_string(),
    };
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(SenderError::Busy { path: path.display().to_string() })
        }
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}

#[cfg(test)]
mod tests;
