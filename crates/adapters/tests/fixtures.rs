//! Golden test: each fixture document of the connectors, and the submissions it gives.
//!
//! `UPDATE_EXPECT=1 cargo test -p saphan-adapters --test fixtures` writes the expected files anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use saphan_adapters::f43::{self, MemoryPersonIndex};
use saphan_adapters::{DefectCount, fhir_consent};
use saphan_model::{Body, Content, Private, Submission};

fn fixtures(connector: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
    folders(&root.join(connector).join("fixtures"))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).expect("the fixtures are there");
    let mut paths: Vec<_> = entries.map(|it| it.expect("readable").path()).collect();
    paths.retain(|it| it.is_dir());
    paths.sort();
    paths
}

#[track_caller]
fn check(case: &Path, got: &str) {
    let path = case.join("expected.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, got).expect("the fixtures are writable");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (got, expected)) in got.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, expected, "{}:{}", path.display(), number + 1);
    }
    assert_eq!(got.lines().count(), expected.lines().count(), "{}", path.display());
}

/// A submission as text. `Debug` keeps silent about people; the fixtures' people are made up, so
/// what it hides is listed after it.
fn show(it: &Submission) -> String {
    let mut text = String::new();
    let (what, body) = match &it.content {
        Content::Put(body) => (format!("put {}", body.event_type()), Some(body)),
        Content::Retract(event_type) => (format!("retract {event_type}"), None),
        Content::Defect(it) => (format!("defect {} [{}] {}", it.code, it.column, it.remedy), None),
    };
    let from = &it.provenance;
    let cid = it.subject.citizen_id.map_or("-".to_owned(), |it| it.reveal().to_owned());
    let local = it.subject.local_id.as_ref().map_or("-", |it| it.reveal());
    let mut line = |words: std::fmt::Arguments<'_>| writeln!(text, "{words}").expect("memory");
    line(format_args!("{what}"));
    line(format_args!("  key {}", it.natural_key.reveal()));
    line(format_args!("  facility {} citizen {cid} local {local}", it.facility));
    line(format_args!("  occurred {} recorded {}", it.occurred_at, it.recorded_at));
    line(format_args!("  from {} {}:{}", from.source, from.file, from.line));
    if !it.defaulted.is_empty() {
        line(format_args!("  defaulted {}", it.defaulted.join(" ")));
    }
    if let Some(body) = body {
        for said in compact(&format!("{body:#?}")) {
            line(format_args!("  {said}"));
        }
        for (name, value) in hidden(body) {
            line(format_args!("  {name} = {value}"));
        }
    }
    text
}

/// The lines of a pretty `Debug` without what is absent, and `Some` around one value on one line.
fn compact(debug: &str) -> Vec<String> {
    let lines: Vec<_> = debug.lines().map(|it| it.trim_end_matches(',')).collect();
    let mut kept = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let one_value =
            line.ends_with("Some(") && lines.get(at + 2).is_some_and(|it| it.trim() == ")");
        if one_value {
            kept.push(format!("{line}{})", lines[at + 1].trim()));
            at += 3;
            continue;
        }
        if !line.ends_with(": None") && !line.ends_with(": []") {
            kept.push(line.to_owned());
        }
        at += 1;
    }
    kept
}

/// What `Debug` hides.
fn hidden(body: &Body) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, Option<&Private<String>>)> = Vec::new();
    match body {
        Body::Person(it) => {
            all.extend([("pid", Some(&it.pid)), ("hn", it.hn.as_ref())]);
            all.push(("given_name", Some(&it.given_name)));
            all.push(("family_name", Some(&it.family_name)));
            all.push(("telephone", it.telephone.as_ref()));
            all.extend(it.addresses.iter().map(|it| ("line", Some(&it.line))));
            all.extend(it.coverages.iter().map(|it| ("card_number", it.card_number.as_ref())));
        }
        Body::Encounter(it) => {
            all.push(("visit_number", Some(&it.visit_number)));
            all.push(("chief_complaint", it.chief_complaint.as_ref()));
            all.extend(it.stay.iter().map(|it| ("admission_number", Some(&it.admission_number))));
        }
        Body::Referral(it) => {
            all.push(("referral_number", Some(&it.referral_number)));
            all.push(("province_number", it.province_number.as_ref()));
            all.push(("visit_number", Some(&it.visit_number)));
            all.push(("chief_complaint", it.chief_complaint.as_ref()));
            all.push(("first_diagnosis", it.first_diagnosis.as_ref()));
            all.push(("last_diagnosis", Some(&it.last_diagnosis)));
            all.push(("patient_status", Some(&it.patient_status)));
            all.push(("request", it.request.as_ref()));
            all.extend(it.findings.iter().map(|it| ("result", it.result.as_ref())));
        }
        Body::ReferralReply(it) => {
            all.push(("referral_number", Some(&it.referral_number)));
            all.push(("local_id", it.local_id.as_ref()));
            all.push(("admission_number", it.admission_number.as_ref()));
            all.push(("reason", it.reason.as_ref()));
        }
        Body::Appointment(it) => all.push(("visit_number", Some(&it.visit_number))),
        _ => {}
    }
    all.into_iter().filter_map(|(name, it)| Some((name, it?.reveal().clone()))).collect()
}

fn show_defects<'a>(
    counts: impl IntoIterator<Item = (&'a &'static str, &'a DefectCount)>,
) -> String {
    let mut text = String::new();
    for (code, it) in counts {
        let places = it.first.iter().map(|it| format!("{}:{} {}", it.file, it.line, it.column));
        let places = places.collect::<Vec<_>>().join(", ");
        writeln!(text, "{code} x{}: {places}", it.count).expect("memory");
    }
    text
}

#[test]
fn documents_of_43_files() {
    for case in fixtures("f43") {
        let document = folders(&case).remove(0);
        let mut text = String::new();
        let mut sink = |it: Submission| {
            text.push_str(&show(&it));
            Ok(())
        };
        let mut index = MemoryPersonIndex::default();
        let options = f43::Options::default();
        let report =
            f43::read(&document, &options, &mut index, &mut sink).expect("a sound document");
        writeln!(text, "report {} of {}", report.document, report.facility).expect("memory");
        for it in &report.files {
            writeln!(
                text,
                "{}: {} {}; rows {} = used {} + replaced {} + refused {} + with refused parent {}; renamed {:?}; ignored {:?}",
                it.file, it.encoding.as_str(), it.columns, it.rows, it.used, it.replaced, it.refused,
                it.with_refused_parent, it.renamed, it.ignored_columns
            )
            .expect("memory");
        }
        text.push_str(&show_defects(&report.defects));
        writeln!(text, "skipped {:?} unknown {:?}", report.skipped, report.unknown)
            .expect("memory");
        check(&case, &text);
    }
}

#[test]
fn documents_of_consents() {
    for case in fixtures("fhir-consent") {
        let mut text = String::new();
        let mut sink = |it: Submission| {
            text.push_str(&show(&it));
            Ok(())
        };
        let options = fhir_consent::Options::default();
        let path = case.join("consents.ndjson");
        let report = fhir_consent::read(&path, &options, &mut sink).expect("a sound document");
        writeln!(
            text,
            "report {}: {} directives, {} retractions, {} lines of nobody",
            report.document, report.directives, report.retractions, report.unattributed.count
        )
        .expect("memory");
        text.push_str(&show_defects(&report.defects));
        check(&case, &text);
    }
}
