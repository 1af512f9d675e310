//! Small figures about people are not shown, nor is what they could be worked out from.
//!
//! A count of 1 to 4 is shown as "<5". Where totals stand beside it, further figures are hidden until
//! it can take at least two values that agree with everything shown. Zero is shown: it is nobody.
//!
//! A table hangs under a cell of the table above it (facilities under a province): its column totals are
//! that table's row, and are hidden here where they are hidden there, and nowhere else.
//!
//! Owns the arithmetic only: knows no page, no place and no number's meaning.

mod net;

use net::{Cell, Net};

/// The smallest count of people that is shown as it is.
pub const SHOWN_FROM: u64 = 5;

/// How a figure is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Exact(u64),
    /// As "<5": one to four.
    Small,
    /// Not at all, to protect another one.
    Hidden,
}

/// What is known of a table's column totals before it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Above {
    /// Nothing: the totals are shown for the first time here.
    Nothing,
    /// They are a row of the table above, shown there like this.
    Row {
        /// One for each column.
        columns: Vec<Shown>,
        /// The total of that row.
        total: Shown,
    },
}

/// A table as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// One line for each row given, one figure for each column.
    pub cells: Vec<Vec<Shown>>,
    /// One for each row.
    pub row_totals: Vec<Shown>,
    /// One for each column.
    pub column_totals: Vec<Shown>,
    /// Of everything.
    pub total: Shown,
}

impl Protected {
    /// A row, as the table below it must see it.
    pub fn row(&self, index: usize) -> Above {
        Above::Row { columns: self.cells[index].clone(), total: self.row_totals[index] }
    }
}

/// Decides how each figure of a table is shown. Every row must have `n_columns` figures.
pub fn protect(counts: &[Vec<u64>], n_columns: usize, above: &Above) -> Protected {
    debug_assert!(counts.iter().all(|it| it.len() == n_columns), "a rectangle");
    let mut net = Net::new(counts, n_columns, above);
    net.join_hidden_columns();
    for target in net.small_cells() {
        if !net.protect(target) {
            net.hide_all();
            break;
        }
    }
    let (n, m) = (counts.len(), n_columns);
    let shown = |i, j| shown(net.cell(i, j));
    Protected {
        cells: (0..n).map(|i| (0..m).map(|j| shown(i, j)).collect()).collect(),
        row_totals: (0..n).map(|i| shown(i, m)).collect(),
        column_totals: (0..m).map(|j| shown(n, j)).collect(),
        total: shown(n, m),
    }
}

fn shown(cell: &Cell) -> Shown {
    match cell.state {
        net::State::Fixed | net::State::Open => Shown::Exact(cell.value),
        net::State::Small => Shown::Small,
        net::State::Hidden => Shown::Hidden,
    }
}

#[cfg(test)]
mod tests;
