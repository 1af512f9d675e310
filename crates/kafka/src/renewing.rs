//! A producer for a process that runs for months: when the client gives up (SP-1511), another takes its
//! place. Owns when that happens. What the old one still held has failed and is its sender's to repeat.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::backoff::backoff;
use crate::config::KafkaConfig;
use crate::failure::Trouble;
use crate::observer::{Observer, RecycleReason};
use crate::producer::{Delivery, Producer, ProducerLimits};
use crate::record::Outbound;

/// Brokers that end every producer at once must not make this a busy loop.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// One that lasted so long was no part of a run of failures.
const LASTED: Duration = Duration::from_secs(60);

/// Sends records through a producer that is replaced when it gives up; cheap to share by reference.
pub struct Renewing {
    make: Box<dyn Fn() -> Result<Producer, Trouble> + Send + Sync>,
    observer: Arc<dyn Observer>,
    state: Mutex<State>,
    pause: fn(u32) -> Duration,
}

struct State {
    producer: Arc<Producer>,
    made: Instant,
    /// Producers in a row that did not last.
    short_lived: u32,
}

impl Renewing {
    /// Creates the first producer, as [`Producer::new`] does; `observer` is told of every other.
    pub fn new(
        kafka: &KafkaConfig,
        part: &str,
        limits: &ProducerLimits,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, Trouble> {
        let (kafka, part, limits) = (kafka.clone(), part.to_owned(), *limits);
        let make = move || Producer::new(&kafka, &part, &limits);
        let producer = Arc::new(make()?);
        let state = Mutex::new(State { producer, made: Instant::now(), short_lived: 0 });
        Ok(Self { make: Box::new(make), observer, state, pause })
    }

    /// As [`Producer::send`]. A batch that meets a producer which has given up goes to a new one, or,
    /// while the pause between two of them lasts, fails at once with SP-1511.
    pub fn send(&self, batch: Vec<Outbound>) -> Delivery {
        self.usable().send(batch)
    }

    fn usable(&self) -> Arc<Producer> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let age = state.made.elapsed();
        if !state.producer.is_spent() || age < (self.pause)(state.short_lived) {
            return Arc::clone(&state.producer);
        }
        match (self.make)() {
            Ok(producer) => {
                let old = std::mem::replace(&mut state.producer, Arc::new(producer));
                // Ending a client waits for its threads; nobody who sends has to wait with it.
                thread::spawn(move || drop(old));
                self.observer.producer_recycled(RecycleReason::Fatal);
            }
            Err(trouble) => self.observer.trouble(&trouble),
        }
        state.short_lived = if age < LASTED { state.short_lived.saturating_add(1) } else { 0 };
        state.made = Instant::now();
        Arc::clone(&state.producer)
    }
}

/// The least age of a producer at its replacement, after so many in a row that did not last.
fn pause(short_lived: u32) -> Duration {
    match short_lived {
        0 => Duration::ZERO,
        n => backoff(n, PAUSE_FIRST, PAUSE_MAX, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use rdkafka::mocking::MockCluster;
    use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

    use super::*;
    use crate::producer::{Position, SendError};

    #[derive(Default)]
    struct Counting(AtomicU32);

    impl Observer for Counting {
        fn producer_recycled(&self, reason: RecycleReason) {
            assert_eq!(reason, RecycleReason::Fatal);
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A broker that answers the next requests for appending as if it had lost the sequence.
    fn ends_producers(cluster: &MockCluster<'static, impl rdkafka::ClientContext>, times: usize) {
        let error = RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
        cluster.request_errors(RDKafkaApiKey::Produce, &vec![error; times]);
    }

    fn one() -> Vec<Outbound> {
        vec![Outbound::keyed("t".into(), "k", "v")]
    }

    fn result(delivery: Delivery) -> Result<Position, SendError> {
        delivery.wait(Duration::from_secs(20)).pop().expect("one result")
    }

    #[track_caller]
    fn is_fatal(result: &Result<Position, SendError>) {
        let error = result.as_ref().expect_err("a failure");
        assert!(matches!(error, SendError::Fatal(it) if it.code == "SP-1511"), "{error:?}");
    }

    #[test]
    fn a_producer_that_gave_up_is_replaced_and_the_next_soon_after_it_only_after_a_pause() {
        let cluster = MockCluster::new(1).expect("a broker");
        cluster.create_topic("t", 1, 1).expect("a topic");
        let kafka = KafkaConfig::plaintext(cluster.bootstrap_servers());
        let limits = ProducerLimits::default();

        let plain = Producer::new(&kafka, "plain", &limits).expect("a producer");
        ends_producers(&cluster, 1);
        is_fatal(&result(plain.send(one())));
        assert!(plain.is_spent());
        is_fatal(&result(plain.send(one())));

        let seen = Arc::new(Counting::default());
        let mut renewing = Renewing::new(&kafka, "renewing", &limits, seen.clone()).expect("made");
        // No clock decides here: the second replacement waits as long as the test says.
        renewing.pause = |n| if n == 0 { Duration::ZERO } else { LASTED };
        let replaced = || seen.0.load(Ordering::Relaxed);
        assert!(result(renewing.send(one())).is_ok());
        ends_producers(&cluster, 1);
        is_fatal(&result(renewing.send(one())));
        assert_eq!(replaced(), 0);
        assert!(result(renewing.send(one())).is_ok(), "the first replacement is at once");
        assert_eq!(replaced(), 1);

        ends_producers(&cluster, 1);
        is_fatal(&result(renewing.send(one())));
        is_fatal(&result(renewing.send(one())));
        assert_eq!(replaced(), 1, "the second waits");
        renewing.pause = |_| Duration::ZERO;
        assert!(result(renewing.send(one())).is_ok());
        assert_eq!(replaced(), 2);
    }

    #[test]
    fn pauses_grow_to_half_a_minute() {
        let seconds: Vec<_> = (0..8).map(|it| pause(it).as_secs()).collect();
        assert_eq!(seconds, [0, 1, 2, 4, 8, 16, 30, 30]);
    }
}
