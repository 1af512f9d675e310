//! What was read, for the person who sends: rows, events, and every kind of refused row with its place.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use saphan_adapters::f43::Report;
use saphan_adapters::{DefectCount, fhir_consent};
use serde_json::json;

/// A 43-file document.
pub fn f43(report: &Report, as_json: bool) -> String {
    if as_json {
        return json!({
            "document": report.document,
            "facility": report.facility,
            "events": report.events.iter().map(|(k, n)| (k.as_str(), n)).collect::<BTreeMap<_, _>>(),
            "retractions": report.retractions.values().sum::<u64>(),
            "defects": report.defects.iter().map(|(code, it)| (*code, it.count)).collect::<BTreeMap<_, _>>(),
        })
        .to_string();
    }
    let mut text = format!("{}: facility {}\n", report.document, report.facility);
    for it in &report.files {
        let _ = writeln!(
            text,
            "  {:<20} {:>8} rows, {:>8} used, {:>5} refused  ({:?}, {}, columns: {})",
            it.file,
            it.rows,
            it.used,
            it.refused,
            it.encoding,
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
            "defects": report.defects.iter().map(|(code, it)| (*code, it.count)).collect::<BTreeMap<_, _>>(),
        })
        .to_string();
    }
    let mut text = format!("{}: {} directives\n", report.document, report.directives);
    defects(&mut text, &report.defects);
    text
}

fn defects(text: &mut String, defects: &BTreeMap<&'static str, DefectCount>) {
    for (code, it) in defects {
        let _ = writeln!(text, "  {code}: {} refused rows; see docs/errors/{code}.md", it.count);
        for place in &it.first {
            let _ = writeln!(text, "      {}:{} {}", place.file, place.line, place.column);
        }
    }
}
