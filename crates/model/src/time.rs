//! Days and instants, as Avro's `date` and `timestamp-millis` count them. No clock is read here.

use std::fmt;

/// Thailand is seven hours ahead of UTC all year.
pub const THAI_OFFSET_MS: i64 = 7 * 3_600_000;

const DAY_MS: i64 = 86_400_000;

/// A calendar day: days since 1970-01-01, proleptic Gregorian (Avro `date`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(pub i32);

/// An instant: milliseconds since 1970-01-01T00:00Z (Avro `timestamp-millis`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Date {
    /// The day of a year, month (1-12) and day (1-31); `None` when there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        // Days from civil, Howard Hinnant's public-domain algorithm.
        let y = i64::from(if month <= 2 { year - 1 } else { year });
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let shifted = i64::from((month + 9) % 12);
        let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        i32::try_from(era * 146_097 + day_of_era - 719_468).ok().map(Self)
    }

    /// Year, month (1-12), day (1-31).
    pub fn ymd(self) -> (i32, u32, u32) {
        let z = i64::from(self.0) + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = u32::try_from(doy - (153 * mp + 2) / 5 + 1).expect("a day of a month");
        let month = u32::try_from(if mp < 10 { mp + 3 } else { mp - 9 }).expect("a month");
        let year = yoe + era * 400 + i64::from(month <= 2);
        (i32::try_from(year).expect("years of i32 days fit"), month, day)
    }

    /// Midnight of the day in Thailand, as an instant.
    pub fn thai_midnight(self) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY_MS - THAI_OFFSET_MS)
    }
}

impl Timestamp {
    /// The calendar day in Thailand at this instant.
    pub fn thai_date(self) -> Date {
        let day = (self.0 + THAI_OFFSET_MS).div_euclid(DAY_MS);
        Date(i32::try_from(day.clamp(i64::from(i32::MIN), i64::from(i32::MAX))).expect("clamped"))
    }

    /// Moves by seconds.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + seconds * 1000)
    }
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = Date(i32::try_from(self.0.div_euclid(DAY_MS)).unwrap_or(i32::MAX));
        let ms = self.0.rem_euclid(DAY_MS);
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(f, "{date}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        for (y, m, d, n) in
            [(1970, 1, 1, 0), (2000, 3, 1, 11_017), (1969, 12, 31, -1), (2024, 2, 29, 19_782)]
        {
            assert_eq!(Date::from_ymd(y, m, d), Some(Date(n)));
            assert_eq!(Date(n).ymd(), (y, m, d));
        }
        assert_eq!(Date::from_ymd(2023, 2, 29), None);
    }

    #[test]
    fn the_thai_day_begins_at_seventeen_utc() {
        let midnight = Date::from_ymd(2026, 1, 2).expect("a day").thai_midnight();
        assert_eq!(midnight.to_string(), "2026-01-01T17:00:00.000Z");
        assert_eq!(midnight.thai_date().to_string(), "2026-01-02");
        assert_eq!(Timestamp(midnight.0 - 1).thai_date().to_string(), "2026-01-01");
    }

    proptest! {
        #[test]
        fn every_day_reads_back(n in -1_000_000i32..1_000_000) {
            let (y, m, d) = Date(n).ymd();
            prop_assert_eq!(Date::from_ymd(y, m, d), Some(Date(n)));
        }
    }
}
