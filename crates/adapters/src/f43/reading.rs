//! One document being read: its files in order, each row to its end.
//!
//! The loop of the adapter. Every row ends in exactly one of four ways (used, replaced, refused,
//! with a refused parent), counted where it happens.

use std::path::PathBuf;

use saphan_model::{CitizenId, Subject};

use super::datasets::{link, parse};
use super::defect::RowDefect;
use super::error::F43Error;
use super::family::{FAMILIES, SINGLE};
use super::join::join;
use super::layout::Layout;
use super::outlet::{At, Outlet, Ready};
use super::people::{PersonIndex, resolve};
use super::row::{LongCodes, Row};
use super::rows::{Rows, check_facility};
use super::source::{Entry, Source};
use super::table::Table;
use super::typed::{Correction, Draft, Identity, Typed};

/// What the reading of a document needs besides its source.
pub struct Reading<'a> {
    /// Where its rows go.
    pub outlet: Outlet<'a>,
    /// The register.
    pub index: &'a mut dyn PersonIndex,
    /// Facility codes to shorten.
    pub long_codes: &'a LongCodes,
    /// The layout of each file read so far, by its number; none of a file refused as a whole.
    pub layouts: Vec<Option<Layout>>,
    /// Where rows are kept while they are joined.
    pub spill_dir: PathBuf,
    /// What one bucket of the join should hold.
    pub bucket_bytes: u64,
}

impl Reading<'_> {
    /// Reads a document.
    pub fn run(&mut self, source: &mut Source) -> Result<(), F43Error> {
        self.outlet.date(source.made_at);
        let report = self.outlet.report();
        report.skipped.clone_from(&source.skipped);
        report.unknown.clone_from(&source.unknown);
        for family in &FAMILIES {
            join(self, source, family)?;
        }
        for table in SINGLE.into_iter().chain([Table::DataCorrect]) {
            for entry in source.of_table(table) {
                self.each_row(source, &entry, |this, at, row| match parse(table, row) {
                    Err(defect) => Ok(this.outlet.refuse(at, defect, row.edited_at())?),
                    Ok(typed) => this.single_row(at, row, typed),
                })?;
            }
        }
        Ok(())
    }

    /// A row that stands for itself.
    fn single_row(&mut self, at: At, row: &Row<'_>, typed: Typed) -> Result<(), F43Error> {
        match typed {
            Typed::Event(draft) => match self.subject(&draft.identity)? {
                Err(defect) => return Ok(self.outlet.refuse(at, defect, row.edited_at())?),
                Ok(subject) => self.outlet.put(at, ready(subject, *draft))?,
            },
            Typed::Correction(it) => self.retract(at, *it)?,
            Typed::Nothing | Typed::Part(_) => {}
        }
        self.outlet.file(at.file).used += 1;
        Ok(())
    }

    fn retract(&mut self, at: At, it: Correction) -> Result<(), F43Error> {
        let identity = Identity { pid: it.pid, ..Identity::default() };
        let subject = self.subject(&identity)?.unwrap_or_default();
        Ok(self.outlet.retract(at, it.event_type, subject, it.natural_key, it.recorded_at)?)
    }

    /// Whose event it is; SP-1109 when its citizen id is wrong and the register has none.
    pub fn subject(&mut self, identity: &Identity) -> Result<Result<Subject, RowDefect>, F43Error> {
        let resolved = resolve(identity, self.outlet.facility(), self.index)?;
        Ok(resolved.map_err(|code| RowDefect { code, column: "CID" }))
    }

    /// Remembers the citizen id a row carries, whatever else is wrong with the row. PERSON is the
    /// register and replaces what was known; another row counts only where nothing was. Done for
    /// all rows of a table before its events are made, so that the order of rows does not matter.
    pub fn learn(&mut self, table: Table, row: &Row<'_>) -> Result<(), F43Error> {
        let Some((pid, cid)) = link(table, row).filter(|it| !it.0.is_empty()) else {
            return Ok(());
        };
        let Ok(citizen_id) = CitizenId::parse(cid) else { return Ok(()) };
        let facility = self.outlet.facility();
        if table == Table::Person || self.index.citizen_id(facility, pid)?.is_none() {
            self.index.learn(facility, pid, citizen_id)?;
        }
        Ok(())
    }

    /// Reads one file and hands on each row that is the facility's own; other lines are refused.
    /// False when the file was refused as a whole.
    pub fn each_row(
        &mut self,
        source: &mut Source,
        entry: &Entry,
        mut take: impl FnMut(&mut Self, At, &Row<'_>) -> Result<(), F43Error>,
    ) -> Result<bool, F43Error> {
        let file = self.outlet.begin_file(entry.table, &entry.name);
        let trouble = source.trouble();
        let reader = source.read(entry)?;
        let mut rows = match Rows::open(entry.table, reader).map_err(trouble)? {
            Ok(rows) => rows,
            Err(defect) => {
                self.outlet.refuse_file(file, defect)?;
                self.layouts.push(None);
                return Ok(false);
            }
        };
        self.outlet.file(file).describe(rows.layout());
        while let Some((line, row)) = rows.next_row(self.long_codes).map_err(trouble)? {
            let at = At { file, line };
            self.outlet.file(file).rows += 1;
            match row {
                Err(defect) => self.outlet.refuse(at, defect, None)?,
                Ok(row) => match check_facility(&row, self.outlet.facility()) {
                    Err(defect) => self.outlet.refuse(at, defect, row.edited_at())?,
                    Ok(()) => take(self, at, &row)?,
                },
            }
        }
        self.outlet.file(file).encoding = rows.encoding();
        self.layouts.push(Some(rows.into_layout()));
        Ok(true)
    }
}

/// A whole event of one row.
fn ready(subject: Subject, draft: Draft) -> Ready {
    Ready {
        subject,
        natural_key: draft.natural_key,
        occurred_at: draft.occurred_at,
        recorded_at: draft.recorded_at,
        defaulted: draft.defaulted,
        body: draft.body,
    }
}
