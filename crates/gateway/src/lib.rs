//! The gateway: the one door through which facilities send.
//!
//! It knows whose token it sees, limits sizes and rates, frames each submission with its registry id,
//! appends it to the ingest topic and answers only after the brokers have it. It must not judge
//! content: that is admission's work. It never logs a payload or an id of a person. A withdrawal of
//! consent it writes itself, from the few fields of a request, and sends it the way of all others.
//!
//! | module | owns |
//! |---|---|
//! | [`tokens`] | the file of token hashes, and who is who |
//! | [`log`] | where submissions go: a trait, and Kafka behind it |
//! | [`batch`] | which submissions of a batch may go there. Pure |
//! | [`withdrawal`] | a withdrawal of consent, the one thing the gateway writes itself. Pure |
//! | [`receipt`] | where a withdrawal stands, and the names of that. Pure |
//! | [`desk`] | receipts from the log, blocking |
//! | [`counter`] | the same for requests that wait |
//! | [`rate`] | how much a facility may send. Pure |
//! | [`refusal`] | every way a request is refused, with code and sentence |
//! | [`routes`] | the interface, described in `docs/api/gateway.yaml` |
//! | [`server`] | connections: limits, time-outs, draining |

pub mod batch;
pub mod counter;
pub mod desk;
pub mod log;
pub mod rate;
pub mod receipt;
pub mod refusal;
pub mod routes;
pub mod server;
pub mod tokens;
pub mod withdrawal;

pub use counter::{Counter, Receipts};
pub use desk::{Desk, DeskNames};
pub use log::{Appended, KafkaLog, Log};
pub use server::{Behind, Settings, serve};
pub use tokens::TokenStore;
