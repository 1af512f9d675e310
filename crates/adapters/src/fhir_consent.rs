//! Consent directives from and as FHIR R4 Consent resources, one JSON object a line (NDJSON).
//!
//! `json` walks a resource and always knows the path it stands at; `directive` and `provision` say
//! what its elements mean. What cannot be honoured is refused, never left out: a condition of a
//! permission that is not understood would make the permission wider than it was given.
//!
//! Must not know: who may have what. That is `policy`'s business.

mod directive;
mod fault;
mod json;
mod provision;
mod report;
mod time;
mod write;

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use saphan_model::limits::SUBMISSION_BYTES_MAX;
use saphan_model::{
    Content, Defect, EventType, FacilityCode, Private, Provenance, Subject, Submission, Timestamp,
};

pub use fault::Code;
pub use report::Report;
pub use write::resource;

use crate::lines::{Line, Lines};
use crate::outcome::{DEFECTS_LISTED_MAX, Place, Sink, SinkError};
use directive::Read as Parsed;
use fault::Fault;

/// Name and version of this adapter.
const ADAPTER: &str = concat!("saphan-fhir-consent/", env!("CARGO_PKG_VERSION"));

/// How to read a document.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The facility that sends, 5-digit code. Lines of another organization are then refused;
    /// without it each line is its organization's.
    pub facility: Option<String>,
    /// 9-character facility codes with the 5-digit code each is paired with.
    pub long_codes: BTreeMap<String, String>,
}

/// Why reading ended early.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// The file cannot be read.
    #[error("SP-1130: the document cannot be read; check that it exists and may be read")]
    Read(#[source] io::Error),
    /// The facility given is no 5-digit code.
    #[error("SP-1119: the facility given is not a 5-digit code")]
    Facility,
    /// The receiver failed.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

impl ConsentError {
    /// Its page in `docs/errors`; none where the cause has one of its own.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Read(_) => Some("SP-1130"),
            Self::Facility => Some("SP-1119"),
            Self::Sink(_) => None,
        }
    }
}

/// Reads a file.
///
/// # Errors
/// The file cannot be read, or the sink took no more.
pub fn read(source: &Path, options: &Options, sink: &mut Sink<'_>) -> Result<Report, ConsentError> {
    let name = source.file_name().unwrap_or(source.as_os_str()).to_string_lossy().into_owned();
    let mut file = File::open(source).map_err(ConsentError::Read)?;
    read_lines(&name, &mut file, options, sink)
}

/// Reads lines from anywhere; `document` is the name they are known by.
///
/// # Errors
/// As [`read`].
pub fn read_lines(
    document: &str,
    input: &mut dyn Read,
    options: &Options,
    sink: &mut Sink<'_>,
) -> Result<Report, ConsentError> {
    if options
        .facility
        .as_ref()
        .is_some_and(|it| it.len() != 5 || it.parse::<FacilityCode>().is_err())
    {
        return Err(ConsentError::Facility);
    }
    let report = Report { document: document.to_owned(), ..Report::default() };
    let mut reading = Reading { options, report, sink, listed: 0, unlisted: BTreeMap::new() };
    let mut lines = Lines::new(input, SUBMISSION_BYTES_MAX);
    while let Some((number, line)) = lines.next_filled().map_err(ConsentError::Read)? {
        match line {
            Line::TooLong => reading.refuse(number, None, None, Fault::root(Code::Limit))?,
            Line::Whole(bytes) => reading.line(number, bytes)?,
        }
    }
    reading.finish()?;
    Ok(reading.report)
}

struct Reading<'a> {
    options: &'a Options,
    report: Report,
    sink: &'a mut Sink<'a>,
    /// Defects submitted one by one.
    listed: u64,
    /// The number of others, by facility.
    unlisted: BTreeMap<String, u64>,
}

