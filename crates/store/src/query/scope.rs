//! Which facilities and which days a question is about.

use clickhouse::query::Query;
use saphan_model::Date;

/// The facilities a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Country,
    /// Those of a health region, 1-13.
    Region(u8),
    /// Those of a province, 2 digits.
    Province(String),
    /// Those of a district, 4 digits.
    District(String),
    /// One, by its 5-digit code.
    Facility(String),
}

/// What an answer is broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Health region; the key is its number.
    Region,
    /// Province; the key is its 2 digits.
    Province,
    /// District; the key is its 4 digits.
    District,
    /// Facility; the key is its code.
    Facility,
    /// Encounter class; the key is `ambulatory` or `inpatient`.
    Class,
}

/// Thai calendar days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
}

impl Period {
    /// A Thai fiscal year by the Gregorian year in which it ends: October before it to September.
    pub fn fiscal_year(ends_in: i32) -> Option<Self> {
        let first = Date::from_ymd(ends_in.checked_sub(1)?, 10, 1)?;
        let last = Date::from_ymd(ends_in, 9, 30)?;
        Some(Self { first, last })
    }
}

impl Scope {
    /// A condition over `event_fact`, to be bound with [`Scope::bind`].
    pub(super) const fn condition(&self) -> &'static str {
        match self {
            Self::Country => "1",
            Self::Region(_) => "region = ?",
            Self::Province(_) => "province = ?",
            Self::District(_) => "district = ?",
            Self::Facility(_) => "facility = ?",
        }
    }

    pub(super) fn bind(&self, query: Query) -> Query {
        match self {
            Self::Country => query,
            Self::Region(number) => query.bind(*number),
            Self::Province(code) | Self::District(code) | Self::Facility(code) => {
                query.bind(code.as_str())
            }
        }
    }
}

impl Level {
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Region => "toString(region)",
            Self::Province => "toString(province)",
            Self::District => "toString(district)",
            Self::Facility => "toString(facility)",
            Self::Class => "toString(class)",
        }
    }
}

/// The condition over `occurred_on`; takes two bindings, see [`Period::bind`].
pub(super) const IN_PERIOD: &str = "occurred_on BETWEEN toDate32(?) AND toDate32(?)";

impl Period {
    pub(super) fn bind(self, query: Query) -> Query {
        query.bind(self.first.to_string()).bind(self.last.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_runs_from_october_to_september() {
        let year = Period::fiscal_year(2026).expect("a year");
        assert_eq!(
            (year.first.to_string(), year.last.to_string()),
            ("2025-10-01".to_owned(), "2026-09-30".to_owned())
        );
    }
}
