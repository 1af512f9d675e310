//! The days covered, split into what phase 2 tells and what phase 4 adds.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Days are numbered from the first one covered.
pub struct Calendar {
    dates: Vec<Date>,
    /// First day that only phase 4 tells about.
    pub split: u16,
}

impl Calendar {
    /// The last `months` months of the fiscal year that ends in September 2026.
    pub fn new(months: u8) -> Self {
        let end = date(2026, 10, 1);
        let start = end.saturating_sub(i32::from(months).months());
        let dates: Vec<Date> = start.series(1.day()).take_while(|it| *it < end).collect();
        let n = u16::try_from(dates.len()).expect("a year has fewer than 65,536 days");
        Self { dates, split: n - 30.min(n / 4) }
    }

    /// How many days.
    pub fn days(&self) -> u16 {
        u16::try_from(self.dates.len()).expect("a year has fewer than 65,536 days")
    }

    /// The date of a day.
    pub fn date(&self, day: u16) -> Date {
        self.dates[usize::from(day)]
    }
}

/// A date as `YYYYMMDD`.
pub fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// A time as `YYYYMMDDHHMMSS`.
pub fn stamp(date: Date, second: u32) -> String {
    let mut text = compact(date);
    text.push_str(&clock(second));
    text
}

/// A time of day as `HHMMSS`.
pub fn clock(second: u32) -> String {
    format!("{:02}{:02}{:02}", second / 3600 % 24, second / 60 % 60, second % 60)
}

/// A date some days later, or earlier.
pub fn shift(date: Date, days: i32) -> Date {
    date.saturating_add(days.days())
}

/// Whole years between a birth date and a day.
pub fn age(birth: Date, on: Date) -> i32 {
    let before_birthday = (on.month(), on.day()) < (birth.month(), birth.day());
    i32::from(on.year()) - i32::from(birth.year()) - i32::from(before_birthday)
}

/// Days from one date to another.
pub fn days_between(from: Date, to: Date) -> i32 {
    to.duration_since(from).as_hours().div_euclid(24).try_into().expect("lives are short")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Calendar, age, clock, days_between, shift, stamp};

    #[test]
    fn a_year_is_the_fiscal_year_and_its_last_month_is_for_phase_four() {
        let year = Calendar::new(12);
        assert_eq!((year.date(0), year.days(), year.split), (date(2025, 10, 1), 365, 335));
        assert_eq!(year.date(364), date(2026, 9, 30));
        let month = Calendar::new(1);
        assert_eq!((month.date(0), month.days(), month.split), (date(2026, 9, 1), 30, 23));
    }

    #[test]
    fn days_are_counted_in_both_directions() {
        assert_eq!(stamp(date(2026, 1, 5), 3_661), "20260105010101");
        assert_eq!(clock(86_399), "235959");
        assert_eq!(age(date(2000, 2, 29), date(2026, 2, 28)), 25);
        assert_eq!(age(date(2000, 2, 28), date(2026, 2, 28)), 26);
        assert_eq!(days_between(date(2025, 12, 31), date(2026, 1, 2)), 2);
        assert_eq!(shift(date(2026, 1, 1), -1), date(2025, 12, 31));
    }
}
