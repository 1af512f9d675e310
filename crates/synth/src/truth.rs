//! The truth as files: saved by the generator, loaded by whoever checks the platform against it.

mod load;
mod save;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::oracle::{Delivery, TypeTotals};

pub use load::{LoadError, load};
pub use save::save;

/// The truth of one order of the feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Live visits by facility and month (`YYYY-MM`).
    pub visits: BTreeMap<(String, String), u64>,
    /// Principal diagnoses of live visits by district (4 digits) and ICD-10 (3 characters).
    pub diagnoses: BTreeMap<(String, String), u64>,
    /// Live referrals by region of the sender and of the destination.
    pub referrals: BTreeMap<(u8, u8), u64>,
    /// Submissions admitted and unchanged by event type, deletions counted under the type deleted.
    pub admissions: BTreeMap<String, (u64, u64)>,
    /// Decisions by agency and event type, over the whole feed.
    pub deliveries: BTreeMap<(String, String), Delivery>,
    /// Distinct rows in quarantine by code.
    pub quarantine: BTreeMap<String, u64>,
    /// Every row in quarantine.
    pub refused: Vec<Refused>,
    /// Timelines of sampled people.
    pub timelines: Vec<Timeline>,
    /// How submissions ended.
    pub totals: Totals,
}

/// A row that must be in quarantine, once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// Name of the zip.
    pub zip: String,
    /// Inner file without extension.
    pub file: String,
    /// Line in it, from 1, the header counted.
    pub line: u32,
    /// Code.
    pub code: String,
}

/// A sampled person's live events, persons and directives excepted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Citizen id; none for people no facility can link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
    /// Facility of the local number, when there is no citizen id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<String>,
    /// Local number, when there is no citizen id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<String>,
    /// Sorted by date, type, facility, natural key.
    pub events: Vec<TimelineEvent>,
}

/// An event of a timeline. Fields stand in sort order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// `YYYY-MM-DD`.
    pub occurred_on: String,
    /// Type.
    pub event_type: String,
    /// 5 digits.
    pub facility: String,
    /// Natural key.
    pub natural_key: String,
    /// Principal diagnosis of encounters; ICD-10 or drug of conditions; vaccine; cause of death;
    /// reason of an appointment; empty otherwise.
    pub main_code: String,
}

/// How submissions ended, and how many there were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Files applied, repeats counted.
    pub files: u64,
    /// Submissions sent: events, deletions, directives and broken rows, repeats counted.
    pub sent: u64,
    /// Of these, admitted.
    pub admitted: u64,
    /// Of these, unchanged.
    pub unchanged: u64,
    /// Of these, quarantined. A refusal repeated is unchanged, so this is the sum of
    /// [`Truth::quarantine`].
    pub quarantined: u64,
    /// Of those sent, broken rows.
    pub defects: u64,
    /// Local numbers with events that got a citizen id, or another one.
    pub links: u64,
    /// By type.
    pub types: BTreeMap<String, TypeTotals>,
}

impl std::fmt::Debug for Timeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Timeline(redacted, {} events)", self.events.len())
    }
}

impl std::fmt::Debug for TimelineEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TimelineEvent({}, redacted)", self.event_type)
    }
}
