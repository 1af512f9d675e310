use proptest::prelude::*;

use super::Shown::{Exact, Hidden, Small};
use super::*;

#[track_caller]
fn check(counts: &[&[u64]], expected: &[&str]) {
    let counts: Vec<Vec<u64>> = counts.iter().map(|it| it.to_vec()).collect();
    let table = protect(&counts, counts[0].len(), &Above::Nothing);
    assert_eq!(print(&table), expected);
}

fn print(table: &Protected) -> Vec<String> {
    let word = |it: &Shown| match it {
        Exact(n) => n.to_string(),
        Small => "<5".to_owned(),
        Hidden => "*".to_owned(),
    };
    let line = |cells: &[Shown], total: &Shown| {
        let cells: Vec<_> = cells.iter().map(word).collect();
        format!("{} = {}", cells.join(" "), word(total))
    };
    let rows = table.cells.iter().zip(&table.row_totals);
    rows.map(|(cells, total)| line(cells, total))
        .chain([line(&table.column_totals, &table.total)])
        .collect()
}

#[test]
fn figures_of_five_and_more_are_shown() {
    check(&[&[5, 0], &[7, 9]], &["5 0 = 5", "7 9 = 16", "12 9 = 21"]);
}

#[test]
fn a_small_figure_takes_others_with_it() {
    check(&[&[3, 20], &[30, 40]], &["<5 * = 23", "* * = 70", "33 60 = 93"]);
}

#[test]
fn a_small_figure_alone_in_its_lines_needs_no_other() {
    // Cell, both totals and the grand total are the same small number: nothing tells it.
    check(&[&[3, 0], &[0, 0]], &["<5 0 = <5", "0 0 = 0", "<5 0 = <5"]);
}

#[test]
fn small_figures_whose_total_leaves_one_way_are_not_enough() {
    // Two small figures adding to 8 are both 4: a third must go. To 2 both are 1: unless 2 is not told.
    check(&[&[4, 4, 50]], &["<5 <5 * = 58", "<5 <5 * = 58"]);
    check(&[&[1, 1]], &["<5 <5 = <5", "<5 <5 = <5"]);
}

#[test]
fn a_bridge_between_two_pairs_is_seen() {
    // Every line has two hidden figures, yet the middle one follows: something more must be hidden.
    let counts: Vec<Vec<u64>> = [[3, 3, 9, 0], [3, 3, 0, 0], [0, 9, 3, 3], [0, 0, 3, 3]]
        .iter()
        .map(|it| it.to_vec())
        .collect();
    let table = protect(&counts, 4, &Above::Nothing);
    assert_eq!(attack(&table), Vec::<(usize, usize)>::new());
}

#[test]
fn totals_shown_above_stay_and_totals_hidden_above_stay_hidden() {
    let above = Above::Row { columns: vec![Exact(33), Hidden, Hidden], total: Exact(143) };
    let counts = vec![vec![20, 30, 20], vec![13, 20, 40]];
    let table = protect(&counts, 3, &above);
    assert_eq!(table.column_totals, [Exact(33), Hidden, Hidden]);
    assert_eq!(table.total, Exact(143));
    let hidden_in = |j: usize| table.cells.iter().any(|row| row[j] == Hidden);
    assert!(hidden_in(1) && hidden_in(2), "else the columns could be added up: {table:?}");
}

#[test]
fn an_empty_table_has_zero_totals() {
    let table = protect(&[], 2, &Above::Nothing);
    assert_eq!((table.column_totals, table.total), (vec![Exact(0), Exact(0)], Exact(0)));
}

/// All small figures a reader can work out exactly, by trying every table that agrees with what is
/// shown. Written without any thought of flows.
fn attack(table: &Protected) -> Vec<(usize, usize)> {
    let mut extended: Vec<Vec<Shown>> = Vec::new();
    for (cells, total) in table.cells.iter().zip(&table.row_totals) {
        extended.push(cells.iter().chain([total]).copied().collect());
    }
    extended.push(table.column_totals.iter().chain([&table.total]).copied().collect());
    let (n, m) = (extended.len(), extended[0].len());
    let mut found = vec![vec![std::collections::BTreeSet::new(); m]; n];
    let mut guess = vec![vec![0u64; m - 1]; n - 1];
    try_all(&extended, &mut guess, 0, &mut found);
    let mut known = Vec::new();
    for (i, row) in extended.iter().enumerate() {
        for (j, shown) in row.iter().enumerate() {
            assert!(!found[i][j].is_empty(), "the true table agrees");
            if *shown == Small && found[i][j].len() == 1 {
                known.push((i, j));
            }
        }
    }
    known
}

