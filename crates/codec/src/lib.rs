//! The bytes: Avro of every record, registry framing, projections to a contract's schema.
//!
//! Pure: no clock, no files, no network, no logging. Knows the model and Avro; must not know
//! Kafka, HTTP or policy. Bytes from outside are hostile: reading them gives a value or a
//! [`Malformed`] with a code and a position, never a panic, never an allocation larger than the
//! bytes at hand justify, never a word of what they say.

pub mod batch;
pub mod cursor;
pub mod frame;
pub mod lint;
pub mod log;
pub mod malformed;
pub mod projection;
pub mod record;
pub mod schema;
pub mod shape;
pub mod single_object;
pub mod submission;
mod types;
mod upgrade;
pub mod view;
pub mod wire;

pub use batch::SubmissionBatch;
pub use cursor::Cursor;
pub use frame::{SchemaIds, decode_framed, encode_framed};
pub use log::{Peeked, body_bytes, decode_log, encode_log, peek};
pub use malformed::{Fault, Malformed};
pub use projection::{Identity, Projection, ProjectionError};
pub use record::{Named, Record};
pub use shape::Shape;
pub use submission::peek_facility as peek_submission_facility;
pub use upgrade::UpgradeError;
pub use wire::{Wire, decode, encode};
