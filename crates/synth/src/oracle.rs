//! The oracle: a plain model of what must be true after a feed was applied in some order.
//!
//! Written apart from the platform and sharing no code with it, so that the two can be compared.
//! Its rules:
//!
//! - An event is named by facility, type and natural key. The last put wins. A put with the same
//!   content is unchanged; the citizen id is not content, it says whose the event is.
//! - A deletion removes the event. Deleting what was deleted is unchanged; deleting what was never
//!   seen is quarantined (SP-1310). A later put revives.
//! - What a referral says, and why one is refused, is free text, and a visit may come without a diagnosis:
//!   such an event carries every sensitivity label, since nobody can say what it does not mention.
//! - A broken row is quarantined, by zip, inner file, line and code. Any refusal repeated is unchanged.
//! - An event belongs to the citizen id its rows carry; else to the one its facility last gave for
//!   the local number (PID); else to the local number. A person row without a citizen id takes
//!   nothing back.
//! - When a local number gets a citizen id, or another one, each of its live events moves: its
//!   holders get a retraction, and every candidate a new decision under the new owner.
//! - A directive counts from the moment it is recorded, for its citizen id only. An agency that takes
//!   back then loses every event of that citizen it holds by consent and could no longer get; the
//!   others keep what they hold. Nothing comes back by a later permission alone.

mod agencies;
mod consent;
mod state;
mod tally;

use crate::feed::{EventType, FeedFile};

pub use agencies::{AGENCIES, labels};
pub use state::{Oracle, Owner};
pub use tally::{Delivery, TypeTotals};

/// What the oracle must know of a facility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// 5 digits.
    pub hospcode: String,
    /// 4 digits.
    pub district: String,
    /// 1-13.
    pub region: u8,
}

/// Applies files one after another.
pub fn replay<'f>(sites: &'f [Site], files: &[&'f FeedFile]) -> Oracle<'f> {
    let mut oracle = Oracle::new(sites);
    for file in files {
        oracle.apply(file);
    }
    oracle
}

/// Types a timeline shows: everything but persons and directives.
pub fn on_timeline(event_type: EventType) -> bool {
    !matches!(event_type, EventType::Person | EventType::Directive)
}