fn tables_to_try(table: &Protected) -> u64 {
    let choices = |it: &Shown| range(*it).count() as u64;
    table.cells.iter().flatten().map(choices).fold(1, u64::saturating_mul)
}

const MOST: u64 = 16;

fn range(shown: Shown) -> std::ops::RangeInclusive<u64> {
    match shown {
        Exact(n) => n..=n,
        Small => 1..=4,
        Hidden => 5..=MOST,
    }
}

fn try_all(
    shown: &[Vec<Shown>],
    guess: &mut Vec<Vec<u64>>,
    at: usize,
    found: &mut [Vec<std::collections::BTreeSet<u64>>],
) {
    let (n, m) = (guess.len(), guess[0].len());
    // A hidden total may be anything its cells add up to.
    let fits = |shown: Shown, sum: u64| match shown {
        Hidden => sum >= 5,
        other => range(other).contains(&sum),
    };
    if at == n * m {
        let columns: Vec<u64> = (0..m).map(|j| guess.iter().map(|row| row[j]).sum()).collect();
        let rows: Vec<u64> = guess.iter().map(|row| row.iter().sum()).collect();
        let total: u64 = rows.iter().sum();
        if (0..m).all(|j| fits(shown[n][j], columns[j])) && fits(shown[n][m], total) {
            for i in 0..n {
                for j in 0..m {
                    found[i][j].insert(guess[i][j]);
                }
                found[i][m].insert(rows[i]);
            }
            for j in 0..m {
                found[n][j].insert(columns[j]);
            }
            found[n][m].insert(total);
        }
        return;
    }
    let (i, j) = (at / m, at % m);
    for value in range(shown[i][j]) {
        guess[i][j] = value;
        let row_done = j + 1 == m;
        if row_done && !fits(shown[i][m], guess[i].iter().sum()) {
            continue;
        }
        let so_far: u64 = guess[..=i].iter().map(|row| row[j]).sum();
        let too_much = matches!(shown[n][j], Exact(total) if so_far > total);
        let too_little = matches!(shown[n][j], Exact(total) if i + 1 == n && so_far < total);
        if too_much || too_little {
            continue;
        }
        try_all(shown, guess, at + 1, found);
    }
    guess[i][j] = 0;
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 1u64..5, 2 => Just(0u64), 3 => 5u64..12]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_small_figure_can_be_worked_out(
        (m, counts) in (1usize..4).prop_flat_map(|m| {
            (Just(m), prop::collection::vec(prop::collection::vec(count(), m), 1..4))
        })
    ) {
        let table = protect(&counts, m, &Above::Nothing);
        if tables_to_try(&table) < 300_000 {
            prop_assert_eq!(attack(&table), Vec::new(), "{:?}", print(&table));
        }
    }

    #[test]
    fn what_is_shown_is_true(
        counts in prop::collection::vec(prop::collection::vec(count(), 4), 0..6)
    ) {
        let table = protect(&counts, 4, &Above::Nothing);
        for (row, shown) in counts.iter().zip(&table.cells) {
            for (count, shown) in row.iter().zip(shown) {
                prop_assert!(agrees(*count, *shown), "{count} {shown:?}");
            }
        }
        for (row, shown) in counts.iter().zip(&table.row_totals) {
            prop_assert!(agrees(row.iter().sum(), *shown));
        }
    }

    #[test]
    fn no_small_figure_follows_from_two_tables_together(
        provinces in prop::collection::vec(
            prop::collection::vec(prop::collection::vec(count(), 3), 1..4), 2..4)
    ) {
        let known = linear_attack(&provinces);
        prop_assert!(known.is_empty(), "{known:?}");
    }
}

fn agrees(count: u64, shown: Shown) -> bool {
    match shown {
        Exact(n) => n == count,
        Small => (1..5).contains(&count),
        Hidden => true,
    }
}

