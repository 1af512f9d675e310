//! The transactional producer of one worker. Owns the traps of committing through librdkafka: drain
//! before commit, and a fresh producer after anything whose effect is unknown,
//! because a late end-of-transaction request could otherwise hit a later transaction.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
use rdkafka::util::Timeout;
use rdkafka::{ClientContext, Message as _, TopicPartitionList};

use super::WorkerConfig;
use crate::config::KafkaConfig;
use crate::failure::Trouble;
use crate::group::{describe, left};
use crate::processor::Placed;
use crate::producer::native_headers;
use crate::record::Outbound;

const INIT_TIMEOUT: Duration = Duration::from_secs(30);
const ABORT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long after its time a call is given up.
const POSITIONS_MARGIN: Duration = Duration::from_secs(1);
/// Records and kilobytes the client buffers before `send` waits.
const QUEUE_RECORDS: &str = "500000";
const QUEUE_KBYTES: &str = "262144";

/// Records sent between two looks at what the broker answered.
const LOOK_EVERY: u32 = 128;
/// How long one look waits where there is nothing else to do.
const LOOK: Duration = Duration::from_millis(1);

pub(super) struct TxnProducer {
    /// Served by the worker's own thread: a record is then made and dropped on one thread.
    producer: Arc<BaseProducer<TxnContext>>,
    sent: Cell<u32>,
    timeout: Duration,
    /// A commit slower than this may hide a repeated request.
    slow: Duration,
}

/// What a finished commit leaves behind.
pub(super) struct Finished {
    pub elapsed: Duration,
    /// The producer must be replaced before the next transaction.
    pub slow: bool,
}

/// Why a transaction did not finish.
#[derive(Debug)]
pub(super) enum TxnError {
    /// It is certainly not committed.
    Open(Trouble),
    /// Only the group's committed positions tell whether it is committed.
    Unknown(Trouble),
}

#[derive(Default)]
struct TxnContext {
    failed: Mutex<Option<String>>,
    placed: Mutex<Vec<Placed>>,
    answered: AtomicU32,
}

impl ClientContext for TxnContext {
    fn error(&self, _: KafkaError, _: &str) {} // every error also comes out of a call
}

impl ProducerContext for TxnContext {
    /// The record's mark; 0 for none.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, mark: usize) {
        use RDKafkaErrorCode::{PurgeInflight, PurgeQueue};
        self.answered.fetch_add(1, Ordering::Relaxed);
        match result {
            // An abort drops what is queued; its reports may arrive in the next transaction.
            Err((error, _))
                if matches!(error.rdkafka_error_code(), Some(PurgeInflight | PurgeQueue)) => {}
            Err((error, _)) => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert_with(|| describe(error));
            }
            // The client takes a later batch's success for proof that this one was appended. A broker
            // that knows nothing yet of this producer takes any sequence first, and it was not.
            Ok(message) if message.offset() < 0 => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert_with(|| "a record was confirmed without its place".to_owned());
            }
            Ok(message) => {
                let mark = u32::try_from(mark).ok().and_then(NonZeroU32::new);
                let Some(mark) = mark else { return };
                self.placed.lock().unwrap_or_else(PoisonError::into_inner).push(Placed {
                    mark,
                    partition: message.partition(),
                    offset: message.offset(),
                    append_time_ms: message.timestamp().to_millis().unwrap_or(0),
                });
            }
        }
    }
}

