//! Is the first line a header, and which column does each of its names mean?
//!
//! Some exporters write a header, some do not, and some misspell it (`DATE_SERRV`, `VILLNAME`). A
//! name is taken for a column if it is the same, a known misspelling, or differs by a slip of one or
//! two letters from exactly one column not named otherwise. A name that belongs to any other column
//! of the standard is never taken for a slip: one exporter labels ANC's WEIGHT as HEIGHT, and which
//! of the two it holds is not known, so it is left out.

use super::columns::Spec;
use super::table::Table;

/// Seen in exporters and in the tables of 2016.
const MISSPELT: &[(&str, &str)] = &[
    ("CONCIL", "COUNCIL"),
    ("DATE_SERRV", "DATE_SERV"),
    ("VILLNAME", "VILLANAME"),
    ("CLINICALVAULE", "CLINICALVALUE"),
    ("NARCOTIC_DRUG", "NACROTIC_DRUG"),
];

/// A header line understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The column at each position.
    pub columns: Vec<Option<&'static str>>,
    /// Names that were not exact, with what they were taken for.
    pub renamed: Vec<(String, &'static str)>,
    /// Names that mean no column of the file.
    pub ignored: Vec<String>,
}

/// Reads a line as a header; `None` when it is a row. A header either begins with HOSPCODE, or at
/// least half its names are known.
pub fn recognise(line: &str, table: Table) -> Option<Header> {
    let names: Vec<_> = line.split('|').map(|it| it.trim().to_ascii_uppercase()).collect();
    let specs = table.specs();
    let mut columns: Vec<Option<&'static str>> = vec![None; names.len()];
    let mut renamed = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let exact = specs.iter().find(|it| it.name == name).map(|it| it.name);
        columns[at] = exact.filter(|it| !columns.contains(&Some(*it)));
    }
    for (at, name) in names.iter().enumerate() {
        if columns[at].is_some() {
            continue;
        }
        let meant = meant(name, specs).filter(|it| !columns.contains(&Some(*it)));
        if let Some(column) = meant {
            columns[at] = Some(column);
            renamed.push((name.clone(), column));
        }
    }
    let known = columns.iter().flatten().count();
    if columns[0] != Some("HOSPCODE") && known * 2 < names.len() {
        return None;
    }
    let unknown = names.iter().zip(&columns).filter(|(_, column)| column.is_none());
    let ignored = unknown.map(|(name, _)| shown(name)).collect();
    Some(Header { columns, renamed, ignored })
}

/// A name fit for a report; anything that does not look like a column name is not repeated.
fn shown(name: &str) -> String {
    let plain = name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let letter = name.bytes().next().is_some_and(|it| it.is_ascii_alphabetic());
    if plain && letter && name.len() <= 30 { name.to_owned() } else { "?".to_owned() }
}

/// The column a misspelt name means.
fn meant(name: &str, specs: &'static [Spec]) -> Option<&'static str> {
    let known = MISSPELT.iter().find(|it| it.0 == name).map(|it| it.1);
    if let Some(known) = known {
        return specs.iter().find(|it| it.name == known).map(|it| it.name);
    }
    let of_the_standard = Table::ALL.iter().any(|table| table.spec(name).is_some());
    if name.len() < 5 || name.len() > 30 || of_the_standard {
        return None;
    }
    let slips = if name.len() < 8 { 1 } else { 2 };
    let mut close = specs.iter().filter(|it| slip_distance(name, it.name) <= slips);
    match (close.next(), close.next()) {
        (Some(only), None) => Some(only.name),
        _ => None,
    }
}

/// Letters left out, added, changed or swapped with their neighbour (optimal string alignment).
fn slip_distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{recognise, slip_distance};
    use crate::f43::table::Table;

    /// Shows each position's column, `-` for none.
    #[track_caller]
    fn check(table: Table, line: &str, expected: Option<&str>) {
        let got = recognise(line, table).map(|header| {
            header.columns.iter().map(|it| it.unwrap_or("-")).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(got.as_deref(), expected, "{line}");
    }

    #[test]
    fn names_are_found_in_any_order_and_case() {
        check(Table::Epi, "pid|HOSPCODE| date_serv ", Some("PID HOSPCODE DATE_SERV"));
        check(Table::Epi, "HOSPCODE|PID|CID|XYZ", Some("HOSPCODE PID CID -"));
        check(Table::Epi, "HOSPCODE|PID|PID", Some("HOSPCODE PID -"));
    }

    #[test]
    fn misspelt_names_are_understood() {
        check(Table::Address, "HOSPCODE|PID|VILLNAME", Some("HOSPCODE PID VILLANAME"));
        check(Table::Epi, "HOSPCODE|PID|DATE_SERRV", Some("HOSPCODE PID DATE_SERV"));
        check(Table::ClinicalRefer, "HOSPCODE|CLINICALVAULE", Some("HOSPCODE CLINICALVALUE"));
        check(Table::Epi, "HOPSCODE|PID|VACINETYPE", Some("HOSPCODE PID VACCINETYPE"));
    }

    #[test]
    fn names_of_other_columns_are_no_slips() {
        check(Table::Anc, "HOSPCODE|PID|HEIGHT", Some("HOSPCODE PID -"));
        check(Table::Ncdscreen, "HOSPCODE|PID|SBP|DBP", Some("HOSPCODE PID - -"));
        check(Table::Chronic, "HOSPCODE|HOSP_XX", Some("HOSPCODE -"));
    }

    #[test]
    fn rows_are_no_headers() {
        check(Table::Epi, "10670|1|2|20260102|010||9|20260102083000|", None);
        check(Table::Epi, "", None);
        check(Table::Epi, "NAME|SURNAME|PID", None);
        check(Table::DataCorrect, "10670|SERVICE|{'SEQ':'1'}|20260102083000", None);
    }

    #[test]
    fn slips_are_counted() {
        for (a, b, n) in [("AB", "BA", 1), ("CONCIL", "COUNCIL", 1), ("A", "B", 1), ("", "ABC", 3)]
        {
            assert_eq!(slip_distance(a, b), n);
            assert_eq!(slip_distance(b, a), n);
        }
    }
}