/// Two levels: provinces by month, and under each its facilities by month. Which small figures follow
/// from all shown figures by adding and subtracting?
fn linear_attack(provinces: &[Vec<Vec<u64>>]) -> Vec<String> {
    let m = provinces[0][0].len();
    let sums: Vec<Vec<u64>> = provinces
        .iter()
        .map(|rows| (0..m).map(|j| rows.iter().map(|it| it[j]).sum()).collect())
        .collect();
    let upper = protect(&sums, m, &Above::Nothing);
    let mut system = System::default();
    system.table("top", &upper, |i| format!("p{i}"));
    for (p, rows) in provinces.iter().enumerate() {
        let lower = protect(rows, m, &upper.row(p));
        system.table(&format!("p{p}"), &lower, |i| format!("p{p}f{i}"));
    }
    system.known()
}

/// Linear equations over the hidden figures, named by place and column, modulo a large prime.
#[derive(Default)]
struct System {
    names: Vec<String>,
    small: Vec<bool>,
    equations: Vec<Vec<(usize, i128)>>,
}

const PRIME: i128 = 2_147_483_647;

impl System {
    fn variable(&mut self, name: String, shown: Shown) -> Option<usize> {
        if matches!(shown, Exact(_)) {
            return None;
        }
        let index = self.names.iter().position(|it| *it == name).unwrap_or_else(|| {
            self.names.push(name);
            self.small.push(false);
            self.names.len() - 1
        });
        self.small[index] |= shown == Small;
        Some(index)
    }

    fn table(&mut self, parent: &str, table: &Protected, name: impl Fn(usize) -> String) {
        let (n, m) = (table.cells.len(), table.column_totals.len());
        let line = |cells: &[Shown], total: Shown| {
            cells.iter().copied().chain([total]).collect::<Vec<_>>()
        };
        let mut rows: Vec<(String, Vec<Shown>)> =
            (0..n).map(|i| (name(i), line(&table.cells[i], table.row_totals[i]))).collect();
        rows.push((parent.to_owned(), line(&table.column_totals, table.total)));
        for (place, shown) in &rows {
            self.equation((0..=m).map(|j| (format!("{place}/{j}"), shown[j], j == m)));
        }
        for j in 0..=m {
            self.equation(
                rows.iter()
                    .enumerate()
                    .map(|(i, (place, it))| (format!("{place}/{j}"), it[j], i == n)),
            );
        }
    }

    fn equation(&mut self, terms: impl Iterator<Item = (String, Shown, bool)>) {
        let mut equation = Vec::new();
        for (name, shown, total) in terms {
            if let Some(index) = self.variable(name, shown) {
                equation.push((index, if total { PRIME - 1 } else { 1 }));
            }
        }
        self.equations.push(equation);
    }

    /// A figure is known if its column is a pivot whose row has no other entry.
    fn known(&self) -> Vec<String> {
        let width = self.names.len();
        let mut rows: Vec<Vec<i128>> = Vec::new();
        for equation in &self.equations {
            let mut row = vec![0; width];
            for &(index, factor) in equation {
                row[index] = factor;
            }
            rows.push(row);
        }
        let mut rank = 0;
        for column in 0..width {
            let Some(pivot) = (rank..rows.len()).find(|&i| rows[i][column] != 0) else { continue };
            rows.swap(rank, pivot);
            let inverse = power(rows[rank][column], PRIME - 2);
            for value in &mut rows[rank] {
                *value = *value * inverse % PRIME;
            }
            for i in 0..rows.len() {
                if i != rank && rows[i][column] != 0 {
                    let factor = PRIME - rows[i][column];
                    let pivot = rows[rank].clone();
                    for (value, above) in rows[i].iter_mut().zip(pivot) {
                        *value = (*value + factor * above) % PRIME;
                    }
                }
            }
            rank += 1;
        }
        let alone = |row: &&Vec<i128>| row.iter().filter(|it| **it != 0).count() == 1;
        rows.iter()
            .filter(alone)
            .filter_map(|row| row.iter().position(|it| *it != 0))
            .filter(|index| self.small[*index])
            .map(|index| self.names[index].clone())
            .collect()
    }
}

fn power(mut base: i128, mut exponent: i128) -> i128 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}
