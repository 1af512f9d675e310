//! What was read, for the person who sends: rows, events, and every kind of refused row with its place
//! and remedy.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use saphan_adapters::f43::{FileReport, Report};
use saphan_adapters::{DefectCount, Place, fhir_consent};
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

/// A consent document.
pub fn consent(report: &fhir_consent::Report, as_json: bool) -> String {
    if as_json {
        return json!({
            "document": report.document,
            "directives": report.directives,
            "retractions": report.retractions,
            "defects": defects_json(&report.defects),
        })
        .to_string();
    }
    let mut text = format!("{}: {} directives\n", report.document, report.directives);
    defects(&mut text, &report.defects);
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
