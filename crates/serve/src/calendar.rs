//! The Thai fiscal year and dates as people read them: Buddhist years in Thai, Gregorian in English.

use saphan_model::{Date, Timestamp};
use saphan_store::query::Period;

use crate::lang::Lang;

const BUDDHIST_OFFSET: i32 = 543;
/// Years a page may ask for, Gregorian.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

const SHORT_TH: [&str; 12] = [
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
];
const SHORT_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// October to September, by the Gregorian year in which it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalYear(i32);

/// A month of a Gregorian year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Gregorian.
    pub year: i32,
    /// 1-12.
    pub month: u32,
}

impl FiscalYear {
    /// The year an instant falls in, by the Thai day.
    pub fn of(now: Timestamp) -> Self {
        let (year, month, _) = now.thai_date().ymd();
        Self(year + i32::from(month >= 10))
    }

    /// The value of `?year=`: Buddhist or Gregorian, they cannot be confused.
    pub fn parse(text: &str) -> Option<Self> {
        let year: i32 = text.parse().ok()?;
        let year = if year > *YEARS.end() { year - BUDDHIST_OFFSET } else { year };
        YEARS.contains(&year).then_some(Self(year))
    }

    /// As people write it: 2569 or 2026.
    pub fn label(self, lang: Lang) -> String {
        year_label(self.0, lang)
    }

    /// The year and the four before it, newest first.
    pub fn with_recent(now: Timestamp) -> impl Iterator<Item = Self> {
        let newest = Self::of(now).0;
        (newest - 4..=newest).rev().map(Self)
    }

    /// Its days.
    pub fn period(self) -> Period {
        Period::fiscal_year(self.0).expect("a year between 2000 and 2100 has all its days")
    }

    /// October to September.
    pub fn months(self) -> [Month; 12] {
        std::array::from_fn(|i| {
            let number = i as u32 + 10;
            match number {
                10..=12 => Month { year: self.0 - 1, month: number },
                _ => Month { year: self.0, month: number - 12 },
            }
        })
    }

    /// How many months of the year are over, and so must have been reported.
    pub fn months_over(self, now: Timestamp) -> usize {
        let (year, month, _) = now.thai_date().ymd();
        let current = Month { year, month };
        self.months().iter().filter(|it| **it < current).count()
    }
}

impl Month {
    /// Has it not begun yet?
    pub fn to_come(self, now: Timestamp) -> bool {
        let (year, month, _) = now.thai_date().ymd();
        self > Self { year, month }
    }

    /// Year and month, as the store counts them.
    pub fn number(self) -> u32 {
        self.year.unsigned_abs() * 100 + self.month
    }

    /// Short: "ต.ค. 68" or "Oct 25".
    pub fn label(self, lang: Lang) -> String {
        let year = match lang {
            Lang::Th => self.year + BUDDHIST_OFFSET,
            Lang::En => self.year,
        };
        format!("{} {:02}", month_name(self.month, lang), year % 100)
    }
}

/// A day: "24 พ.ย. 2569" or "24 Nov 2026".
pub fn day(date: Date, lang: Lang) -> String {
    let (year, month, day) = date.ymd();
    format!("{day} {} {}", month_name(month, lang), year_label(year, lang))
}

/// An instant in Thai time: "24 พ.ย. 2569 09:05 น." or "24 Nov 2026 09:05".
pub fn instant(at: Timestamp, lang: Lang) -> String {
    let minutes =
        (at.0 + saphan_model::time::THAI_OFFSET_MS).div_euclid(60_000).rem_euclid(24 * 60);
    let clock = format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let day = day(at.thai_date(), lang);
    match lang {
        Lang::Th => format!("{day} {clock} น."),
        Lang::En => format!("{day} {clock}"),
    }
}

fn year_label(year: i32, lang: Lang) -> String {
    match lang {
        Lang::Th => (year + BUDDHIST_OFFSET).to_string(),
        Lang::En => year.to_string(),
    }
}

fn month_name(month: u32, lang: Lang) -> &'static str {
    let names = match lang {
        Lang::Th => &SHORT_TH,
        Lang::En => &SHORT_EN,
    };
    names[month as usize - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i32, month: u32, day: u32) -> Timestamp {
        Date::from_ymd(year, month, day).expect("a day").thai_midnight()
    }

    #[test]
    fn a_fiscal_year_begins_in_october() {
        assert_eq!(FiscalYear::of(at(2025, 10, 1)), FiscalYear(2026));
        assert_eq!(FiscalYear::of(Timestamp(at(2025, 10, 1).0 - 1)), FiscalYear(2025));
        let months = FiscalYear(2026).months();
        assert_eq!(
            (months[0].number(), months[2].number(), months[3].number(), months[11].number()),
            (202_510, 202_512, 202_601, 202_609)
        );
    }

    #[test]
    fn both_calendars_name_the_same_year() {
        assert_eq!(FiscalYear::parse("2569"), Some(FiscalYear(2026)));
        assert_eq!(FiscalYear::parse("2026"), Some(FiscalYear(2026)));
        for wrong in ["", "26", "1999", "2101", "3000", "2569;", "-1"] {
            assert_eq!(FiscalYear::parse(wrong), None, "{wrong}");
        }
        assert_eq!(FiscalYear(2026).label(Lang::Th), "2569");
        assert_eq!(FiscalYear(2026).label(Lang::En), "2026");
    }

    #[test]
    fn only_whole_months_must_have_been_reported() {
        let year = FiscalYear(2026);
        for (now, over) in [
            (at(2025, 9, 30), 0),
            (at(2025, 10, 31), 0),
            (at(2025, 11, 1), 1),
            (at(2026, 9, 30), 11),
            (at(2027, 1, 1), 12),
        ] {
            assert_eq!(year.months_over(now), over, "{now}");
        }
    }

    #[test]
    fn dates_are_written_in_the_readers_calendar() {
        let at = Timestamp(at(2026, 11, 24).0 + (9 * 60 + 5) * 60_000);
        assert_eq!(instant(at, Lang::Th), "24 พ.ย. 2569 09:05 น.");
        assert_eq!(instant(at, Lang::En), "24 Nov 2026 09:05");
        assert_eq!(Month { year: 2025, month: 10 }.label(Lang::Th), "ต.ค. 68");
        assert_eq!(Month { year: 2025, month: 10 }.label(Lang::En), "Oct 25");
    }
}
