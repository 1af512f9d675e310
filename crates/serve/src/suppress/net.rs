//! A table with totals as a flow: each figure is a pipe between its row and its column.
//!
//! In a row, what comes in by the total goes out by the cells; in a column, what comes in by the cells
//! goes out by the total; and the grand total closes the circle. So whoever knows the shown figures
//! knows all flows that agree with them, and a hidden figure can be another one exactly if there is
//! a way round through hidden pipes on which one unit more (or less) fits. That is a path search, and
//! the cheapest way through pipes still open says what to hide next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Above, SHOWN_FROM, Shown};

/// What a reader sees of a figure, and whether it may still be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Shown, and must stay so: a zero, or a total shown in the table above.
    Fixed,
    /// Shown; may be hidden.
    Open,
    /// Shown as "<5".
    Small,
    /// Hidden; the reader knows that it is not 1 to 4, else it would be shown as "<5".
    Hidden,
}

/// Hiding a zero is the last choice.
const ZERO_PRICE: u64 = 1 << 40;

#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) value: u64,
    pub(super) state: State,
}

impl Cell {
    /// What it costs to hide the figure; `None` when it must be shown.
    fn price(&self, zeros: bool) -> Option<u64> {
        match self.state {
            State::Fixed => (zeros && self.value == 0).then_some(ZERO_PRICE),
            State::Open => Some(self.value),
            State::Small | State::Hidden => Some(0),
        }
    }

    /// What it costs to let the figure be one more or less; `None` when it cannot.
    fn cost(&self, more: bool) -> Option<u64> {
        match self.state {
            State::Fixed => None,
            State::Open if more || self.value > SHOWN_FROM => Some(self.value),
            State::Small if more => (self.value < SHOWN_FROM - 1).then_some(0),
            State::Small => (self.value > 1).then_some(0),
            State::Hidden if more || self.value > SHOWN_FROM => Some(0),
            State::Open | State::Hidden => None,
        }
    }
}

/// The table, its totals as the last row and column. Lines are numbered rows first, then columns.
pub(super) struct Net {
    n: usize,
    m: usize,
    cells: Vec<Cell>,
    /// Column totals belong to the table above.
    hangs: bool,
}

type Place = (usize, usize);

