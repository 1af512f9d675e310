//! Plain idempotent sending, for parts that append without reading: each record is acknowledged by all
//! in-sync replicas before its result is `Ok`. Bounded: a full buffer refuses at once.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header as NativeHeader, Message as _, OwnedHeaders};
use rdkafka::producer::{
    BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer,
};
use serde::Deserialize;

use crate::config::KafkaConfig;
use crate::failure::Trouble;
use crate::group::describe;
use crate::record::{Header, Outbound};

/// Sends records; cheap to share by reference between threads.
pub struct Producer {
    inner: ThreadedProducer<SendContext>,
}

/// Bounds and trade-offs of a producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerLimits {
    /// Records waiting for the broker before `send` refuses.
    pub queue_records: u32,
    /// Kilobytes waiting for the broker before `send` refuses.
    pub queue_kbytes: u32,
    /// Longest time from `send` to a result.
    pub delivery_timeout: Duration,
    /// How long the client gathers records for one request.
    pub linger: Duration,
    /// Largest record the client accepts, in bytes.
    pub record_bytes_max: u32,
    /// Compression of what is produced.
    pub compression: Compression,
}

/// Compression of record batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// None.
    None,
    /// LZ4, built into the client.
    #[default]
    Lz4,
}

/// Where a record was appended: the receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Partition of the topic.
    pub partition: i32,
    /// Offset in the partition.
    pub offset: i64,
}

/// Why a record was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The buffer is full or the brokers do not answer; sending the record again later is right. The
    /// record may have been appended all the same.
    #[error("{0}")]
    Retriable(Trouble),
    /// This record can never be appended (too large, unknown topic, not allowed).
    #[error("{0}")]
    Refused(Trouble),
    /// The producer cannot be used any more; [`crate::Renewing`] makes a new one.
    #[error("{0}")]
    Fatal(Trouble),
}

/// The results of one batch, in the order of its records. Await it, or [`Delivery::wait`] for it.
#[must_use = "records count as sent only once their results are known"]
pub struct Delivery(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    done: Condvar,
}

struct State {
    results: Vec<Result<Position, SendError>>,
    open: usize,
    waker: Option<Waker>,
}

/// Travels with a record through the client.
struct Ticket {
    shared: Arc<Shared>,
    index: usize,
}

struct SendContext;

impl Default for ProducerLimits {
    fn default() -> Self {
        Self {
            queue_records: 100_000,
            queue_kbytes: 131_072,
            delivery_timeout: Duration::from_secs(20),
            linger: Duration::from_millis(2),
            record_bytes_max: 1_000_000,
            compression: Compression::Lz4,
        }
    }
}

impl Compression {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Lz4 => "lz4",
        }
    }
}

impl Producer {
    /// Creates a producer; `part` distinguishes it from other clients of this process. Connects lazily.
    pub fn new(kafka: &KafkaConfig, part: &str, limits: &ProducerLimits) -> Result<Self, Trouble> {
        let inner = kafka
            .client(part)
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // One request at a time. The client takes a later batch's success for proof that an earlier one
            // was appended, but a broker that knows nothing yet of this producer takes any sequence first:
            // the earlier batch is then confirmed and lost.
            .set("max.in.flight.requests.per.connection", "1")
            .set("partitioner", "murmur2_random")
            .set("compression.type", limits.compression.as_str())
            // Topics exist before they are used; an unknown one need not be waited for.
            .set("topic.metadata.propagation.max.ms", "5000")
            .set("linger.ms", limits.linger.as_millis().to_string())
            .set("message.timeout.ms", limits.delivery_timeout.as_millis().to_string())
            .set("message.max.bytes", limits.record_bytes_max.to_string())
            .set("queue.buffering.max.messages", limits.queue_records.to_string())
            .set("queue.buffering.max.kbytes", limits.queue_kbytes.to_string())
            .create_with_context(SendContext)
            .map_err(|it| Trouble::new("SP-1501", describe(&it)))?;
        Ok(Self { inner })
    }

