//! Where submissions go: the ingest topic, behind a trait small enough to stand in for it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use saphan_kafka::{Outbound, Position, Renewing, SendError, Trouble};

/// The log's word on one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// All in-sync replicas have it, here.
    At(Position),
    /// Not confirmed; it may have been appended all the same. Sending it again is right.
    Unconfirmed(Trouble),
}

/// An append-only log that values of one facility are appended to in their order.
pub trait Log: Send + Sync + 'static {
    /// Appends values and tells the outcome of each, in their order, after the log has them.
    fn append(&self, facility: &str, values: Vec<Vec<u8>>) -> Appending;
}

/// The outcomes, once they are known.
pub type Appending = Pin<Box<dyn Future<Output = Vec<Appended>> + Send>>;

/// The ingest topic, keyed by facility code so that one facility's submissions keep their order.
pub struct KafkaLog {
    producer: Renewing,
    topic: Arc<str>,
}

impl KafkaLog {
    /// Appends to `topic` through an idempotent producer. A gateway outlives many of them: one that
    /// gave up must not cost more than the batches it held.
    pub fn new(producer: Renewing, topic: impl Into<Arc<str>>) -> Self {
        Self { producer, topic: topic.into() }
    }
}

impl Log for KafkaLog {
    fn append(&self, facility: &str, values: Vec<Vec<u8>>) -> Appending {
        let key = facility.as_bytes();
        let outbound = values
            .into_iter()
            .map(|value| Outbound::keyed(Arc::clone(&self.topic), key, value))
            .collect();
        let delivery = self.producer.send(outbound);
        Box::pin(async move { delivery.await.into_iter().map(outcome).collect() })
    }
}

/// A record the brokers will not take (an unknown topic, a missing right) is the operator's trouble,
/// not the sender's: it stays unconfirmed, so that the facility keeps it.
fn outcome(result: Result<Position, SendError>) -> Appended {
    match result {
        Ok(at) => Appended::At(at),
        Err(error) => Appended::Unconfirmed(error.trouble().clone()),
    }
}
