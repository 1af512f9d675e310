//! The edge: what a facility keeps on its own disk until the centre has it.
//!
//! | module | owns |
//! |---|---|
//! | [`outbox`] | submissions on disk, from the adapter's "done" to the gateway's "accepted" |
//! | [`persons`] | the facility's own map from local numbers to citizen ids |
//! | [`sender`] | the loop from the outbox to the gateway |
//!
//! This crate is the only one that names `rusqlite`. It must not know source formats or what an event
//! says; it moves encoded submissions.

mod database;
pub mod outbox;
pub mod persons;
pub mod sender;

pub use outbox::{EncodedSubmission, Outbox, OutboxError, OutboxWriter};
pub use persons::Persons;
pub use sender::{Sender, SenderConfig, SenderError};
