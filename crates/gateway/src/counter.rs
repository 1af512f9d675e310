//! The counter at which requests ask for receipts. Asking the log blocks, so one thread does it for all
//! requests; requests wait without one. Behind a trait small enough to stand in for it.

mod clerk;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use saphan_codec::SchemaIds;
use saphan_kafka::{KafkaConfig, Trouble};
use saphan_ops::Metrics;
use tokio::sync::oneshot;

use self::clerk::{Ask, Clerk};
use crate::desk::{Desk, DeskNames};
use crate::receipt::{Places, Receipt, Sent};

/// Questions that wait for the thread; more are told to come back.
const QUESTIONS_MAX: usize = 128;
/// Longest wait for the thread beyond what was asked for: brokers that do not answer hold it up.
const GRACE: Duration = Duration::from_secs(5);

/// What became of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It stands in the patient log.
    Stands(Receipt),
    /// Admit has not decided about it yet.
    NotYet,
    /// Admit has decided, and it is no change of consent (any more).
    SetAside,
    /// The facility sent nothing of the kind.
    Unknown,
}

/// Why there is no answer now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untold {
    /// Too many ask.
    Busy,
    /// The log does not answer in time.
    Late,
    /// The log cannot be asked.
    Trouble(Trouble),
}

/// An answer, once it is known.
pub type Asking<T> = Pin<Box<dyn Future<Output = Result<T, Untold>> + Send>>;

/// Tells what became of withdrawals.
pub trait Receipts: Send + Sync + 'static {
    /// The offset of `consent.revoked.v1` from which on admit tells what is appended from now on.
    fn told_end(&self) -> Asking<i64>;
    /// What became of a withdrawal that was just appended; waits for it this long at most.
    fn awaited(&self, sent: Sent, patience: Duration) -> Asking<Found>;
    /// What became of a withdrawal that `facility` says it sent.
    fn sent(&self, sent: Sent, facility: &str) -> Asking<Found>;
    /// Does a withdrawal of `facility` stand there, and is it in force?
    fn at(&self, places: Places, facility: &str) -> Asking<Found>;
}

/// The counter over the log.
pub struct Counter(SyncSender<Ask>);

impl Counter {
    /// Starts the thread; it ends with the last counter.
    pub fn start(
        kafka: &KafkaConfig,
        names: DeskNames,
        ids: Arc<SchemaIds>,
        metrics: Metrics,
    ) -> Result<Self, Trouble> {
        let desk = Desk::open(kafka, names, ids)?;
        let (asks, asked) = sync_channel(QUESTIONS_MAX);
        let clerk = Clerk::new(desk, metrics);
        std::thread::Builder::new()
            .name("gateway-receipts".to_owned())
            .spawn(move || clerk.run(&asked))
            .map_err(|it| Trouble::new("SP-1247", format!("no thread for receipts: {it}")))?;
        Ok(Self(asks))
    }

    fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        question: impl FnOnce(oneshot::Sender<Result<T, Untold>>) -> Ask,
    ) -> Asking<T> {
        let (answer, answered) = oneshot::channel();
        let asked = self.0.try_send(question(answer)).map_err(|it| match it {
            TrySendError::Full(_) => Untold::Busy,
            TrySendError::Disconnected(_) => Untold::Late,
        });
        Box::pin(async move {
            asked?;
            let answer = tokio::time::timeout(patience + GRACE, answered).await;
            answer.ok().and_then(Result::ok).unwrap_or(Err(Untold::Late))
        })
    }
}

impl Receipts for Counter {
    fn told_end(&self) -> Asking<i64> {
        self.ask(Duration::ZERO, Ask::ToldEnd)
    }

    fn awaited(&self, sent: Sent, patience: Duration) -> Asking<Found> {
        let until = Instant::now() + patience;
        self.ask(patience, |answer| Ask::Awaited { sent, until, answer })
    }

    fn sent(&self, sent: Sent, facility: &str) -> Asking<Found> {
        let facility = facility.to_owned();
        self.ask(Duration::ZERO, |answer| Ask::Sent { sent, facility, answer })
    }

    fn at(&self, places: Places, facility: &str) -> Asking<Found> {
        let facility = facility.to_owned();
        self.ask(Duration::ZERO, |answer| Ask::At { places, facility, answer })
    }
}