    /// Hands a batch to the client. Never blocks: records that do not fit in the buffer fail at once
    /// with [`SendError::Retriable`]. Records of one partition are appended in this order.
    pub fn send(&self, batch: Vec<Outbound>) -> Delivery {
        let pending = || Err(SendError::Retriable(Trouble::new("SP-1510", "not yet answered")));
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                results: batch.iter().map(|_| pending()).collect(),
                open: batch.len(),
                waker: None,
            }),
            done: Condvar::new(),
        });
        for (index, outbound) in batch.iter().enumerate() {
            let ticket = Box::new(Ticket { shared: Arc::clone(&shared), index });
            let mut record = BaseRecord::<[u8], [u8], _>::with_opaque_to(&outbound.topic, ticket);
            record.partition = outbound.partition;
            record.key = outbound.key.as_deref();
            record.payload = outbound.value.as_deref();
            record.headers = native_headers(&outbound.headers);
            if let Err((error, record)) = self.inner.send(record) {
                record.delivery_opaque.answer(Err(SendError::of(&error)));
            }
        }
        Delivery(shared)
    }

    /// True once the client gave up: it then fails every record with [`SendError::Fatal`], for ever.
    pub fn is_spent(&self) -> bool {
        self.inner.client().fatal_error().is_some()
    }

    /// Waits until every record handed over has its result, for at most `timeout`.
    pub fn flush(&self, timeout: Duration) -> Result<(), SendError> {
        self.inner.flush(timeout).map_err(|it| SendError::of(&it))
    }
}

impl Delivery {
    /// Blocks for at most `timeout`; results still missing then are [`SendError::Retriable`].
    pub fn wait(self, timeout: Duration) -> Vec<Result<Position, SendError>> {
        let deadline = Instant::now() + timeout;
        let mut state = self.0.lock();
        while state.open > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.0.done.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::take(&mut state.results)
    }
}

impl Future for Delivery {
    type Output = Vec<Result<Position, SendError>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.lock();
        if state.open == 0 {
            return Poll::Ready(std::mem::take(&mut state.results));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    fn answer(self, result: Result<Position, SendError>) {
        let mut state = self.shared.lock();
        if let Some(slot) = state.results.get_mut(self.index) {
            *slot = result;
        }
        state.open -= 1;
        if state.open == 0 {
            self.shared.done.notify_all();
            if let Some(waker) = state.waker.take() {
                drop(state);
                waker.wake();
            }
        }
    }
}

impl ClientContext for SendContext {
    fn error(&self, _: KafkaError, _: &str) {} // every error also ends in a record's result
}

impl ProducerContext for SendContext {
    type DeliveryOpaque = Box<Ticket>;

    fn delivery(&self, result: &DeliveryResult<'_>, ticket: Box<Ticket>) {
        ticket.answer(match result {
            Ok(it) => Ok(Position { partition: it.partition(), offset: it.offset() }),
            Err((error, _)) => Err(SendError::of(error)),
        });
    }
}

impl SendError {
    /// The coded sentence.
    pub fn trouble(&self) -> &Trouble {
        match self {
            SendError::Retriable(it) | SendError::Refused(it) | SendError::Fatal(it) => it,
        }
    }

    /// True when sending again later is right.
    pub fn is_retriable(&self) -> bool {
        matches!(self, SendError::Retriable(_))
    }

    fn of(error: &KafkaError) -> Self {
        use RDKafkaErrorCode as Code;
        let text = describe(error);
        match error.rdkafka_error_code() {
            Some(Code::Fatal | Code::Fenced | Code::OutOfOrderSequenceNumber) => {
                SendError::Fatal(Trouble::new("SP-1511", text))
            }
            Some(
                Code::MessageSizeTooLarge
                | Code::InvalidMessageSize
                | Code::UnknownTopic
                | Code::UnknownPartition
                | Code::UnknownTopicOrPartition
                | Code::TopicAuthorizationFailed
                | Code::InvalidTopic
                | Code::InvalidRecord
                | Code::PolicyViolation,
            ) => SendError::Refused(Trouble::new("SP-1512", text)),
            _ => SendError::Retriable(Trouble::new("SP-1510", text)),
        }
    }
}

pub(crate) fn native_headers(headers: &[Header]) -> Option<OwnedHeaders> {
    if headers.is_empty() {
        return None;
    }
    let empty = OwnedHeaders::new_with_capacity(headers.len());
    Some(headers.iter().fold(empty, |all, it| {
        all.insert(NativeHeader { key: &it.name, value: Some(&it.value[..]) })
    }))
}
