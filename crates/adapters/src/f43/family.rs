//! Which tables make one event together, and in which order events are submitted.

use super::table::Table;

/// A table whose rows are events, with the tables whose rows are parts of them.
pub struct Family {
    /// One row, one event.
    pub parent: Table,
    /// Parts; the order does not matter for the event.
    pub children: &'static [Table],
}

/// In the order of submission: persons come first, so that the register is known to the rest.
pub const FAMILIES: [Family; 4] = [
    Family { parent: Table::Person, children: &[Table::Address, Table::Card] },
    Family {
        parent: Table::Service,
        children: &[
            Table::DiagnosisOpd,
            Table::ProcedureOpd,
            Table::DrugOpd,
            Table::ChargeOpd,
            Table::Labfu,
            Table::Chronicfu,
            Table::Accident,
        ],
    },
    Family {
        parent: Table::Admission,
        children: &[Table::DiagnosisIpd, Table::ProcedureIpd, Table::DrugIpd, Table::ChargeIpd],
    },
    Family { parent: Table::ReferHistory, children: &[Table::ClinicalRefer, Table::DrugRefer] },
];

/// Tables whose rows are whole events, in the order of submission.
pub const SINGLE: [Table; 9] = [
    Table::Death,
    Table::Drugallergy,
    Table::Chronic,
    Table::Surveillance,
    Table::Ncdscreen,
    Table::Epi,
    Table::Anc,
    Table::Appointment,
    Table::ReferResult,
];
