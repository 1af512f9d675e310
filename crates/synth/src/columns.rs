//! The 43-file tables the generator writes, and their columns.
//!
//! Column order is that of `data/columns.csv`. Two column sets exist. The current one has every
//! column. The one of 2016 leaves out the columns marked `later` there, which are those the
//! published table describes as added after 2016: the appended CID of person-level files, and a
//! few more. In every file they stand at the end, so the 2016 set is a prefix.

use std::sync::LazyLock;

use crate::reference::rows;

macro_rules! tables {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A file of the set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $($variant),+ }

        impl Table {
            /// Every file written, in the order they stand in a zip.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name of the file, without extension.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

tables! {
    Person = "PERSON",
    Address = "ADDRESS",
    Card = "CARD",
    Death = "DEATH",
    DrugAllergy = "DRUGALLERGY",
    Chronic = "CHRONIC",
    Service = "SERVICE",
    DiagnosisOpd = "DIAGNOSIS_OPD",
    ProcedureOpd = "PROCEDURE_OPD",
    DrugOpd = "DRUG_OPD",
    ChargeOpd = "CHARGE_OPD",
    LabFu = "LABFU",
    ChronicFu = "CHRONICFU",
    NcdScreen = "NCDSCREEN",
    Epi = "EPI",
    Anc = "ANC",
    Admission = "ADMISSION",
    DiagnosisIpd = "DIAGNOSIS_IPD",
    ProcedureIpd = "PROCEDURE_IPD",
    DrugIpd = "DRUG_IPD",
    ChargeIpd = "CHARGE_IPD",
    Appointment = "APPOINTMENT",
    Accident = "ACCIDENT",
    Surveillance = "SURVEILLANCE",
    ReferHistory = "REFER_HISTORY",
    ReferResult = "REFER_RESULT",
    ClinicalRefer = "CLINICAL_REFER",
    DrugRefer = "DRUG_REFER",
    DataCorrect = "DATA_CORRECT",
}

/// The columns of one table.
pub struct Columns {
    /// Names in order.
    pub names: Vec<&'static str>,
    /// How many of them existed in 2016; they are the first ones.
    pub count_2016: usize,
}

static COLUMNS: LazyLock<Vec<Columns>> = LazyLock::new(|| {
    let all: Vec<_> = rows(include_str!("../data/columns.csv")).collect();
    Table::ALL
        .iter()
        .map(|table| {
            let own: Vec<_> = all.iter().filter(|it| it[0] == table.name()).collect();
            Columns {
                names: own.iter().map(|it| it[2]).collect(),
                count_2016: own.iter().filter(|it| it[6] == "2016").count(),
            }
        })
        .collect()
});

impl Table {
    /// Its columns.
    pub fn columns(self) -> &'static Columns {
        &COLUMNS[self as usize]
    }

    /// Where a column stands; the name must be one of the table's.
    pub fn column(self, name: &str) -> usize {
        let at = self.columns().names.iter().position(|it| *it == name);
        at.expect("callers name columns of the table")
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::reference::rows;

    #[test]
    fn the_columns_of_2016_are_a_prefix_of_the_current_ones() {
        for table in Table::ALL {
            let since: Vec<_> = rows(include_str!("../data/columns.csv"))
                .filter(|it| it[0] == table.name())
                .map(|it| it[6])
                .collect();
            assert!(!since.is_empty(), "{}", table.name());
            assert!(since.is_sorted(), "{}", table.name());
        }
        assert_eq!(Table::Service.columns().names.len(), 31);
        assert_eq!(Table::Service.columns().count_2016, 29);
        assert_eq!(Table::LabFu.columns().count_2016, 7);
    }
}
