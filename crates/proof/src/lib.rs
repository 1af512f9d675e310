//! Proof: replays the patient log through the router's own decision step and compares the outcome, byte
//! for byte, with the decisions and with every agency's topic.
//!
//! The core is pure: [`Verifier`] and [`Conservation`] are fed with records and asked for a [`Report`],
//! so that faults can be planted in memory. [`live`] reads a real platform. This crate must not know how
//! a report is printed on a terminal, and it writes nothing to any topic.
//!
//! | module | owns |
//! |---|---|
//! | [`finding`] | the closed list of what can be found |
//! | [`verifier`], [`partition`] | gather, replay, compare |
//! | [`conservation`] | the admission ledger |
//! | [`shelf`] | where sightings wait: memory is bounded by one partition of the log |
//! | [`explain`] | the same replay, told instead of compared |
//! | [`what_if`] | the same replay, by other contracts |
//! | [`checkpoint`] | Merkle trees of the log, signed, and proofs from them |
//! | [`live`] | reading a real platform, also while it works |
//! | [`kept`] | how long topics keep what they hold |
//! | [`report`] | counts and findings |

pub mod catalog;
pub mod checkpoint;
mod classify;
pub mod conservation;
mod evidence;
pub mod explain;
pub mod finding;
pub mod kept;
pub mod live;
mod order;
mod origins;
mod overlay;
pub mod partition;
pub mod replay;
pub mod report;
pub mod scope;
pub mod shelf;
pub mod sighting;
pub mod verifier;
pub mod what_if;
mod wording;

pub use conservation::{Balance, Conservation, Ingest};
pub use finding::{Finding, Kind, Place};
pub use live::{Live, LiveError, Options, Question};
pub use overlay::Changes;
pub use partition::{Bounds, PartitionProof};
pub use report::Report;
pub use scope::Scope;
pub use shelf::{FolderShelf, MemoryShelf, Shelf};
pub use verifier::{Platform, Verifier};
pub use what_if::{Contrast, WhatIf};
