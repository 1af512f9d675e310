//! The promises of this crate on a real Kafka and registry: started for the run, or attached to.

mod child;
mod plain;
mod registry;
mod sink;
mod stage;
mod support;
mod worker;
