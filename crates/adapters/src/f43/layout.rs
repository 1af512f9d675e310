//! Where each column of a mapping stands in one file: by its header, or by position.

use std::collections::BTreeMap;

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
    /// Fields of every row, with the empty one behind a trailing bar where the file has those.
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
    /// Settles the layout from the first line and a sample of whole lines, the first among them.
    ///
    /// # Errors
    /// A header without a column that no event of the file can do without.
    pub fn settle(table: Table, first: &str, sample: &[u8]) -> Result<Self, RowDefect> {
        let lengths = Lengths::of(sample);
        match recognise(first, table) {
            Some(header) => Self::by_header(table, header, &lengths),
            None => {
                let set = lengths.commonest(table.column_sets());
                let mut layout = Self::by_position(table, set);
                layout.fields += usize::from(lengths.trailing_bar(layout.fields));
                Ok(layout)
            }
        }
    }

    fn by_header(table: Table, header: Header, lengths: &Lengths) -> Result<Self, RowDefect> {
        let place = |name: &str| header.columns.iter().position(|it| *it == Some(name));
        let slots = slots(table, place);
        let missing = slots.iter().find(|it| it.spec.required && it.at.is_none());
        if let Some(missing) = missing {
            return Err(RowDefect { code: Code::Required, column: missing.spec.name });
        }
        let named = header.columns.len();
        Ok(Self {
            table,
            slots,
            fields: named + usize::from(lengths.trailing_bar(named)),
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

/// How many lines of a sample have how many fields.
#[derive(Default)]
struct Lengths {
    /// By number of fields: all lines, and those that end with a bar.
    counts: BTreeMap<usize, (usize, usize)>,
}

impl Lengths {
    fn of(sample: &[u8]) -> Self {
        let mut lengths = Self::default();
        for line in sample.split(|it| *it == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let fields = memchr::memchr_iter(b'|', line).count() + 1;
            let (all, barred) = lengths.counts.entry(fields).or_default();
            *all += 1;
            *barred += usize::from(line.ends_with(b"|"));
        }
        lengths
    }

    fn exact(&self, fields: usize) -> usize {
        self.counts.get(&fields).map_or(0, |it| it.0)
    }

    fn barred(&self, fields: usize) -> usize {
        self.counts.get(&(fields + 1)).map_or(0, |it| it.1)
    }

    /// Do more lines have a bar behind the last of these fields than not? A single such line is no
    /// habit of the exporter but a bar in free text before an empty last column.
    fn trailing_bar(&self, fields: usize) -> bool {
        self.barred(fields) > self.exact(fields).max(1)
    }

    /// The set most lines have the length of; the current one when none fits, so that each row is
    /// told apart as SP-1101.
    fn commonest(&self, sets: &'static [ColumnSet]) -> &'static ColumnSet {
        let votes = |set: &ColumnSet| {
            let fields = set.columns.len();
            let taken = sets.iter().any(|it| it.columns.len() == fields + 1);
            self.exact(fields) + if taken { 0 } else { self.barred(fields) }
        };
        let most = sets.iter().map(votes).max().unwrap_or(0);
        sets.iter().find(|it| votes(it) == most).unwrap_or(&sets[0])
    }
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
        check(Table::Address, &row(19), "2016 with telephone 19");
        check(Table::Address, &row(20), "2016 with telephone and CID 20");
        check(Table::Labfu, &row(9), "current without PROVIDER 9");
        check(Table::Service, &row(5), "current 31");
    }

    #[test]
    fn a_trailing_bar_is_a_habit_of_the_whole_file() {
        let barred = format!("{}|", row(29));
        check(Table::Service, &[&barred[..]; 3].join("\n"), "2016 30");
        check(Table::Service, &[&row(29), &barred, &row(29)[..]].join("\n"), "2016 29");
        let header = "HOSPCODE|PID|DATE_SERV|VACCINETYPE";
        check(Table::Epi, &format!("{header}\n{}|\n{}|", row(4), row(4)), "header 5");
        check(Table::Epi, &format!("{header}\n{}|\n{}", row(4), row(4)), "header 4");
        check(Table::Address, &[&format!("{}|", row(17))[..]; 3].join("\n"), "current 18");
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
