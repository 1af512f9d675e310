//! The real parts, started on free ports: what they keep, what they survive, what clients get.
//!
//! The first run downloads the parts into the repository's `.dev/cache`.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "the helpers of tests are tests")]

#[path = "live/brokers.rs"]
mod brokers;
#[path = "live/clickhouse.rs"]
mod clickhouse;
#[path = "live/clients.rs"]
mod clients;
#[path = "live/lifecycle.rs"]
mod lifecycle;
