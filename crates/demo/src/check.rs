//! Compares what the platform says with the generator's ground truth, figure by figure.

pub mod canaries;
mod figures;
mod timelines;
mod topics;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::feed::Order;
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

/// Every comparison of a run.
pub fn all(site: &Site, feed: &Path, order: Order) -> Result<Vec<Finding>> {
    let truth = feed.join("truth").join(order.name());
    let mut findings = figures::all(site, &truth)?;
    findings.extend(topics::all(site, &truth)?);
    findings.extend(timelines::all(site, &truth)?);
    Ok(findings)
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
}
