//! What one reading of a document found: the figures the person who sent it needs.

use std::collections::BTreeMap;

use saphan_model::EventType;

use super::encoding::Encoding;
use super::layout::Layout;
use super::table::Table;
use crate::outcome::DefectCount;

/// The outcome of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The name of the zip or folder, never a path.
    pub document: String,
    /// Whose it is, 5-digit code.
    pub facility: String,
    /// The files read, in the order of reading.
    pub files: Vec<FileReport>,
    /// Events submitted, by type.
    pub events: BTreeMap<EventType, u64>,
    /// Retractions submitted, by type.
    pub retractions: BTreeMap<EventType, u64>,
    /// Defects by code; all are counted, also those beyond the list of single ones.
    pub defects: BTreeMap<&'static str, DefectCount>,
    /// Files of the standard that are not carried.
    pub skipped: Vec<String>,
    /// Names that are no file of the standard.
    pub unknown: Vec<String>,
}

/// The outcome of one inner file: `rows = used + replaced + refused + with_refused_parent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// Its name; with its inner folder when two files of one name are in the document.
    pub file: String,
    /// What it is.
    pub table: Table,
    /// What it is written in.
    pub encoding: Encoding,
    /// Has it a header line?
    pub header: bool,
    /// `header`, or the column set its rows have; empty when it could not be read.
    pub columns: &'static str,
    /// Misspelt names of its header and what they were taken for.
    pub renamed: Vec<(String, &'static str)>,
    /// Names of its header that were not understood.
    pub ignored_columns: Vec<String>,
    /// Rows, without header and empty lines.
    pub rows: u64,
    /// Rows that are in an event or retraction submitted.
    pub used: u64,
    /// Rows replaced by a later one of the same key.
    pub replaced: u64,
    /// Rows refused, each with one defect.
    pub refused: u64,
    /// Rows of an event that was refused as a whole; they have no defect of their own.
    pub with_refused_parent: u64,
    /// Defects not listed one by one.
    pub(super) unlisted: u64,
}

impl FileReport {
    /// A file not read yet.
    pub(super) fn new(table: Table, file: &str) -> Self {
        Self {
            file: file.to_owned(),
            table,
            encoding: Encoding::Ascii,
            header: false,
            columns: "",
            renamed: Vec::new(),
            ignored_columns: Vec::new(),
            rows: 0,
            used: 0,
            replaced: 0,
            refused: 0,
            with_refused_parent: 0,
            unlisted: 0,
        }
    }

    /// Notes what was found at its beginning.
    pub(super) fn describe(&mut self, layout: &Layout) {
        self.header = layout.header;
        self.columns = layout.set;
        self.renamed.clone_from(&layout.renamed);
        self.ignored_columns.clone_from(&layout.ignored);
    }
}
