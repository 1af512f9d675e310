//! A real Kafka, schema registry and ClickHouse on one machine, without containers.
//!
//! Owns fetching pinned parts, starting and stopping them, and the embedded ClickHouse with its HTTP
//! interface. For development and tests only: everything listens on loopback, nothing asks for a password.
//! Knows nothing of Saphan's records; no production crate may depend on this one.
//!
//! Tests begin with [`Stack::shared`], or [`Stack::start`] with [`StackOptions::private`] when they kill parts.

mod addresses;
pub mod chdb;
mod clickhouse;
mod dev;
mod error;
mod fetch;
mod health;
mod kafka;
mod layout;
mod part;
pub mod pins;
pub mod ports;
mod process;
pub mod program;
mod registry;
pub mod server;
mod stack;
mod state;

pub use addresses::{Addresses, STACK_VARIABLE};
pub use dev::{Dev, PartState, PartStatus, Progress, Status, UpOptions};
pub use error::DevstackError;
pub use layout::{CACHE_VARIABLE, Layout, tail};
pub use part::Part;
pub use stack::{Stack, StackOptions};
