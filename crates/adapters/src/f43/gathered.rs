//! One event while its rows are gathered. Pure.

use std::collections::BTreeMap;

use saphan_model::limits::{ITEMS_MAX, SUBMISSION_BYTES_MAX};
use saphan_model::{Date, Subject, Timestamp};

use super::datasets::Key;
use super::outlet::{At, Ready};
use super::typed::{Draft, Part, PartRow};

/// Most bytes of the rows of one event. An event encodes to less than its rows are long, so one
/// within this fits a submission.
const ROWS_BYTES_MAX: usize = SUBMISSION_BYTES_MAX / 4 * 3;

/// A parent row and what came of it.
pub struct Gathered {
    /// Where it stands.
    pub at: At,
    /// PID, where the group is not the person.
    pid: String,
    /// The day, where the key has one.
    day: Option<Date>,
    /// The event; nothing once it was refused.
    pub event: Option<Box<Event>>,
}

/// How well a child's key fits a parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The same key.
    Exact,
    /// The same person and number, another day: the key of 2016, which had no day.
    Loose,
    /// Another person.
    No,
}

impl Gathered {
    /// A parent row with its event, or without one when it was refused.
    pub fn new(at: At, key: &Key<'_>, event: Option<Box<Event>>) -> Self {
        Self { at, pid: key.pid.to_owned(), day: key.day, event }
    }

    /// Is it the same event as a parent row of this key? The person is no part of the key: a row
    /// that moves a visit to another person replaces the visit.
    pub fn same_event(&self, key: &Key<'_>) -> bool {
        self.day == key.day
    }

    /// How well does a child row of this key fit?
    pub fn fit(&self, key: &Key<'_>) -> Fit {
        match (self.pid == key.pid, self.day == key.day) {
            (true, true) => Fit::Exact,
            (true, false) => Fit::Loose,
            (false, _) => Fit::No,
        }
    }
}

/// An event with its parts so far.
pub struct Event {
    subject: Subject,
    draft: Draft,
    updated_at: Option<Timestamp>,
    /// By kind and key: file and part. Boxed, since most events have few parts and a tree's nodes have
    /// room for eleven.
    parts: BTreeMap<(u8, String), (u16, Box<Part>)>,
    bytes: usize,
}

/// What became of a part that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New,
    /// It took the place of an earlier row, of this file.
    Replaced(u16),
    /// The event is now too large.
    TooLarge,
}

impl Event {
    /// An event of its parent row, which is `bytes` long.
    pub fn new(subject: Subject, draft: Draft, bytes: usize) -> Self {
        let updated_at = draft.recorded_at;
        Self { subject, draft, updated_at, parts: BTreeMap::new(), bytes }
    }

    /// Adds a part from a row of `bytes`; a later row of the same key replaces an earlier one.
    pub fn add(&mut self, file: u16, row: PartRow, bytes: usize) -> Added {
        let key = (row.part.rank(), row.key.into_revealed());
        self.updated_at = self.updated_at.max(row.updated_at);
        if let Some((former, _)) = self.parts.insert(key, (file, Box::new(row.part))) {
            return Added::Replaced(former);
        }
        self.bytes += bytes;
        let fits = self.bytes <= ROWS_BYTES_MAX && self.parts.len() <= ITEMS_MAX;
        if fits { Added::New } else { Added::TooLarge }
    }

    /// The file of each part.
    pub fn part_files(&self) -> impl Iterator<Item = u16> {
        self.parts.values().map(|it| it.0)
    }

    /// The event with its parts in key order: the same rows in another order are the same event.
    pub fn finish(self) -> Ready {
        let mut body = self.draft.body;
        for (_, part) in self.parts.into_values() {
            part.join(&mut body);
        }
        Ready {
            subject: self.subject,
            natural_key: self.draft.natural_key,
            occurred_at: self.draft.occurred_at,
            recorded_at: self.updated_at,
            defaulted: self.draft.defaulted,
            body,
        }
    }
}
