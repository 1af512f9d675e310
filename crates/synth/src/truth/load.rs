//! Reads a truth back.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Refused, Timeline, Totals, Truth};
use crate::oracle::Delivery;

/// Why a truth could not be read. Never shows what a file says.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is missing or unreadable.
    #[error("cannot read {}; make the feed again", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A line is not of the expected form.
    #[error("line {line} of {} is not a line of that table; make the feed again", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

/// Reads `truth/<order>`.
pub fn load(folder: &Path) -> Result<Truth, LoadError> {
    let mut truth = Truth::default();
    table(folder, "visits.csv", |it: [&str; 3]| {
        truth.visits.insert((it[0].to_owned(), it[1].to_owned()), number(it[2])?);
        Some(())
    })?;
    table(folder, "diagnoses.csv", |it: [&str; 3]| {
        truth.diagnoses.insert((it[0].to_owned(), it[1].to_owned()), number(it[2])?);
        Some(())
    })?;
    table(folder, "referrals.csv", |it: [&str; 3]| {
        truth.referrals.insert((number(it[0])?, number(it[1])?), number(it[2])?);
        Some(())
    })?;
    table(folder, "admissions.csv", |it: [&str; 3]| {
        truth.admissions.insert(it[0].to_owned(), (number(it[1])?, number(it[2])?));
        Some(())
    })?;
    table(folder, "deliveries.csv", |it: [&str; 5]| {
        let counts = Delivery {
            delivered: number(it[2])?,
            retracted: number(it[3])?,
            withheld: number(it[4])?,
        };
        truth.deliveries.insert((it[0].to_owned(), it[1].to_owned()), counts);
        Some(())
    })?;
    table(folder, "quarantine.csv", |it: [&str; 2]| {
        truth.quarantine.insert(it[0].to_owned(), number(it[1])?);
        Some(())
    })?;
    table(folder, "refused.csv", |it: [&str; 4]| {
        truth.refused.push(Refused {
            zip: it[0].to_owned(),
            file: it[1].to_owned(),
            line: number(it[2])?,
            code: it[3].to_owned(),
        });
        Some(())
    })?;
    truth.timelines = timelines(folder)?;
    let (path, text) = read(folder, "totals.json")?;
    truth.totals = serde_json::from_str::<Totals>(&text)
        .map_err(|it| LoadError::Form { path, line: it.line() })?;
    Ok(truth)
}

fn timelines(folder: &Path) -> Result<Vec<Timeline>, LoadError> {
    let (path, text) = read(folder, "timelines.ndjson")?;
    let lines = text.lines().enumerate().map(|(at, line)| {
        serde_json::from_str(line).map_err(|_| LoadError::Form { path: path.clone(), line: at + 1 })
    });
    lines.collect()
}

fn read(folder: &Path, name: &str) -> Result<(PathBuf, String), LoadError> {
    let path = folder.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok((path, text)),
        Err(source) => Err(LoadError::Read { path, source }),
    }
}

/// Reads a table of `N` columns; `take` says whether a row is of the expected form.
fn table<const N: usize>(
    folder: &Path,
    name: &str,
    mut take: impl FnMut([&str; N]) -> Option<()>,
) -> Result<(), LoadError> {
    let (path, text) = read(folder, name)?;
    for (at, line) in text.lines().enumerate().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let row = <[&str; N]>::try_from(fields).ok();
        if row.and_then(&mut take).is_none() {
            return Err(LoadError::Form { path, line: at + 1 });
        }
    }
    Ok(())
}

fn number<T: FromStr>(field: &str) -> Option<T> {
    field.parse().ok()
}
