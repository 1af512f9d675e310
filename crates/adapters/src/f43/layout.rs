//! Where each column of a mapping stands in one file: by its header, or by position.

use super::columns::ColumnSet;
use super::datasets::carried;
use super::defect::{Code, RowDefect};
use super::header::{Header, recognise};
use super::row::Slot;
use super::table::Table;

/// How one file lays out its rows.
#[derive(Debug)]
pub struct Layout {
    /// The file's table.
    pub table: Table,
    /// The mapping's columns.
    pub slots: Vec<Slot>,
    /// Fields of a row.
    pub fields: usize,
    /// Is line 1 a header?
    pub header: bool,
    /// `header`, or the name of the column set.
    pub set: &'static str,
    /// Misspelt names of the header and what they were taken for.
    pub renamed: Vec<(String, &'static str)>,
    /// Names of the header that mean nothing here.
    pub ignored: Vec<String>,
}

impl Layout {
    /// Settles the layout from the first line and a sample of whole lines.
    ///
    /// # Errors
    /// A header without a column that no event of the file can do without.
    pub fn settle(table: Table, first: &str, sample: &[u8]) -> Result<Self, RowDefect> {
        match recognise(first, table) {
            Some(header) => Self::by_header(table, header),
            None => Ok(Self::by_position(table, commonest_set(table, sample))),
        }
    }

    fn by_header(table: Table, header: Header) -> Result<Self, RowDefect> {
        let place = |name: &str| header.columns.iter().position(|it| *it == Some(name));
        let slots = slots(table, place);
        let missing = slots.iter().find(|it| it.spec.required && it.at.is_none());
        if let Some(missing) = missing {
            return Err(RowDefect { code: Code::Required, column: missing.spec.name });
        }
        Ok(Self {
            table,
            slots,
            fields: header.columns.len(),
            header: true,
            set: "header",
            renamed: header.renamed,
            ignored: header.ignored,
        })
    }

    /// The layout of a known column set.
    pub fn by_position(table: Table, set: &'static ColumnSet) -> Self {
        Self {
            table,
            slots: slots(table, |name| set.columns.iter().position(|it| *it == name)),
            fields: set.columns.len(),
            header: false,
            set: set.name,
            renamed: Vec::new(),
            ignored: Vec::new(),
        }
    }
}

fn slots(table: Table, place: impl Fn(&str) -> Option<usize>) -> Vec<Slot> {
    let slot = |name: &&'static str| Slot {
        at: place(name),
        spec: table.spec(name).expect("mappings name columns of their table"),
    };
    carried(table).iter().map(slot).collect()
}

/// The column set most lines of the sample have the length of; the current one when none fits, so
/// that each row is told apart as SP-1101.
fn commonest_set(table: Table, sample: &[u8]) -> &'static ColumnSet {
    let sets = table.column_sets();
    let mut votes = vec![0usize; sets.len()];
    for line in sample.split(|it| *it == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let fields = memchr::memchr_iter(b'|', line).count() + 1;
        let of_length = |n: usize| sets.iter().position(|it| it.columns.len() == n);
        let trailing_bar = || line.ends_with(b"|").then(|| of_length(fields - 1)).flatten();
        if let Some(at) = of_length(fields).or_else(trailing_bar) {
            votes[at] += 1;
        }
    }
    let most = votes.iter().max().copied().unwrap_or(0);
    &sets[votes.iter().position(|it| *it == most).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::Layout;
    use crate::f43::table::Table;

    #[track_caller]
    fn check(table: Table, lines: &str, expected: &str) {
        let first = lines.split('\n').next().expect("one line");
        let got = match Layout::settle(table, first, lines.as_bytes()) {
            Ok(it) => format!("{} {}", it.set, it.fields),
            Err(defect) => format!("{} {}", defect.code, defect.column),
        };
        assert_eq!(got, expected, "{lines}");
    }

    fn row(fields: usize) -> String {
        vec!["1"; fields].join("|")
    }

    #[test]
    fn the_number_of_fields_chooses_the_set() {
        check(Table::Service, &row(29), "2016 29");
        check(Table::Service, &row(31), "current 31");
        check(Table::Service, &format!("{}|", row(29)), "2016 29");
        check(Table::Address, &row(19), "2016 with telephone 19");
        check(Table::Address, &row(20), "2016 with telephone and CID 20");
        check(Table::Labfu, &row(9), "current without PROVIDER 9");
        check(Table::Service, &row(5), "current 31");
    }

    #[test]
    fn one_shifted_row_does_not_decide() {
        let lines = [row(30), row(29), row(29), row(31)].join("\r\n");
        check(Table::Service, &lines, "2016 29");
    }

    #[test]
    fn a_header_settles_it_unless_a_needed_column_lacks() {
        check(Table::Epi, "HOSPCODE|PID|DATE_SERV|VACCINETYPE|X", "header 5");
        check(Table::Epi, "HOSPCODE|PID|DATE_SERV|D_UPDATE", "SP-1102 VACCINETYPE");
    }
}
