//! Synthetic people, visits, referrals and consents, with the truth to check a platform against.
//!
//! Owns a made-up country, the files its facilities would send, and an oracle that knows what must
//! follow from them. Shares no code with the platform it checks.
//!
//! [`generate`] writes, under one folder:
//!
//! - `facilities.csv`: the facilities.
//! - `feed/<phase>-<kind>/`: files in four phases, applied in order with a barrier between them:
//!   `1-consent`, `2-clinical`, `3-consent`, `4-clinical`. Within a phase, a facility's files apply
//!   in order of name; facilities are independent of each other.
//! - `truth/<order>/`: what must be so after applying the feed in an order; see [`truth`].
//! - `canaries.txt`: strings of a few people that must never appear in a log.
//!
//! A [`Province`] stays in memory and tells the truth of any order in which its files were applied; it can
//! also make further consent files.
//!
//! Within a zip, person rows count before all others. No natural key stands twice in a zip.

mod calendar;
mod canary;
mod citizen;
mod columns;
mod consent;
mod error;
mod feed;
mod generate;
mod names;
mod options;
mod oracle;
mod plan;
mod province;
mod random;
mod reference;
mod rows;
pub mod truth;
mod world;
mod write;

#[cfg(test)]
mod tests;

pub use error::SynthError;
pub use feed::{EventType, Order};
pub use generate::{Summary, generate};
pub use options::Options;
pub use oracle::{Delivery, TypeTotals};
pub use province::{Document, Province};
