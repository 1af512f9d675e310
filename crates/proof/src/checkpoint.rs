//! Tamper evidence: every record of the topics that say who received what is a leaf of an RFC 6962
//! Merkle tree, one tree a partition, in the order of the log, so that anybody who can read the log can
//! compute it again. The heads of all trees at one moment are one leaf of the log of heads, whose signed
//! checkpoint (C2SP `tlog-checkpoint`) is kept outside of Kafka. See `docs/adr/0012`.
//!
//! Pure but for [`store`] and the drawing of keys; [`crate::live`] reads the topics.
//!
//! | module | owns |
//! |---|---|
//! | [`leaf`] | the bytes of a record that are hashed |
//! | [`tree`], [`path`] | roots and proofs, with memory for one branch only |
//! | [`lists`] | each patient's own list of decisions, numbered without gaps |
//! | [`heads`] | the heads of all trees as text |
//! | [`note`] | keys and signed notes |
//! | [`store`] | checkpoints in a folder |
//! | [`recount`] | a partition counted again, against earlier heads |
//! | [`proof`] | proofs that can be checked without the log |

pub mod finding;
pub mod heads;
pub mod leaf;
pub mod lists;
pub mod note;
pub mod path;
pub mod proof;
pub mod recount;
pub mod store;
pub mod tree;

pub use finding::{Broken, BrokenKind};
pub use heads::{Head, Heads};
pub use note::{Signer, Verifier};
pub use proof::Proof;
pub use recount::Recount;
pub use store::{Store, StoreError};
