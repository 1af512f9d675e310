//! Counts the oracle keeps while it applies a feed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::feed::EventType;
use crate::oracle::AGENCIES;

/// Decisions about one agency and type of event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Events delivered, each new revision once.
    pub delivered: u64,
    /// Retractions sent to the agency while it held the event.
    pub retracted: u64,
    /// Candidates withheld.
    pub withheld: u64,
}

/// How submissions of one type ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeTotals {
    /// Events sent.
    pub sent: u64,
    /// Of these, new revisions.
    pub admitted: u64,
    /// Of these, nothing new.
    pub unchanged: u64,
    /// Deletions sent.
    pub retractions_sent: u64,
    /// Of these, of a live event.
    pub retractions_admitted: u64,
    /// Of these, of an event already deleted, or refused before.
    pub retractions_unchanged: u64,
    /// Of these, of an event never seen (SP-1310).
    pub retractions_quarantined: u64,
    /// Live events moved to another owner by a link.
    pub moved: u64,
    /// Events live at the end.
    pub live: u64,
}

/// A row that must be in quarantine: file, inner file, line, code.
pub type Refusal<'f> = (&'f str, &'static str, u32, &'static str);

/// All counts.
#[derive(Debug, Default)]
pub struct Tally<'f> {
    /// By agency (its place in [`AGENCIES`]) and type.
    pub deliveries: BTreeMap<(usize, EventType), Delivery>,
    /// By type.
    pub types: BTreeMap<EventType, TypeTotals>,
    /// Rows refused, each counted once however often its file comes.
    pub refused: BTreeSet<Refusal<'f>>,
    /// Broken rows sent, each time counted.
    pub defects: u64,
    /// Of these, those sent before.
    pub defects_repeated: u64,
    /// Local numbers that got a citizen id, or another one.
    pub links: u64,
}

impl Tally<'_> {
    /// The counts of a type.
    pub fn of(&mut self, event_type: EventType) -> &mut TypeTotals {
        self.types.entry(event_type).or_default()
    }

    /// The counts of an agency and type.
    pub fn to(&mut self, agency: usize, event_type: EventType) -> &mut Delivery {
        self.deliveries.entry((agency, event_type)).or_default()
    }

    /// Deliveries by agency id and type, in that order.
    pub fn deliveries(&self) -> BTreeMap<(&'static str, &'static str), Delivery> {
        let named = self.deliveries.iter();
        named.map(|(key, it)| ((AGENCIES[key.0].id, key.1.word()), *it)).collect()
    }
}
