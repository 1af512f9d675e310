//! The small tables in `data/`, read once. Nothing here decides; see `oracle` for what they mean.

use std::sync::LazyLock;

/// Rows of a table in `data/`: no quoting, `#` starts a comment, the first row names the columns.
pub(crate) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|it| !it.starts_with('#')).skip(1).map(|it| it.split(',').collect())
}

fn number<T: std::str::FromStr>(field: &str) -> T {
    field.parse().ok().expect("the tables in data/ are checked by the tests that read them")
}

/// A province (DOPA).
pub struct Province {
    /// Two digits.
    pub code: &'static str,
    /// Thai name.
    pub name_th: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// Health region 1-13.
    pub region: u8,
}

/// All 77 provinces, by code.
pub static PROVINCES: LazyLock<Vec<Province>> = LazyLock::new(|| {
    rows(include_str!("../data/provinces.csv"))
        .map(|it| Province { code: it[0], name_th: it[1], name_en: it[2], region: number(it[3]) })
        .collect()
});

/// What a diagnosis is for in the mix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    General,
    Injury,
    Notifiable,
    Sensitive,
    Chronic,
    Antenatal,
    Vaccination,
    Screening,
    Return,
}

/// A diagnosis of the mix.
pub struct Diagnosis {
    pub code: &'static str,
    pub kind: Kind,
    pub weight: u32,
    pub ages: std::ops::RangeInclusive<i32>,
    pub sex: Option<char>,
    pub hospital_only: bool,
}

fn kind(word: &str) -> Kind {
    match word {
        "general" => Kind::General,
        "injury" => Kind::Injury,
        "notifiable" => Kind::Notifiable,
        "sensitive" => Kind::Sensitive,
        "chronic" => Kind::Chronic,
        "antenatal" => Kind::Antenatal,
        "vaccination" => Kind::Vaccination,
        "screening" => Kind::Screening,
        _ => Kind::Return,
    }
}

/// The mix of diagnoses.
pub static DIAGNOSES: LazyLock<Vec<Diagnosis>> = LazyLock::new(|| {
    rows(include_str!("../data/diagnoses.csv"))
        .map(|it| Diagnosis {
            code: it[0],
            kind: kind(it[1]),
            weight: number(it[2]),
            ages: number(it[3])..=number(it[4]),
            sex: match it[5] {
                "male" => Some('1'),
                "female" => Some('2'),
                _ => None,
            },
            hospital_only: it[6] == "hospital",
        })
        .collect()
});

/// A drug of the mix. The 24-digit codes are made up.
pub struct Drug {
    pub code: &'static str,
    pub name: &'static str,
    pub unit: &'static str,
    pub price_satang: i64,
    pub usage: &'static str,
}

/// The mix of drugs.
pub static DRUGS: LazyLock<Vec<Drug>> = LazyLock::new(|| {
    rows(include_str!("../data/drugs.csv"))
        .map(|it| Drug {
            code: it[0],
            name: it[1],
            unit: it[2],
            price_satang: number(it[3]),
            usage: it[4],
        })
        .collect()
});

/// A range of undotted ICD-10 codes with the report-506 disease it belongs to.
pub struct Notifiable {
    pub code506: &'static str,
    pub from: &'static str,
    pub to: &'static str,
}

/// Report 506: disease by ICD-10 range.
pub static NOTIFIABLE: LazyLock<Vec<Notifiable>> = LazyLock::new(|| {
    rows(include_str!("../data/code506.csv"))
        .map(|it| Notifiable { code506: it[0], from: it[1], to: it[2] })
        .collect()
});

/// The report-506 code of a diagnosis, the first range that holds it.
pub fn code506(icd10: &str) -> Option<&'static str> {
    NOTIFIABLE.iter().find(|it| it.from <= icd10 && icd10 <= it.to).map(|it| it.code506)
}

/// A sensitivity label and a block of ICD-10 that carries it.
pub struct Sensitive {
    pub label: &'static str,
    pub from: &'static str,
    pub to: &'static str,
}

/// Sensitivity labels by ICD-10 block.
pub static SENSITIVE: LazyLock<Vec<Sensitive>> = LazyLock::new(|| {
    rows(include_str!("../data/sensitive.csv"))
        .map(|it| Sensitive { label: it[0], from: it[1], to: it[2] })
        .collect()
});

/// The labels of a diagnosis. A code lies in a block when its first characters, as many as the
/// block's bounds have, lie between them.
pub fn labels(icd10: &str) -> impl Iterator<Item = &'static str> {
    let within = move |it: &&Sensitive| {
        let head = icd10.get(..it.from.len()).unwrap_or(icd10);
        it.from <= head && head <= it.to
    };
    SENSITIVE.iter().filter(within).map(|it| it.label)
}

#[cfg(test)]
mod tests {
    use super::{DIAGNOSES, Kind, PROVINCES, code506, labels};

    #[test]
    fn the_mix_says_truly_what_is_notifiable_and_what_is_sensitive() {
        for it in DIAGNOSES.iter() {
            assert_eq!(code506(it.code).is_some(), it.kind == Kind::Notifiable, "{}", it.code);
            assert_eq!(labels(it.code).count() > 0, it.kind == Kind::Sensitive, "{}", it.code);
        }
    }

    #[test]
    fn codes_fall_into_their_blocks() {
        for (code, expected) in [
            ("B200", &["hiv"][..]),
            ("B24", &["hiv"]),
            ("B25", &[]),
            ("Z21", &["hiv"]),
            ("F09", &["mental-health"]),
            ("F024", &["hiv", "mental-health"]),
            ("F100", &["substance-use"]),
            ("F199", &["substance-use"]),
            ("F200", &["mental-health"]),
            ("F999", &["mental-health"]),
            ("X599", &[]),
            ("X600", &["mental-health"]),
            ("X849", &["mental-health"]),
            ("Z114", &[]),
            ("Z502", &["substance-use"]),
            ("Z504", &[]),
            ("T742", &["sexual-violence"]),
            ("T7421", &["sexual-violence"]),
            ("T743", &[]),
            ("Y050", &["sexual-violence"]),
            ("O089", &["abortion"]),
            ("O09", &[]),
            ("O0", &[]),
            ("", &[]),
        ] {
            assert_eq!(labels(code).collect::<Vec<_>>(), expected, "{code}");
        }
    }

    #[test]
    fn every_province_is_in_one_of_thirteen_regions() {
        assert_eq!(PROVINCES.len(), 77);
        assert!(PROVINCES.iter().all(|it| (1..=13).contains(&it.region)));
    }
}
