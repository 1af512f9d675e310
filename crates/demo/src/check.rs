//! Compares what the platform says with the generator's ground truth, figure by figure.

pub mod canaries;
mod figures;
mod timelines;
mod topics;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::platform::Site;

/// Figures by their key, e.g. facility and month.
pub type Figures = BTreeMap<Vec<String>, i64>;

/// The outcome of one comparison.
#[derive(Debug)]
pub struct Finding {
    /// What was compared.
    pub what: String,
    /// Number of figures expected.
    pub figures: usize,
    /// Sum of the expected figures.
    pub expected: i64,
    /// Sum of the figures seen.
    pub seen: i64,
    /// Keys whose figures differ, with expected and seen; at most a handful.
    pub differences: Vec<String>,
    /// How many differ.
    pub n_differences: usize,
}

/// Compares two sets of figures.
pub fn compare(what: impl Into<String>, expected: &Figures, seen: &Figures) -> Finding {
    let keys: std::collections::BTreeSet<&Vec<String>> =
        expected.keys().chain(seen.keys()).collect();
    let at = |figures: &Figures, key: &Vec<String>| figures.get(key).copied().unwrap_or(0);
    let differing: Vec<_> =
        keys.into_iter().filter(|it| at(expected, it) != at(seen, it)).collect();
    let tell = |key: &&Vec<String>| {
        format!("{}: expected {}, seen {}", key.join(" "), at(expected, key), at(seen, key))
    };
    Finding {
        what: what.into(),
        figures: expected.len(),
        expected: expected.values().sum(),
        seen: seen.values().sum(),
        n_differences: differing.len(),
        differences: differing.iter().take(5).map(tell).collect(),
    }
}

/// How much the truth knows of a run.
#[derive(Clone, Copy, Debug)]
pub struct Strict {
    /// Nothing was sent a second time because an answer or an adapter was lost: unchanged submissions are
    /// as many as expected, not more.
    pub unchanged: bool,
    /// The platform was quiet before every change of consent, so that decisions are known.
    pub decisions: bool,
}

/// Every comparison of a run with the truth in a folder.
pub fn all(site: &Site, truth: &Path, strict: Strict) -> Result<Vec<Finding>> {
    let mut findings = figures::all(site, truth, strict)?;
    findings.extend(topics::all(site, truth, strict)?);
    findings.extend(timelines::all(site, truth)?);
    Ok(findings)
}

/// Expects each figure to be at least as great as the expected one.
pub fn at_least(what: impl Into<String>, expected: &Figures, seen: &Figures) -> Finding {
    let least: Figures = expected
        .iter()
        .map(|(key, it)| (key.clone(), seen.get(key).copied().unwrap_or(0).min(*it)))
        .collect();
    Finding { seen: seen.values().sum(), ..compare(what, expected, &least) }
}

/// Reads a CSV of the truth: the first `keys` columns name a figure, column `value` holds it. The
/// generator writes no quotes.
pub fn truth(file: &Path, keys: usize, value: &str) -> Result<Figures> {
    use anyhow::Context as _;
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().context("a header")?.split(',').collect();
    let column = header
        .iter()
        .position(|it| *it == value)
        .with_context(|| format!("{} has no column {value}", file.display()))?;
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let key = cells[..keys].iter().map(|it| (*it).to_owned()).collect();
            Ok((key, cells[column].parse()?))
        })
        .filter(|it: &Result<(Vec<String>, i64)>| !matches!(it, Ok((_, 0))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(rows: &[(&str, i64)]) -> Figures {
        rows.iter().map(|(key, it)| (vec![(*key).to_owned()], *it)).collect()
    }

    #[test]
    fn a_missing_an_extra_and_a_wrong_figure_all_differ() {
        let expected = figures(&[("a", 1), ("b", 2), ("c", 3)]);
        let seen = figures(&[("a", 1), ("b", 3), ("d", 4)]);
        let finding = compare("figures", &expected, &seen);
        assert_eq!(finding.n_differences, 3);
        assert_eq!(finding.differences[0], "b: expected 2, seen 3");
        assert_eq!(compare("figures", &expected, &expected).n_differences, 0);
    }

    #[test]
    fn of_what_may_come_again_less_differs_and_more_does_not() {
        let expected = figures(&[("a", 1), ("b", 2)]);
        let seen = figures(&[("a", 5), ("b", 1), ("c", 9)]);
        let finding = at_least("figures", &expected, &seen);
        assert_eq!((finding.n_differences, finding.seen), (1, 15));
        assert_eq!(finding.differences[0], "b: expected 2, seen 1");
    }
}