impl TxnProducer {
    /// Creates the producer and ends whatever a predecessor with the same identity left open.
    pub fn open(kafka: &KafkaConfig, config: &WorkerConfig) -> Result<Self, Trouble> {
        let socket_timeout = config.transaction_timeout.mul_f64(2.0 / 3.0);
        let producer: BaseProducer<TxnContext> = settings(kafka, config, socket_timeout)
            .create_with_context(TxnContext::default())
            .map_err(|it| trouble(&it))?;
        let deadline = Instant::now() + INIT_TIMEOUT;
        loop {
            match producer.init_transactions(left(deadline)) {
                Ok(()) => break,
                Err(error) if retriable(&error) && Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(100));
                }
                Err(error) => return Err(trouble(&error)),
            }
        }
        Ok(Self {
            producer: Arc::new(producer),
            sent: Cell::new(0),
            timeout: config.transaction_timeout,
            slow: socket_timeout,
        })
    }

    pub fn begin(&self) -> Result<(), TxnError> {
        self.producer.begin_transaction().map_err(|it| TxnError::Open(trouble(&it)))
    }

    /// Hands one record to the client; waits while its buffer is full.
    pub fn send(&self, outbound: &Outbound) -> Result<(), TxnError> {
        let mark = outbound.mark.map_or(0, |it| it.get() as usize);
        let mut record = BaseRecord::<[u8], [u8], usize>::with_opaque_to(&outbound.topic, mark);
        record.partition = outbound.partition;
        record.key = outbound.key.as_deref();
        record.payload = outbound.value.as_deref();
        record.headers = native_headers(&outbound.headers);
        self.look_now_and_then();
        let mut deadline = None;
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back))
                    if Instant::now()
                        < *deadline.get_or_insert_with(|| Instant::now() + self.timeout) =>
                {
                    record = back;
                    self.producer.poll(LOOK);
                }
                Err((error, _)) => return Err(TxnError::Open(trouble(&error))),
            }
        }
    }

    /// Takes the answers there are, so that what is confirmed does not pile up.
    fn look_now_and_then(&self) {
        let sent = self.sent.get().wrapping_add(1);
        self.sent.set(sent);
        if sent.is_multiple_of(LOOK_EVERY) {
            self.take_answers();
        }
    }

    fn take_answers(&self) {
        let answered = &self.producer.context().answered;
        loop {
            let before = answered.load(Ordering::Relaxed);
            self.producer.poll(Duration::ZERO);
            if answered.load(Ordering::Relaxed) == before {
                break;
            }
        }
    }

    /// Waits for every delivery; where the `marked` records stand, by mark.
    pub fn places(&self, marked: usize) -> Result<Vec<Placed>, TxnError> {
        self.drain(Instant::now() + self.timeout * 2)?;
        self.check_deliveries()?;
        let mut placed = std::mem::take(&mut *self.placed());
        placed.sort_unstable_by_key(|it| it.mark);
        placed.dedup_by_key(|it| it.mark);
        // The client does not know the offset of a record whose first answer was lost.
        if placed.len() != marked || placed.iter().any(|it| it.offset < 0) {
            let text = "the client does not know where a record was appended";
            return Err(TxnError::Open(Trouble::new("SP-1507", text)));
        }
        Ok(placed)
    }

    /// Waits for every delivery, adds the positions, commits.
    pub fn finish(
        &self,
        positions: TopicPartitionList,
        member: ConsumerGroupMetadata,
    ) -> Result<Finished, TxnError> {
        let started = Instant::now();
        self.drain(started + self.timeout * 2)?;
        self.check_deliveries()?;
        let hidden_retry = self.add_positions(positions, member)?;
        let committing = Instant::now();
        match self.producer.commit_transaction(Timeout::After(self.timeout * 2)) {
            Ok(()) => Ok(Finished {
                elapsed: started.elapsed(),
                slow: hidden_retry || committing.elapsed() > self.slow,
            }),
            Err(error @ KafkaError::Flush(_)) => Err(TxnError::Open(trouble(&error))),
            Err(error) => Err(TxnError::Unknown(trouble(&error))),
        }
    }

    /// Adds the positions to the transaction; true if that took more than one attempt.
    ///
    /// The client does not keep the time it is given: when the coordinator of the group has left the cluster
    /// it waits until some other broker comes or goes (librdkafka 5456 and 5511). A call that outlasts its
    /// time is left to a thread of its own, with the client it waits in. The producer that takes this one's
    /// place fences whatever it may still send.
    fn add_positions(
        &self,
        positions: TopicPartitionList,
        member: ConsumerGroupMetadata,
    ) -> Result<bool, TxnError> {
        let (producer, timeout) = (Arc::clone(&self.producer), self.timeout);
        let (answer, answered) = sync_channel(1);
        let call = move || {
            let add = || producer.send_offsets_to_transaction(&positions, &member, timeout);
            let mut added = add();
            let mut attempts = 1;
            while added.as_ref().is_err_and(retriable) && attempts < 3 {
                (added, attempts) = (add(), attempts + 1);
            }
            let _ = answer.send(added.map(|()| attempts > 1));
        };
        let adding = thread::Builder::new().name("kafka-positions".to_owned()).spawn(call);
        let no_answer = "the client does not answer about the group's positions";
        match adding.map(|_| answered.recv_timeout(timeout + POSITIONS_MARGIN)) {
            Ok(Ok(added)) => added.map_err(|it| TxnError::Open(trouble(&it))),
            Ok(Err(_)) => Err(TxnError::Open(Trouble::new("SP-1507", no_answer))),
            Err(error) => Err(TxnError::Open(Trouble::new("SP-1507", error.to_string()))),
        }
    }

    /// Aborts. An error means the producer must be replaced.
    ///
    /// The client itself drops what is queued and waits for what is under way; purging the latter by
    /// hand leaves gaps in the sequence that stall the next transaction. Its wait ends once the delivery
    /// reports are taken, which is this thread's part.
    pub fn abort(&self) -> Result<(), Trouble> {
        let producer = &self.producer;
        let aborted = thread::scope(|scope| {
            let aborting = scope.spawn(|| producer.abort_transaction(ABORT_TIMEOUT));
            while !aborting.is_finished() {
                producer.poll(LOOK);
            }
            aborting.join().expect("a call into the client does not panic")
        })
        .map_err(|it| trouble(&it));
        *self.failed() = None;
        self.placed().clear();
        aborted
    }

    /// `commit_transaction` waits 100 ms per call while anything is outstanding, so wait here first.
    fn drain(&self, deadline: Instant) -> Result<(), TxnError> {
        while self.producer.in_flight_count() > 0 {
            if Instant::now() > deadline {
                let text = "records were not acknowledged within the transaction's time";
                return Err(TxnError::Open(Trouble::new("SP-1507", text)));
            }
            self.take_answers();
            thread::sleep(LOOK / 2);
        }
        Ok(())
    }

    fn check_deliveries(&self) -> Result<(), TxnError> {
        match self.failed().take() {
            None => Ok(()),
            Some(text) => Err(TxnError::Open(Trouble::new("SP-1507", text))),
        }
    }

    fn failed(&self) -> MutexGuard<'_, Option<String>> {
        self.producer.context().failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn placed(&self) -> MutexGuard<'_, Vec<Placed>> {
        self.producer.context().placed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TxnError {
    pub fn into_trouble(self) -> Trouble {
        match self {
            TxnError::Open(trouble) | TxnError::Unknown(trouble) => trouble,
        }
    }
}

