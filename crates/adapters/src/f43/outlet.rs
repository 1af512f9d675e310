//! Everything that leaves the adapter goes through here: events, retractions, defects, and the
//! counts of them.
//!
//! Owns provenance and the submission's frame. Must not know how rows were found.

use saphan_model::{
    Body, Content, Defect, EventType, Private, Provenance, Subject, Submission, Timestamp,
};

use super::defect::{Code, RowDefect};
use super::report::{FileReport, Report};
use super::table::Table;
use crate::outcome::{DEFECTS_LISTED_MAX, Place, Sink, SinkError};

/// Name and version of this adapter.
pub const ADAPTER: &str = concat!("saphan-f43/", env!("CARGO_PKG_VERSION"));

/// The document being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// Whose it is, 5-digit code.
    pub facility: String,
    /// When it was made, as its name or its entries say; the time of its defects. No clock is read,
    /// so that a second feed gives the same bytes.
    pub made_at: Option<Timestamp>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Which file of the report.
    pub file: u16,
    /// The line; 0 is the whole file.
    pub line: i32,
}

/// An event ready to go, but for frame and provenance.
#[derive(Debug)]
pub struct Ready {
    /// Whose it is.
    pub subject: Subject,
    /// Its natural key.
    pub natural_key: Private<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the source last edited it; `None` fills it from `occurred_at`.
    pub recorded_at: Option<Timestamp>,
    /// Fields the mapping filled.
    pub defaulted: Vec<String>,
    /// What it says.
    pub body: Body,
}

/// The way out of a document's rows.
pub struct Outlet<'a> {
    document: Document,
    sink: &'a mut Sink<'a>,
    report: Report,
}

impl<'a> Outlet<'a> {
    /// An outlet for one document.
    pub fn new(document: Document, sink: &'a mut Sink<'a>) -> Self {
        let report = Report {
            document: document.name.clone(),
            facility: document.facility.clone(),
            ..Report::default()
        };
        Self { document, sink, report }
    }

    /// The facility of the document.
    pub fn facility(&self) -> &str {
        &self.document.facility
    }

    /// Dates the document by its entries, unless its name did.
    pub fn date(&mut self, made_at: Option<Timestamp>) {
        self.document.made_at = self.document.made_at.or(made_at);
    }

    /// Begins a file and gives its number.
    pub fn begin_file(&mut self, table: Table, name: &str) -> u16 {
        self.report.files.push(FileReport::new(table, name));
        u16::try_from(self.report.files.len() - 1).unwrap_or(u16::MAX)
    }

    /// The counts of a file.
    pub fn file(&mut self, file: u16) -> &mut FileReport {
        &mut self.report.files[usize::from(file)]
    }

    /// The report so far.
    pub fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    /// Submits an event.
    pub fn put(&mut self, at: At, mut event: Ready) -> Result<(), SinkError> {
        *self.report.events.entry(event.body.event_type()).or_default() += 1;
        let recorded_at = event.recorded_at.unwrap_or_else(|| {
            event.defaulted.push("recorded_at".to_owned());
            event.occurred_at
        });
        let provenance = self.provenance(at);
        (self.sink)(Submission {
            facility: self.document.facility.clone(),
            subject: event.subject,
            natural_key: event.natural_key,
            occurred_at: event.occurred_at,
            recorded_at,
            provenance,
            defaulted: event.defaulted,
            content: Content::Put(event.body),
        })
    }

    /// Submits a retraction.
    pub fn retract(
        &mut self,
        at: At,
        event_type: EventType,
        subject: Subject,
        natural_key: Private<String>,
        recorded_at: Timestamp,
    ) -> Result<(), SinkError> {
        *self.report.retractions.entry(event_type).or_default() += 1;
        let provenance = self.provenance(at);
        (self.sink)(Submission {
            facility: self.document.facility.clone(),
            subject,
            natural_key,
            occurred_at: recorded_at,
            recorded_at,
            provenance,
            defaulted: Vec::new(),
            content: Content::Retract(event_type),
        })
    }

    /// Counts a refused row and submits its defect; `edited_at` is its D_UPDATE, the defect's time
    /// when the document has none.
    pub fn refuse(
        &mut self,
        at: At,
        defect: RowDefect,
        edited_at: Option<Timestamp>,
    ) -> Result<(), SinkError> {
        let file = self.file(at.file);
        file.refused += 1;
        self.defect(at, defect, edited_at)
    }

    /// Submits a defect of a whole file.
    pub fn refuse_file(&mut self, file: u16, defect: RowDefect) -> Result<(), SinkError> {
        self.defect(At { file, line: 0 }, defect, None)
    }

    /// Submits a defect of the whole document.
    pub fn refuse_document(&mut self, code: Code) -> Result<(), SinkError> {
        self.count(RowDefect::row(code), "", 0);
        let remedy = code.remedy().to_owned();
        self.submit_defect(self.provenance_of("", 0), RowDefect::row(code), remedy, None)
    }

    /// Tells of the defects that were not listed, and gives the report.
    pub fn finish(mut self) -> Result<Report, SinkError> {
        for index in 0..self.report.files.len() {
            let unlisted = self.report.files[index].unlisted;
            if unlisted > 0 {
                let name = self.report.files[index].file.clone();
                let defect = RowDefect::row(Code::ManyDefects);
                self.count(defect, &name, 0);
                let remedy = format!("{unlisted} rows: {}", Code::ManyDefects.remedy());
                self.submit_defect(self.provenance_of(&name, 0), defect, remedy, None)?;
            }
        }
        Ok(self.report)
    }

    fn defect(
        &mut self,
        at: At,
        defect: RowDefect,
        edited_at: Option<Timestamp>,
    ) -> Result<(), SinkError> {
        let name = self.file(at.file).file.clone();
        self.count(defect, &name, at.line);
        let file = self.file(at.file);
        if at.line > 0 && file.refused > DEFECTS_LISTED_MAX {
            file.unlisted += 1;
            return Ok(());
        }
        let remedy = defect.code.remedy().to_owned();
        self.submit_defect(self.provenance(at), defect, remedy, edited_at)
    }

    fn count(&mut self, defect: RowDefect, file: &str, line: i32) {
        let counts = self.report.defects.entry(defect.code.as_str()).or_default();
        let place = || Place { file: file.to_owned(), line, column: defect.column.to_owned() };
        counts.add(defect.code.remedy(), place);
    }

    fn submit_defect(
        &mut self,
        provenance: Provenance,
        defect: RowDefect,
        remedy: String,
        edited_at: Option<Timestamp>,
    ) -> Result<(), SinkError> {
        let Provenance { document, file, line, .. } = &provenance;
        let natural_key = Private::new(format!("{document}|{file}|{line}|{}", defect.code));
        let at = self.document.made_at.or(edited_at).unwrap_or(Timestamp(0));
        (self.sink)(Submission {
            facility: self.document.facility.clone(),
            subject: Subject::default(),
            natural_key,
            occurred_at: at,
            recorded_at: at,
            provenance,
            defaulted: Vec::new(),
            content: Content::Defect(Defect {
                code: defect.code.as_str().to_owned(),
                column: defect.column.to_owned(),
                remedy,
            }),
        })
    }

    fn provenance(&self, at: At) -> Provenance {
        self.provenance_of(&self.report.files[usize::from(at.file)].file, at.line)
    }

    fn provenance_of(&self, file: &str, line: i32) -> Provenance {
        Provenance {
            source: "f43".to_owned(),
            document: self.document.name.clone(),
            file: file.to_owned(),
            line,
            adapter: ADAPTER.to_owned(),
        }
    }
}
