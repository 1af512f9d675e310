//! The whole platform on one machine, with a synthetic province: what the demo, the checks, the bench and
//! the end-to-end tests have in common.

pub mod bench;
pub mod board;
pub mod check;
pub mod child;
pub mod clickhouse;
pub mod feed;
pub mod interrupt;
pub mod log;
pub mod platform;
pub mod scenario;
pub mod senders;
pub mod settle;
pub mod soak;
pub mod storm;
pub mod terminal;
