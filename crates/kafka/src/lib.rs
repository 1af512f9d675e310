//! The log: consume, transact, commit, rebalance.
//!
//! This crate is the only one that names `rdkafka` and the schema registry's HTTP interface. It moves
//! bytes between topics and keeps the promises of `docs/adr` about them; it must not know what a
//! record means: no event types, no consent, no Avro.
//!
//! | module | owns |
//! |---|---|
//! | [`config`] | how to reach the brokers |
//! | [`record`] | what comes in ([`Record`], [`RecordBuf`]) and what goes out ([`Outbound`]) |
//! | [`processor`] | the trait a stateful stage implements |
//! | [`worker`] | the one loop that drives a [`Processor`] inside Kafka transactions |
//! | [`sink`] | the one loop that drives a [`RangeSink`] by planned ranges |
//! | [`producer`] | plain idempotent sending |
//! | [`renewing`] | the same for years: a producer that is replaced when it gives up |
//! | [`reader`] | reading without a group: ranges, whole topics, tails |
//! | [`admin`] | topics and consumer groups |
//! | [`registry`] | the schema registry |
//! | [`frame`] | magic byte and schema id before a value |

pub mod admin;
pub mod backoff;
pub mod config;
pub mod failure;
pub mod frame;
mod group;
pub mod observer;
mod offsets;
mod partitioner;
mod probe;
pub mod processor;
pub mod producer;
mod quiet;
pub mod reader;
pub mod record;
pub mod registry;
pub mod renewing;
pub mod shutdown;
pub mod sink;
pub mod worker;

pub use admin::{Admin, Created, GroupPosition, TopicSpec, TopicState};
pub use config::{KafkaConfig, Secret, Security};
pub use failure::{Failure, Trouble};
pub use observer::{AbortCause, Observer, RecycleReason, Silent};
pub use partitioner::partition_of;
pub use probe::Isolation;
pub use processor::Processor;
pub use producer::{Compression, Delivery, Position, Producer, ProducerLimits, SendError};
pub use reader::{Bounds, Reader, Tail, TailFrom};
pub use record::{Header, Headers, Key, Outbound, Record, RecordBuf};
pub use registry::{Compatibility, Level, Registry, RegistryConfig, RegistryError};
pub use renewing::Renewing;
pub use shutdown::Shutdown;
pub use sink::{Plan, RangeLimits, RangeSink, SinkConfig, SinkError};
pub use worker::{BatchLimits, WorkerConfig, WorkerError};
