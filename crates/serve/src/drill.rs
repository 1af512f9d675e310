//! From the whole country down to a place: tables whose columns stay the same, each hanging under a
//! row of the one before, so that what is hidden above cannot be added up below.

use std::collections::{BTreeMap, BTreeSet};

use crate::suppress::{Above, Protected, Shown, protect};

/// Counts by row and column, as a query answers them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<String, BTreeMap<String, u64>>);

impl Counts {
    /// Adds to a cell.
    pub fn add(&mut self, row: &str, column: &str, n: u64) {
        *self.0.entry(row.to_owned()).or_default().entry(column.to_owned()).or_default() += n;
    }

    fn columns(&self) -> impl Iterator<Item = &String> {
        self.0.values().flat_map(BTreeMap::keys)
    }

    fn grid(&self, columns: &[String]) -> Vec<Vec<u64>> {
        let cell = |row: &BTreeMap<String, u64>, it| row.get(it).copied().unwrap_or(0);
        self.0.values().map(|row| columns.iter().map(|it| cell(row, it)).collect()).collect()
    }
}

/// A table of one place, protected against all tables above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drill {
    /// Keys of the rows, in order.
    pub rows: Vec<String>,
    /// Keys of the columns, in order.
    pub columns: Vec<String>,
    /// The figures.
    pub shown: Protected,
}

impl Drill {
    /// The last of `levels`, which begin with the whole country. `path` names, for each level but the
    /// last, the row under which the next one hangs.
    pub fn down(levels: &[Counts], path: &[String]) -> Self {
        let columns: BTreeSet<&String> = levels.iter().flat_map(Counts::columns).collect();
        let columns: Vec<String> = columns.into_iter().cloned().collect();
        let mut above = Above::Nothing;
        for (level, key) in levels.iter().zip(path) {
            let drill = Self::hang(level, &columns, &above);
            above = drill.under(key);
        }
        let last = levels.last().cloned().unwrap_or_default();
        Self::hang(&last, &columns, &above)
    }

    /// As [`Drill::down`], but the first level is read by column: what one region sends is what
    /// another receives, and both pages must hide the same of it.
    pub fn down_turned(first: &Counts, levels: &[Counts], path: &[String]) -> Self {
        let rows: BTreeSet<&String> = first.0.keys().collect();
        let below = levels.iter().flat_map(Counts::columns);
        let columns: Vec<String> =
            rows.into_iter().chain(below).collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let country = Self::down(std::slice::from_ref(first), &[]).turned();
        let mut above = path.first().map_or(Above::Nothing, |it| country.aligned(it, &columns));
        for (level, key) in levels.iter().zip(path.iter().skip(1)) {
            above = Self::hang(level, &columns, &above).under(key);
        }
        let last = levels.last().cloned().unwrap_or_default();
        Self::hang(&last, &columns, &above)
    }

    fn hang(counts: &Counts, columns: &[String], above: &Above) -> Self {
        Self {
            rows: counts.0.keys().cloned().collect(),
            columns: columns.to_vec(),
            shown: protect(&counts.grid(columns), columns.len(), above),
        }
    }

    fn under(&self, key: &str) -> Above {
        match self.rows.iter().position(|it| it == key) {
            Some(index) => self.shown.row(index),
            None => nothing(self.columns.len()),
        }
    }

    fn turned(self) -> Self {
        let Self { rows, columns, shown } = self;
        let cells =
            (0..columns.len()).map(|j| shown.cells.iter().map(|row| row[j]).collect()).collect();
        let shown = Protected {
            cells,
            row_totals: shown.column_totals,
            column_totals: shown.row_totals,
            total: shown.total,
        };
        Self { rows: columns, columns: rows, shown }
    }

    fn aligned(&self, key: &str, columns: &[String]) -> Above {
        let Some(index) = self.rows.iter().position(|it| it == key) else {
            return nothing(columns.len());
        };
        let cell = |column: &String| {
            let place = self.columns.iter().position(|it| it == column);
            place.map_or(Shown::Exact(0), |j| self.shown.cells[index][j])
        };
        let columns = columns.iter().map(cell).collect();
        Above::Row { columns, total: self.shown.row_totals[index] }
    }

    /// Is there anything in it?
    pub fn is_empty(&self) -> bool {
        self.shown.total == Shown::Exact(0)
    }

    /// A cell; zero where there is no such row or column.
    pub fn cell(&self, row: &str, column: &str) -> Shown {
        let i = self.rows.iter().position(|it| it == row);
        let j = self.columns.iter().position(|it| it == column);
        match (i, j) {
            (Some(i), Some(j)) => self.shown.cells[i][j],
            _ => Shown::Exact(0),
        }
    }

    /// The total of a row; zero where there is none.
    pub fn row_total(&self, row: &str) -> Shown {
        let i = self.rows.iter().position(|it| it == row);
        i.map_or(Shown::Exact(0), |i| self.shown.row_totals[i])
    }

    /// The total of a column; zero where there is none.
    pub fn column_total(&self, column: &str) -> Shown {
        let j = self.columns.iter().position(|it| it == column);
        j.map_or(Shown::Exact(0), |j| self.shown.column_totals[j])
    }
}

fn nothing(n_columns: usize) -> Above {
    Above::Row { columns: vec![Shown::Exact(0); n_columns], total: Shown::Exact(0) }
}

#[cfg(test)]
mod tests;