impl Net {
    pub(super) fn new(counts: &[Vec<u64>], m: usize, above: &Above) -> Self {
        let n = counts.len();
        let mut net = Self {
            n,
            m,
            cells: vec![Cell { value: 0, state: State::Fixed }; (n + 1) * (m + 1)],
            hangs: matches!(above, Above::Row { .. }),
        };
        for (i, row) in counts.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                for place in [(i, j), (i, m), (n, j), (n, m)] {
                    net.at(place).value += value;
                }
            }
        }
        for i in 0..=n {
            for j in 0..=m {
                let cell = net.at((i, j));
                cell.state = match cell.value {
                    0 => State::Fixed,
                    1..SHOWN_FROM => State::Small,
                    _ => State::Open,
                };
            }
        }
        if let Above::Row { columns, total } = above {
            for (j, shown) in columns.iter().chain([total]).enumerate() {
                let cell = net.at((n, j));
                cell.state = match (cell.state, shown) {
                    (State::Open, Shown::Exact(_)) => State::Fixed,
                    (State::Open, Shown::Small | Shown::Hidden) => State::Hidden,
                    (state, _) => state,
                };
            }
        }
        net
    }

    pub(super) fn cell(&self, i: usize, j: usize) -> &Cell {
        &self.cells[i * (self.m + 1) + j]
    }

    fn at(&mut self, (i, j): Place) -> &mut Cell {
        &mut self.cells[i * (self.m + 1) + j]
    }

    /// The small figures this table answers for. Totals that hang are protected above.
    pub(super) fn small_cells(&self) -> Vec<Place> {
        let n_rows = if self.hangs { self.n } else { self.n + 1 };
        (0..n_rows)
            .flat_map(|i| (0..=self.m).map(move |j| (i, j)))
            .filter(|&(i, j)| self.cell(i, j).state == State::Small)
            .collect()
    }

    /// Hides a way between all columns whose totals are hidden above, so that the cells beneath do not
    /// tell those totals.
    pub(super) fn join_hidden_columns(&mut self) {
        if !self.hangs {
            return;
        }
        let hidden =
            |j: &usize| matches!(self.cell(self.n, *j).state, State::Small | State::Hidden);
        let columns: Vec<usize> = (0..=self.m).filter(hidden).collect();
        for pair in columns.windows(2) {
            let (from, to) = (self.column(pair[0]), self.column(pair[1]));
            let search = Search { without: None, by_totals: false, room: false, zeros: false };
            if let Some(way) = self.way(from, to, search) {
                self.hide(&way.places);
            }
        }
    }

    /// Hides what it takes for a small figure to have a second possible value. False when that is
    /// impossible.
    pub(super) fn protect(&mut self, target: Place) -> bool {
        if self.hangs && !self.stands_alone(target) {
            // Round through this table only: holds whatever is known above.
            if let Some(way) = self.round(target) {
                self.hide(&way.places);
            }
        }
        let way =
            self.second_value(target, !self.hangs).or_else(|| self.second_value(target, true));
        match way {
            Some(way) => {
                self.hide(&way.places);
                true
            }
            None => false,
        }
    }

    /// The only figure of its column: it is the total above, and protected there.
    fn stands_alone(&self, (i, j): Place) -> bool {
        let of_column = (0..self.n).filter(|k| self.cell(*k, j).value > 0).count();
        i < self.n && of_column == 1
    }

    /// A closed way through the figure that leaves column totals alone; over zeros where there is no
    /// other.
    fn round(&self, target: Place) -> Option<Way> {
        let (row, column) = (target.0, self.column(target.1));
        let search = |zeros| Search { without: Some(target), by_totals: false, room: false, zeros };
        self.way(row, column, search(false)).or_else(|| self.way(row, column, search(true)))
    }

    /// The last resort: nothing of the table is shown but what the table above shows.
    pub(super) fn hide_all(&mut self) {
        let n_rows = if self.hangs { self.n } else { self.n + 1 };
        for i in 0..n_rows {
            for j in 0..=self.m {
                self.at((i, j)).state = State::Hidden;
            }
        }
    }

    fn second_value(&self, target: Place, by_totals: bool) -> Option<Way> {
        let cell = self.cell(target.0, target.1);
        let (row, column) = (target.0, self.column(target.1));
        let (tail, head) = if self.flows_to_column(target) { (row, column) } else { (column, row) };
        let search = Search { without: Some(target), by_totals, room: true, zeros: false };
        let raised = cell.cost(true).and_then(|_| self.way(head, tail, search));
        let lowered = cell.cost(false).and_then(|_| self.way(tail, head, search));
        cheaper(raised, lowered)
    }

    /// The cheapest way from one line to another.
    fn way(&self, from: usize, to: usize, search: Search) -> Option<Way> {
        let mut best: Vec<Option<(u64, Place)>> = vec![None; self.n + self.m + 2];
        let mut done = vec![false; best.len()];
        let mut heap = BinaryHeap::from([Reverse((0u64, from))]);
        while let Some(Reverse((cost, line))) = heap.pop() {
            if line == to {
                return Some(Way { cost, places: self.trace(&best, from, to) });
            }
            if std::mem::replace(&mut done[line], true) {
                continue;
            }
            for place in self.places_of(line) {
                if Some(place) == search.without || (!search.by_totals && place.0 == self.n) {
                    continue;
                }
                let next = self.other_end(line, place);
                let more = self.flows_to_column(place) == (line <= self.n);
                let cell = self.cell(place.0, place.1);
                let step = if search.room { cell.cost(more) } else { cell.price(search.zeros) };
                let Some(step) = step else { continue };
                let sum = cost + step;
                if !done[next] && best[next].is_none_or(|(known, _)| sum < known) {
                    best[next] = Some((sum, place));
                    heap.push(Reverse((sum, next)));
                }
            }
        }
        None
    }

    fn trace(&self, best: &[Option<(u64, Place)>], from: usize, to: usize) -> Vec<Place> {
        let mut places = Vec::new();
        let mut line = to;
        while line != from {
            let (_, place) = best[line].expect("a reached line has a predecessor");
            places.push(place);
            line = self.other_end(line, place);
        }
        places
    }

    fn hide(&mut self, places: &[Place]) {
        for &place in places {
            let cell = self.at(place);
            if cell.state == State::Open || cell.state == State::Fixed {
                cell.state = State::Hidden;
            }
        }
    }

    const fn column(&self, j: usize) -> usize {
        self.n + 1 + j
    }

    fn places_of(&self, line: usize) -> Vec<Place> {
        if line <= self.n {
            (0..=self.m).map(|j| (line, j)).collect()
        } else {
            (0..=self.n).map(|i| (i, line - self.n - 1)).collect()
        }
    }

    const fn other_end(&self, line: usize, (i, j): Place) -> usize {
        if line <= self.n { self.column(j) } else { i }
    }

    /// Cells and the grand total flow from row to column, row and column totals back.
    const fn flows_to_column(&self, (i, j): Place) -> bool {
        (i < self.n) == (j < self.m)
    }
}

/// Which ways count.
#[derive(Clone, Copy)]
struct Search {
    /// Never through this figure.
    without: Option<Place>,
    /// May pass the row of column totals.
    by_totals: bool,
    /// Only where one unit more can flow.
    room: bool,
    /// Zeros may be hidden too.
    zeros: bool,
}

struct Way {
    cost: u64,
    places: Vec<Place>,
}

fn cheaper(a: Option<Way>, b: Option<Way>) -> Option<Way> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a.cost <= b.cost { a } else { b }),
        (a, b) => a.or(b),
    }
}
