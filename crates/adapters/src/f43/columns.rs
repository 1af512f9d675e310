//! The columns of each carried file: order, kind, width, obligation, code set, and since when.
//!
//! Read once from `data/f43_columns.csv`. `required` there means: without it the event cannot be
//! made or its place not found. The tables of 2016 say NOT NULL of more columns, but an empty text
//! satisfies that too, so it proves nothing about what exporters send. Widths are the larger of the
//! two known ones.

use std::sync::LazyLock;

use super::codes::Codes;
use super::table::Table;

/// What the text of a column must look like, besides its width and code set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free or coded text.
    Text,
    /// Exactly as many digits as the width.
    Digits,
    /// `YYYYMMDD`.
    Date,
    /// `YYYYMMDDHHMMSS`.
    DateTime,
    /// `HHMMSS`.
    Time,
    /// A whole number.
    Integer,
    /// A measure.
    Decimal,
    /// Baht.
    Money,
    /// An ICD-10 code.
    Icd10,
    /// A facility code that routing depends on, so its shape is checked.
    Facility,
}

/// One column.
#[derive(Debug)]
pub struct Spec {
    /// Its name.
    pub name: &'static str,
    /// What its text must look like.
    pub kind: Kind,
    /// Most characters of a text, most digits before the point of a number; 0 is no limit.
    pub width: usize,
    /// Is there no event without it?
    pub required: bool,
    /// Was it added after 2016?
    pub later: bool,
    /// What it may hold.
    pub codes: Codes,
}

/// An order of columns found in real exports without a header line.
#[derive(Debug)]
pub struct ColumnSet {
    /// Its name in reports.
    pub name: &'static str,
    /// Column names in order.
    pub columns: Vec<&'static str>,
}

struct Columns {
    specs: Vec<Spec>,
    sets: Vec<ColumnSet>,
}

static COLUMNS: LazyLock<Vec<Columns>> = LazyLock::new(|| {
    let lines: Vec<_> = include_str!("../../data/f43_columns.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .collect();
    Table::ALL
        .iter()
        .map(|table| {
            let own = lines.iter().filter(|it| it[0] == table.name());
            let specs: Vec<_> = own.map(|it| spec(it)).collect();
            Columns { sets: sets(*table, &specs), specs }
        })
        .collect()
});

fn spec(line: &[&'static str]) -> Spec {
    let (precision, scale) = line[3].split_once('.').unwrap_or((line[3], "0"));
    let number = |text: &str| text.parse::<usize>().expect("the column list has numbers here");
    Spec {
        name: line[1],
        kind: match line[2] {
            "digits" => Kind::Digits,
            "date" => Kind::Date,
            "datetime" => Kind::DateTime,
            "time" => Kind::Time,
            "integer" => Kind::Integer,
            "decimal" => Kind::Decimal,
            "money" => Kind::Money,
            "icd10" => Kind::Icd10,
            "facility" => Kind::Facility,
            _ => Kind::Text,
        },
        width: number(precision) - number(scale),
        required: line[4] == "yes",
        later: line[5] == "later",
        codes: Codes::parse(line[6]),
    }
}

/// The current set, the one of 2016, and what single exporters were seen to write.
fn sets(table: Table, specs: &[Spec]) -> Vec<ColumnSet> {
    let current: Vec<_> = specs.iter().map(|it| it.name).collect();
    let of_2016: Vec<_> = specs.iter().filter(|it| !it.later).map(|it| it.name).collect();
    let mut sets = Vec::new();
    match table {
        // Telephone numbers stood before D_UPDATE in 2016; one exporter keeps them and adds CID.
        Table::Address => {
            let (before, last) = of_2016.split_at(of_2016.len() - 1);
            let phones = [before, &["TELEPHONE", "MOBILE"], last].concat();
            let phones_cid = [&phones[..], &["CID"]].concat();
            sets.push(ColumnSet { name: "2016 with telephone", columns: phones });
            sets.push(ColumnSet { name: "2016 with telephone and CID", columns: phones_cid });
        }
        // One exporter stops before PROVIDER.
        Table::Labfu => {
            let columns = current[..current.len() - 1].to_vec();
            sets.push(ColumnSet { name: "current without PROVIDER", columns });
        }
        _ => {}
    }
    if of_2016.len() < current.len() {
        sets.insert(0, ColumnSet { name: "2016", columns: of_2016 });
    }
    sets.insert(0, ColumnSet { name: "current", columns: current });
    sets
}

impl Table {
    /// Its columns in current order.
    pub fn specs(self) -> &'static [Spec] {
        &COLUMNS[self as usize].specs
    }

    /// Its column orders, the current one first.
    pub fn column_sets(self) -> &'static [ColumnSet] {
        &COLUMNS[self as usize].sets
    }

    /// One of its columns by name.
    pub fn spec(self, name: &str) -> Option<&'static Spec> {
        self.specs().iter().find(|it| it.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn every_table_has_columns_and_sets_of_different_length() {
        for table in Table::ALL {
            assert_eq!(table.specs()[0].name, "HOSPCODE", "{table:?}");
            let mut lengths: Vec<_> =
                table.column_sets().iter().map(|it| it.columns.len()).collect();
            lengths.sort_unstable();
            assert!(lengths.windows(2).all(|it| it[0] < it[1]), "{table:?}");
        }
    }

    #[test]
    fn known_numbers_of_columns() {
        for (table, expected) in [
            (Table::Service, &[31, 29][..]),
            (Table::Address, &[18, 17, 19, 20]),
            (Table::Labfu, &[10, 7, 9]),
            (Table::ReferHistory, &[25]),
        ] {
            let lengths: Vec<_> = table.column_sets().iter().map(|it| it.columns.len()).collect();
            assert_eq!(lengths, expected, "{table:?}");
        }
        assert_eq!(Table::Service.spec("PRICE").map(|it| it.width), Some(9));
    }
}
