//! The mappings, one file per data set: which columns it carries and what they become.
//!
//! A mapping names columns, never positions, and reads each through a checked accessor of
//! [`Row`]. Columns the platform has no field for are not named and so not judged.

/// Declares the columns a mapping carries, HOSPCODE first, and a constant for each.
macro_rules! carried {
    ($($name:ident),+ $(,)?) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Place { HOSPCODE, $($name,)+ }
        $(const $name: crate::f43::row::Column = crate::f43::row::Column(Place::$name as u8);)+
        /// The columns carried, in the order of their constants.
        pub(crate) const CARRIED: &[&str] =
            &[{ let _ = Place::HOSPCODE; "HOSPCODE" }, $(stringify!($name),)+];
    };
}

mod accident;
mod address;
mod admission;
mod anc;
mod appointment;
mod card;
mod charge_ipd;
mod charge_opd;
mod chronic;
mod chronicfu;
mod clinical_refer;
mod data_correct;
mod death;
mod diagnosis_ipd;
mod diagnosis_opd;
mod drug_ipd;
mod drug_opd;
mod drug_refer;
mod drugallergy;
mod epi;
mod labfu;
mod ncdscreen;
mod person;
mod procedure_ipd;
mod procedure_opd;
mod refer_history;
mod refer_result;
mod service;
mod surveillance;

#[cfg(test)]
mod tests;

use saphan_model::Date;

use super::defect::RowDefect;
use super::row::{Column, Row};
use super::table::Table;
use super::typed::Typed;

/// HOSPCODE in every mapping.
pub const HOSPCODE: Column = Column(0);

macro_rules! mappings {
    ($($table:ident => $module:ident,)+) => {
        /// The columns a mapping carries.
        pub fn carried(table: Table) -> &'static [&'static str] {
            match table { $(Table::$table => $module::CARRIED,)+ }
        }

        /// Types one row.
        ///
        /// # Errors
        /// The first thing wrong with it.
        pub fn parse(table: Table, row: &Row<'_>) -> Result<Typed, RowDefect> {
            match table { $(Table::$table => $module::parse(row),)+ }
        }
    };
}

mappings! {
    Person => person,
    Address => address,
    Card => card,
    Service => service,
    DiagnosisOpd => diagnosis_opd,
    ProcedureOpd => procedure_opd,
    DrugOpd => drug_opd,
    ChargeOpd => charge_opd,
    Labfu => labfu,
    Chronicfu => chronicfu,
    Accident => accident,
    Admission => admission,
    DiagnosisIpd => diagnosis_ipd,
    ProcedureIpd => procedure_ipd,
    DrugIpd => drug_ipd,
    ChargeIpd => charge_ipd,
    ReferHistory => refer_history,
    ClinicalRefer => clinical_refer,
    DrugRefer => drug_refer,
    ReferResult => refer_result,
    Death => death,
    Drugallergy => drugallergy,
    Chronic => chronic,
    Surveillance => surveillance,
    Ncdscreen => ncdscreen,
    Epi => epi,
    Anc => anc,
    Appointment => appointment,
    DataCorrect => data_correct,
}

/// What ties the rows of one event together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// PID, SEQ, AN or REFERID: rows of one event share it.
    pub group: &'a str,
    /// PID, where the group is not the person already; empty otherwise.
    pub pid: &'a str,
    /// The day of the visit; `None` where the group needs none.
    pub day: Option<Date>,
}

/// The key of a row of a person, visit, stay or referral.
///
/// # Errors
/// A key column is missing or unreadable. Tables without parts have no such key: their group is
/// empty.
pub fn key<'a>(table: Table, row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    match table {
        Table::Person => person::key(row),
        Table::Address => address::key(row),
        Table::Card => card::key(row),
        Table::Service => service::key(row),
        Table::DiagnosisOpd => diagnosis_opd::key(row),
        Table::ProcedureOpd => procedure_opd::key(row),
        Table::DrugOpd => drug_opd::key(row),
        Table::ChargeOpd => charge_opd::key(row),
        Table::Labfu => labfu::key(row),
        Table::Chronicfu => chronicfu::key(row),
        Table::Accident => accident::key(row),
        Table::Admission => admission::key(row),
        Table::DiagnosisIpd => diagnosis_ipd::key(row),
        Table::ProcedureIpd => procedure_ipd::key(row),
        Table::DrugIpd => drug_ipd::key(row),
        Table::ChargeIpd => charge_ipd::key(row),
        Table::ReferHistory => refer_history::key(row),
        Table::ClinicalRefer => clinical_refer::key(row),
        Table::DrugRefer => drug_refer::key(row),
        _ => Ok(Key { group: "", pid: "", day: None }),
    }
}

impl<'a> Key<'a> {
    /// A key of one column.
    fn single(row: &Row<'a>, group: Column) -> Result<Self, RowDefect> {
        Ok(Self { group: row.text(group)?, pid: "", day: None })
    }

    /// A key of a visit: SEQ, PID and the day.
    fn visit(row: &Row<'a>, seq: Column, pid: Column, date: Column) -> Result<Self, RowDefect> {
        Ok(Self { group: row.text(seq)?, pid: row.text(pid)?, day: Some(row.date(date)?) })
    }

    /// A key of a stay: AN and PID.
    fn stay(row: &Row<'a>, an: Column, pid: Column) -> Result<Self, RowDefect> {
        Ok(Self { group: row.text(an)?, pid: row.text(pid)?, day: None })
    }
}

/// PID and CID of a row whose event parts may join, as they stand there: what the person index learns
/// before any event is made. `None` where the table has no CID.
pub fn link<'a>(table: Table, row: &Row<'a>) -> Option<(&'a str, &'a str)> {
    match table {
        Table::Person => Some(person::link(row)),
        Table::Service => Some(service::link(row)),
        Table::Admission => Some(admission::link(row)),
        _ => None,
    }
}

/// A key of several values; the joint cannot stand in any of them.
fn joined(values: &[&str]) -> String {
    values.join("|")
}