fn settings(kafka: &KafkaConfig, config: &WorkerConfig, socket_timeout: Duration) -> ClientConfig {
    let mut it = kafka.client(&format!("{}-producer", config.identity()));
    it.set("transactional.id", config.identity())
        .set("transaction.timeout.ms", config.transaction_timeout.as_millis().to_string())
        .set("message.timeout.ms", config.transaction_timeout.as_millis().to_string())
        .set("socket.timeout.ms", socket_timeout.as_millis().to_string())
        // Java's partitioner; librdkafka's own default sends equal keys elsewhere.
        .set("partitioner", "murmur2_random")
        .set("compression.type", config.compression.as_str())
        // Records come in bursts; whatever this waits is waited before every commit.
        .set("linger.ms", "2")
        // Topics exist before they are used; an unknown one need not be waited for.
        .set("topic.metadata.propagation.max.ms", "5000")
        .set("batch.num.messages", "20000")
        .set("queue.buffering.max.messages", QUEUE_RECORDS)
        .set("queue.buffering.max.kbytes", QUEUE_KBYTES)
        // Also of success: only a place proves that a record was appended.
        .set("delivery.report.only.error", "false");
    it
}

fn retriable(error: &KafkaError) -> bool {
    matches!(error, KafkaError::Transaction(it) if it.is_retriable())
}

fn trouble(error: &KafkaError) -> Trouble {
    Trouble::new("SP-1507", describe(error))
}
