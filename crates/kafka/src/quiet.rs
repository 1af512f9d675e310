//! A consumer's context that leaves errors to whoever polls. The client would log each of them too, the
//! end of a partition among them, as an error nobody has.

use rdkafka::ClientContext;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;

pub(crate) struct Quiet;

impl ClientContext for Quiet {
    fn error(&self, _: KafkaError, _: &str) {} // the same error also comes out of `poll`
}

impl ConsumerContext for Quiet {}
