//! The tables: migrations, idempotent batches, one typed query per file.
//!
//! This crate owns ClickHouse: no other crate names its client. It must not know Kafka (a batch
//! arrives as rows and a token), bytes of the log (a row keeps them as they are), or pages.

mod config;
mod failure;
mod insert;
mod migrate;
pub mod query;
pub mod row;
mod rowbinary;
mod store;

pub use config::{StoreConfig, StoreConfigError};
pub use failure::{Failure, QueryError};
pub use insert::{InsertError, Inserts};
pub use migrate::MigrateError;
pub use store::Store;
