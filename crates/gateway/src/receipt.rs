//! What a withdrawal leaves behind: where it was sent, and where it stands in the patient log. Pure.
//!
//! Both have a name made of nothing but positions. Any gateway can ask the log about it, also after a
//! restart, and it says nothing about anyone.

use std::fmt;
use std::str::FromStr;

use saphan_kafka::Position;
use saphan_model::Timestamp;
use saphan_model::admission::ConsentChange;

/// Most places one withdrawal can have: its own, and the end of the directive under another pseudonym.
const PLACES_MAX: usize = 2;

/// A withdrawal that was appended to the ingest topic; its name is `partition-offset-told_from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Where it stands in the ingest topic.
    pub at: Position,
    /// Offset of `consent.revoked.v1` from which on admit tells about it.
    pub told_from: i64,
}

/// Where a withdrawal stands in the patient log, the withdrawal itself first; its name is
/// `partition-offset`, joined by `.`. There is a second place only when the directive was recorded under
/// another pseudonym of the person: there its end stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places(Vec<Position>);

/// A withdrawal found among the changes that admit told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub places: Places,
    /// When it was appended there.
    pub appended_at: Timestamp,
}

/// The receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Where the withdrawal stands in the patient log.
    pub places: Places,
    /// When it was appended there.
    pub appended_at: Timestamp,
    /// SHA-256 of its record's value, in hexadecimal.
    pub sha256: String,
    /// Has route passed every place?
    pub in_force: bool,
}

/// A text that is no such name. Carries no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a receipt")]
pub struct NoName;

impl Places {
    /// The place of the withdrawal itself.
    pub fn own(&self) -> Position {
        self.0[0]
    }

    /// All of them.
    pub fn all(&self) -> &[Position] {
        &self.0
    }
}

impl Standing {
    /// The revision of the directive among the changes that one submission brought, in log order; none
    /// if there is none. Other directives may move with it when a person's citizen id becomes known:
    /// those come before it and are not counted.
    pub fn of(changes: &[ConsentChange]) -> Option<Self> {
        let own = changes.iter().rfind(|it| it.directive.is_some())?;
        let ends =
            changes.iter().filter(|it| it.event_id == own.event_id && it.directive.is_none());
        let places = std::iter::once(own).chain(ends);
        let places =
            places.map(|it| Position { partition: it.partition, offset: it.offset }).collect();
        Some(Self { places: Places(places), appended_at: own.appended_at })
    }

    /// The end of a directive that was taken back.
    pub fn end(change: &ConsentChange) -> Self {
        let place = Position { partition: change.partition, offset: change.offset };
        Self { places: Places(vec![place]), appended_at: change.appended_at }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.at.partition, self.at.offset, self.told_from)
    }
}

impl FromStr for Sent {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let (at, told_from) = text.rsplit_once('-').ok_or(NoName)?;
        Ok(Self { at: position(at)?, told_from: number(told_from)? })
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, it) in self.0.iter().enumerate() {
            let joint = if n == 0 { "" } else { "." };
            write!(f, "{joint}{}-{}", it.partition, it.offset)?;
        }
        Ok(())
    }
}

impl FromStr for Places {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let places: Vec<_> =
            text.split('.').take(PLACES_MAX + 1).map(position).collect::<Result<_, _>>()?;
        if places.len() > PLACES_MAX { Err(NoName) } else { Ok(Self(places)) }
    }
}

fn position(text: &str) -> Result<Position, NoName> {
    let (partition, offset) = text.split_once('-').ok_or(NoName)?;
    let partition = i32::try_from(number(partition)?).map_err(|_| NoName)?;
    Ok(Position { partition, offset: number(offset)? })
}

/// Digits alone: one number has one spelling.
fn number(text: &str) -> Result<i64, NoName> {
    let plain =
        text.bytes().all(|it| it.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().map_err(|_| NoName) } else { Err(NoName) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use saphan_model::EventId;
    use saphan_model::directive::{Directive, Effect, Grantor, Method};

    fn change(event: u8, partition: i32, offset: i64, put: bool) -> ConsentChange {
        let directive = Directive {
            directive_id: "d".to_owned(),
            active: false,
            base: Effect::Deny,
            provisions: Vec::new(),
            valid_from: None,
            valid_until: None,
            grantor: Grantor::Patient,
            method: Method::Electronic,
            given_at: Timestamp(0),
            note: None,
        };
        ConsentChange {
            partition,
            offset,
            appended_at: Timestamp(offset),
            event_id: EventId([event; 16]),
            directive: put.then_some(directive),
        }
    }

    #[track_caller]
    fn check(changes: &[ConsentChange], expected: Option<&str>) {
        let found = Standing::of(changes).map(|it| it.places.to_string());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn a_withdrawal_stands_where_it_was_put_and_where_another_pseudonym_held_it() {
        check(&[], None);
        check(&[change(1, 0, 5, false)], None);
        check(&[change(1, 3, 5, true)], Some("3-5"));
        check(&[change(1, 0, 9, false), change(1, 3, 5, true)], Some("3-5.0-9"));
        let moved = [change(2, 0, 7, false), change(2, 3, 4, true)];
        let own = [change(1, 0, 9, false), change(1, 3, 5, true)];
        check(&[moved, own].concat(), Some("3-5.0-9"));
    }

    #[test]
    fn names_read_back_and_nothing_else_does() {
        let sent = Sent { at: Position { partition: 3, offset: 991 }, told_from: 0 };
        assert_eq!(sent.to_string(), "3-991-0");
        assert_eq!("3-991-0".parse(), Ok(sent));
        for bad in ["", "3", "3-991", "3-991-", "-991-0", "3-991-0-1", "+3-991-0", "03-991-0"] {
            assert_eq!(bad.parse::<Sent>(), Err(NoName), "{bad}");
        }
        for good in ["7-1041", "7-1041.3-0"] {
            assert_eq!(good.parse::<Places>().map(|it| it.to_string()).as_deref(), Ok(good));
        }
        let many = "1-1.1-2.1-3";
        let bad =
            ["", "7", "7-", "7-1.", ".7-1", "7-1 ", "7--1", "2147483648-1", "1234567890121", many];
        for bad in bad {
            assert_eq!(bad.parse::<Places>(), Err(NoName), "{bad}");
        }
    }
}