impl Reading<'_> {
    fn line(&mut self, line: i32, bytes: &[u8]) -> Result<(), SinkError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").filter(|_| line == 1).unwrap_or(bytes);
        let Ok(resource) = serde_json::from_slice(bytes) else {
            return self.refuse(line, None, None, Fault::root(Code::Resource));
        };
        let dated = directive::dated(&resource);
        let facility = match self.facility(directive::organization(&resource)) {
            Ok(facility) => facility,
            Err(fault) => return self.refuse(line, None, dated, fault),
        };
        match directive::read(&resource) {
            Err(fault) => self.refuse(line, Some(facility), dated, fault),
            Ok(parsed) => self.submit(line, facility, parsed),
        }
    }

    /// The 5-digit code of the organization, which must be the facility that sends.
    fn facility(&self, organization: Option<&str>) -> Result<String, Fault> {
        let short = |it: &str| self.options.long_codes.get(it).cloned().unwrap_or(it.to_owned());
        let named = organization.map(short).filter(|it| provision::short_code(it));
        let allowed = named.filter(|it| self.options.facility.as_ref().is_none_or(|own| own == it));
        let path = "organization[0].identifier.value".to_owned();
        allowed.ok_or(Fault { code: Code::Organization, path })
    }

    fn submit(&mut self, line: i32, facility: String, it: Parsed) -> Result<(), SinkError> {
        let content = match it.directive {
            Some(directive) => {
                self.report.directives += 1;
                Content::Put(saphan_model::Body::Directive(Box::new(directive)))
            }
            None => {
                self.report.retractions += 1;
                Content::Retract(EventType::Directive)
            }
        };
        (self.sink)(Submission {
            facility,
            subject: Subject { citizen_id: Some(it.citizen_id), local_id: None },
            natural_key: Private::new(it.id),
            occurred_at: it.given_at,
            recorded_at: it.updated_at.unwrap_or(it.given_at),
            provenance: provenance(&self.report.document, line),
            defaulted: Vec::new(),
            content,
        })
    }

    /// Counts a line refused, and submits its defect if anybody is known to be told.
    fn refuse(
        &mut self,
        line: i32,
        facility: Option<String>,
        dated: Option<Timestamp>,
        fault: Fault,
    ) -> Result<(), SinkError> {
        let file = self.report.document.clone();
        let place = Place { file, line, column: fault.path.clone() };
        let remedy = fault.code.remedy();
        self.report.defects.entry(fault.code.as_str()).or_default().add(remedy, || place.clone());
        let Some(facility) = facility.or_else(|| self.options.facility.clone()) else {
            self.report.unattributed.add(remedy, || place);
            return Ok(());
        };
        self.listed += 1;
        if self.listed > DEFECTS_LISTED_MAX {
            *self.unlisted.entry(facility).or_default() += 1;
            return Ok(());
        }
        self.submit_defect(line, facility, dated, fault, remedy.to_owned())
    }

    /// Tells of the defects that were not listed.
    fn finish(&mut self) -> Result<(), SinkError> {
        for (facility, lines) in std::mem::take(&mut self.unlisted) {
            let remedy = format!("{lines} lines: {}", Code::ManyDefects.remedy());
            self.submit_defect(0, facility, None, Fault::root(Code::ManyDefects), remedy)?;
        }
        Ok(())
    }

    fn submit_defect(
        &mut self,
        line: i32,
        facility: String,
        dated: Option<Timestamp>,
        fault: Fault,
        remedy: String,
    ) -> Result<(), SinkError> {
        let document = &self.report.document;
        let code = fault.code.as_str();
        let at = dated.unwrap_or(Timestamp(0));
        (self.sink)(Submission {
            facility,
            subject: Subject::default(),
            natural_key: Private::new(format!("{document}|{document}|{line}|{code}")),
            occurred_at: at,
            recorded_at: at,
            provenance: provenance(document, line),
            defaulted: Vec::new(),
            content: Content::Defect(Defect { code: code.to_owned(), column: fault.path, remedy }),
        })
    }
}

fn provenance(document: &str, line: i32) -> Provenance {
    Provenance {
        source: "fhir-consent".to_owned(),
        document: document.to_owned(),
        file: document.to_owned(),
        line,
        adapter: ADAPTER.to_owned(),
    }
}
