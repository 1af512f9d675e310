//! The promises of this crate on a real Kafka and registry: started for the run, or attached to.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests may panic and talk")]

mod child;
mod coordinator;
mod faults;
mod hanging;
mod plain;
mod registry;
mod sink;
mod stage;
mod stranded;
mod support;
mod worker;
