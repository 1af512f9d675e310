//! FHIR dates and times of any precision, as the span they mean.

use saphan_model::{Date, Timestamp};

/// From the first instant a FHIR date or time means to the one after its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First instant.
    pub start: Timestamp,
    /// After the last one: FHIR's period end is inclusive to its precision.
    pub end: Timestamp,
    /// The days, when no time of day was given.
    pub days: Option<(Date, Date)>,
}

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` (Thai days) or a full time with its zone.
pub fn span(text: &str) -> Option<Span> {
    match text.split_once('T') {
        None => days(text),
        Some((day, time)) => instant(days(day).filter(|_| day.len() == 10)?.days?.0, time),
    }
}

fn days(text: &str) -> Option<Span> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|it| it.len() == 4).and_then(number)?;
    let month = parts.next().map(|it| two(it).ok_or(())).transpose().ok()?;
    let day = parts.next().map(|it| two(it).ok_or(())).transpose().ok()?;
    if parts.next().is_some() || !(1800..2400).contains(&year) {
        return None;
    }
    let date = |month, day| Date::from_ymd(i32::try_from(year).ok()?, month, day);
    let first = date(month.unwrap_or(1), day.unwrap_or(1))?;
    let last_month = month.unwrap_or(12);
    let last = match day {
        Some(_) => first,
        None => (28..=31).rev().find_map(|it| date(last_month, it))?,
    };
    let end = Date(last.0 + 1).thai_midnight();
    Some(Span { start: first.thai_midnight(), end, days: Some((first, last)) })
}

/// `hh:mm:ss[.fff…](Z|±hh:mm)` of a day in that zone.
fn instant(day: Date, text: &str) -> Option<Span> {
    let zone_at = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at(zone_at);
    let (hms, fraction) = clock.split_once('.').map_or((clock, None), |(a, b)| (a, Some(b)));
    let mut parts = hms.split(':');
    let (hour, minute, second) = (two(parts.next()?)?, two(parts.next()?)?, two(parts.next()?)?);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let millis = match fraction {
        None => 0,
        Some(digits) => {
            let shown: String = digits.chars().chain("000".chars()).take(3).collect();
            number(digits).and(number(&shown))?
        }
    };
    let of_day = i64::from(hour * 3600 + minute * 60 + second) * 1000 + i64::from(millis);
    let utc = i64::from(day.0) * 86_400_000 + of_day - offset(zone)?;
    let width = if fraction.is_some() { 1 } else { 1000 };
    Some(Span { start: Timestamp(utc), end: Timestamp(utc + width), days: None })
}

/// Milliseconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, clock) = match zone.split_at_checked(1)? {
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours <= 14 && minutes <= 59).then(|| sign * i64::from(hours * 60 + minutes) * 60_000)
}

fn two(text: &str) -> Option<u32> {
    number(text).filter(|_| text.len() == 2)
}

/// Digits only, as a number.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|it| it.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::span;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let got = span(text).map(|it| (it.start.to_string(), it.end.to_string()));
        assert_eq!(got, expected.map(|(a, b)| (a.to_owned(), b.to_owned())), "{text}");
    }

    #[test]
    fn a_date_means_all_of_its_days() {
        check("2026-01-02", Some(("2026-01-01T17:00:00.000Z", "2026-01-02T17:00:00.000Z")));
        check("2024-02", Some(("2024-01-31T17:00:00.000Z", "2024-02-29T17:00:00.000Z")));
        check("2026", Some(("2025-12-31T17:00:00.000Z", "2026-12-31T17:00:00.000Z")));
    }

    #[test]
    fn a_time_means_its_second_in_its_zone() {
        let second = Some(("2026-01-02T01:30:00.000Z", "2026-01-02T01:30:01.000Z"));
        check("2026-01-02T08:30:00+07:00", second);
        check("2026-01-02T01:30:00Z", second);
        check(
            "2026-01-02T01:30:00.5Z",
            Some(("2026-01-02T01:30:00.500Z", "2026-01-02T01:30:00.501Z")),
        );
        check(
            "2026-01-01T23:30:00-02:00",
            Some(("2026-01-02T01:30:00.000Z", "2026-01-02T01:30:01.000Z")),
        );
    }

    #[test]
    fn anything_else_is_no_time() {
        for text in [
            "",
            "26",
            "2026-1-2",
            "2026-02-30",
            "2569-01-02",
            "2026-01-02T08:30:00",
            "2026-01T08:30:00Z",
            "2026-01-02T24:00:00Z",
            "2026-01-02T08:30Z",
            "2026-01-02T08:30:00+7:00",
            "2026-01-02T08:30:00.Z",
            "2026-01-02-03",
            "20260102",
            "2026-01-02T08:30:00.xZ",
        ] {
            check(text, None);
        }
    }
}
