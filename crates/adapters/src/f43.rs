//! The 43-file data sets of the Ministry of Public Health, the format every Thai hospital system
//! exports: one zip per facility and run, one text file per table, bars between fields.
//!
//! Three layers. The pure parser turns bytes into typed rows: `encoding`, `header` and
//! `layout` find the fields, `row` checks them, `datasets` says what each table means. The reader
//! (`source`) finds files in a zip or folder within limits. The assembler (`reading`, `join`) puts
//! the rows of one visit, stay, person or referral together and submits events.
//!
//! Must not know: where submissions go, how the person index is kept, what time it is.

mod codes;
mod columns;
mod datasets;
mod defect;
mod dictionary;
mod encoding;
mod error;
mod family;
mod gathered;
mod header;
mod join;
mod layout;
mod name;
mod natural;
mod outlet;
mod people;
mod reading;
mod report;
mod row;
mod rows;
mod source;
mod spill;
mod table;
mod typed;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use defect::{Code, RowDefect};
pub use encoding::Encoding;
pub use error::F43Error;
pub use people::{IndexError, MemoryPersonIndex, PersonIndex};
pub use report::{FileReport, Report};
pub use rows::type_rows;
pub use table::Table;
pub use typed::{Cid, Correction, Draft, Identity, Part, PartRow, Typed};

use crate::outcome::Sink;

/// What one bucket of the join holds when nothing else is said.
const BUCKET_BYTES: u64 = 16 << 20;

/// How to read a document.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The facility's 5-digit (or paired 9-character) code; `None` takes it from the document's name.
    pub facility: Option<String>,
    /// 9-character facility codes with the 5-digit code each is paired with.
    pub long_codes: BTreeMap<String, String>,
    /// Where unnamed temporary files are made; `None` is the system's folder.
    pub spill_dir: Option<PathBuf>,
    /// Rows one bucket of the join should hold, in bytes; `None` is 16 MiB. Memory use is a small
    /// multiple of it, up to documents of 256 buckets.
    pub bucket_bytes: Option<u64>,
}

/// Reads a zip or folder and submits what is in it: persons, visits, stays, referrals, other
/// events, retractions, in this order. The same document gives the same submissions.
///
/// # Errors
/// The document as a whole cannot be read. If that is the document's fault, a defect is submitted
/// first (unless its facility is not known). What was submitted before is good.
pub fn read(
    source: &Path,
    options: &Options,
    index: &mut dyn PersonIndex,
    sink: &mut Sink<'_>,
) -> Result<Report, F43Error> {
    let (document, verdict) =
        name::settle(source, options.facility.as_deref(), &options.long_codes)?;
    let mut reading = reading::Reading {
        outlet: outlet::Outlet::new(document, sink),
        index,
        long_codes: &options.long_codes,
        layouts: Vec::new(),
        spill_dir: options.spill_dir.clone().unwrap_or_else(std::env::temp_dir),
        bucket_bytes: options.bucket_bytes.unwrap_or(BUCKET_BYTES),
    };
    let outcome = verdict
        .and_then(|()| source::Source::open(source))
        .and_then(|mut source| reading.run(&mut source));
    match outcome {
        Ok(()) => Ok(reading.outlet.finish()?),
        Err(error) => {
            if let Some(code) = error.defect() {
                reading.outlet.refuse_document(code)?;
            }
            Err(error)
        }
    }
}
