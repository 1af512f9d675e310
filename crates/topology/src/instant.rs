//! Instants, days and lengths of time as the files write them.

use std::fmt;
use std::str::FromStr;

use saphan_model::{Date, Timestamp};
use toml::value::{Datetime, Offset};

/// An instant; none unless date, time and offset are all given.
pub(crate) fn timestamp(written: Datetime) -> Option<Timestamp> {
    let (date, time) = (day(written)?, written.time?);
    let offset_minutes = match written.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let minutes = i64::from(time.hour) * 60 + i64::from(time.minute) - offset_minutes;
    let seconds = minutes * 60 + i64::from(time.second.unwrap_or(0));
    let utc_midnight = i64::from(date.0) * 86_400_000;
    Some(Timestamp(utc_midnight).plus_seconds(seconds))
}

/// The day of a date or an instant as written.
pub(crate) fn day(written: Datetime) -> Option<Date> {
    let date = written.date?;
    Date::from_ymd(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}

/// How long a topic keeps its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// For ever.
    Forever,
    /// At least so many days.
    Days(u32),
}

impl Retention {
    /// Kafka's `retention.ms`.
    pub fn millis(self) -> i64 {
        match self {
            Self::Forever => -1,
            Self::Days(days) => i64::from(days) * 86_400_000,
        }
    }
}

/// A text that is no retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a retention; write \"forever\" or days like \"90d\", up to 36500d")]
pub struct RetentionError;

impl FromStr for Retention {
    type Err = RetentionError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let days = text.strip_suffix('d').and_then(|it| it.parse().ok()).ok_or(RetentionError)?;
        if (1..=36_500).contains(&days) { Ok(Self::Days(days)) } else { Err(RetentionError) }
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forever => f.write_str("forever"),
            Self::Days(days) => write!(f, "{days}d"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_needs_an_offset() {
        for (text, expected) in [
            ("1970-01-01T07:00:00+07:00", Some(Timestamp(0))),
            ("1970-01-01T00:00:01Z", Some(Timestamp(1000))),
            ("1970-01-01T00:00:00", None),
            ("1970-01-01", None),
        ] {
            assert_eq!(timestamp(text.parse().expect("TOML")), expected, "{text}");
        }
    }

    #[test]
    fn a_retention_reads_back() {
        for text in ["forever", "1d", "3650d"] {
            assert_eq!(text.parse::<Retention>().expect("valid").to_string(), text);
        }
        for text in ["0d", "10", "40000d", "", "-1d"] {
            assert_eq!(text.parse::<Retention>(), Err(RetentionError), "{text}");
        }
    }
}
