//! What was read, for the person who sends: rows, events, and every kind of refused row with its place
//! and remedy.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use saphan_adapters::f43::{FileReport, Report};
use saphan_adapters::{DefectCount, Place, fhir_consent};
use saphan_model::{Body, Content, Submission, Timestamp};
use saphan_policy::consent::{Remark, remarks};
use saphan_policy::reason::Lang;
use serde_json::{Value, json};

/// A 43-file document.
pub fn f43(report: &Report, as_json: bool) -> String {
    if as_json {
        return json!({
            "document": report.document,
            "facility": report.facility,
            "files": report.files.iter().map(file).collect::<Vec<_>>(),
            "events": report.events.iter().map(|(k, n)| (k.as_str(), n)).collect::<BTreeMap<_, _>>(),
            "retractions": report.retractions.values().sum::<u64>(),
            "defects": defects_json(&report.defects),
            "unknown": report.unknown,
        })
        .to_string();
    }
    let mut text = format!("{}: facility {}\n", report.document, report.facility);
    for it in &report.files {
        let _ = writeln!(
            text,
            "  {:<20} {:>8} rows, {:>8} used, {:>5} refused  ({}, {}, columns: {})",
            it.file,
            it.rows,
            it.used,
            it.refused,
            it.encoding.as_str(),
            if it.header { "header" } else { "no header" },
            it.columns
        );
    }
    for (kind, n) in &report.events {
        let _ = writeln!(text, "  {n:>8} {kind}");
    }
    for (kind, n) in &report.retractions {
        let _ = writeln!(text, "  {n:>8} retractions of {kind}");
    }
    defects(&mut text, &report.defects);
    for name in &report.unknown {
        let _ = writeln!(text, "  {name} is no file of the standard and was passed over");
    }
    text
}

/// Directives that contradict themselves or have no effect somewhere: they are sent, and will be honoured,
/// but perhaps do not say what was meant.
#[derive(Default)]
pub struct Doubts {
    count: u64,
    /// The first ones: line of the document, directive, and what is doubtful.
    first: Vec<(i64, String, Remark)>,
}

/// Doubts listed; all are counted.
const DOUBTS_MAX: usize = 20;

impl Doubts {
    /// Looks at a submission.
    pub fn look(&mut self, submission: &Submission, now: Timestamp) {
        let Content::Put(Body::Directive(directive)) = &submission.content else { return };
        for remark in remarks(directive, now).into_iter().filter(Remark::is_doubtful) {
            self.count += 1;
            if self.first.len() < DOUBTS_MAX {
                let line = i64::from(submission.provenance.line);
                self.first.push((line, directive.directive_id.to_string(), remark));
            }
        }
    }

    fn json(&self) -> Vec<Value> {
        let doubt = |(line, id, remark): &(i64, String, Remark)| {
            json!({
                "line": line, "directive": id,
                "th": remark.sentence(Lang::Th), "en": remark.sentence(Lang::En),
            })
        };
        self.first.iter().map(doubt).collect()
    }

    fn text(&self, text: &mut String) {
        for (line, id, remark) in &self.first {
            let _ = writeln!(text, "  line {line}: directive {id}: please look again");
            for lang in [Lang::Th, Lang::En] {
                let _ = writeln!(text, "    {}", remark.sentence(lang));
            }
        }
        let more = self.count.saturating_sub(u64::try_from(self.first.len()).unwrap_or(u64::MAX));
        if more > 0 {
            let _ = writeln!(text, "  and {more} more; `saphan consent explain` tells all");
        }
    }
}

/// A consent document.
pub fn consent(report: &fhir_consent::Report, doubts: &Doubts, as_json: bool) -> String {
    if as_json {
        return json!({
            "document": report.document,
            "directives": report.directives,
            "retractions": report.retractions,
            "defects": defects_json(&report.defects),
            "doubts": doubts.json(),
        })
        .to_string();
    }
    let mut text = format!("{}: {} directives\n", report.document, report.directives);
    defects(&mut text, &report.defects);
    doubts.text(&mut text);
    text
}

/// A document that could not be read to its end, for programs; people read the same on standard error.
pub fn refused(document: &str, code: Option<&str>, message: &str) -> String {
    json!({ "document": document, "error": { "code": code, "message": message } }).to_string()
}

/// One inner file: `rows = used + replaced + refused + with_refused_parent`.
fn file(it: &FileReport) -> Value {
    json!({
        "file": it.file,
        "encoding": it.encoding.as_str(),
        "header": it.header,
        "columns": it.columns,
        "rows": it.rows,
        "used": it.used,
        "replaced": it.replaced,
        "refused": it.refused,
        "with_refused_parent": it.with_refused_parent,
    })
}

fn defects_json(defects: &BTreeMap<&'static str, DefectCount>) -> Vec<Value> {
    let place = |it: &Place| json!({ "file": it.file, "line": it.line, "column": it.column });
    defects
        .iter()
        .map(|(code, it)| {
            let places: Vec<_> = it.first.iter().map(place).collect();
            json!({ "code": code, "count": it.count, "remedy": it.remedy, "places": places })
        })
        .collect()
}

fn defects(text: &mut String, defects: &BTreeMap<&'static str, DefectCount>) {
    for (code, it) in defects {
        let _ = writeln!(text, "  {code}: {} refused; see docs/errors/{code}.md", it.count);
        let _ = writeln!(text, "    {}", it.remedy);
        for place in &it.first {
            let _ = writeln!(text, "      {}:{} {}", place.file, place.line, place.column);
        }
        let more = it.count.saturating_sub(u64::try_from(it.first.len()).unwrap_or(u64::MAX));
        if more > 0 {
            let _ = writeln!(text, "      and {more} more");
        }
    }
}
