//! The gateway's interface, over a log in memory that does as each test wants.

mod batches;
mod limits;
mod refusals;
mod revocations;
mod sender;
mod support;
