//! The lint finds what registries miss, and the schema files are clean.

use saphan_codec::lint::{compatible, lint, lint_one};
use saphan_codec::{Record, schema};

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"R","namespace":"t","fields":[{fields}]}}"#)
}

/// Codes and paths of what is wrong with a change.
#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    let found: Vec<String> = lint(&record(old), &record(new))
        .iter()
        .map(|it| format!("{} {}", it.code, it.path))
        .collect();
    assert_eq!(found, expected, "{old} to {new}");
}

#[test]
fn changes_registries_let_pass_are_found() {
    let a = r#"{"name":"a","type":"int"}"#;
    check(a, a, &[]);
    let date = r#"{"name":"a","type":{"type":"int","logicalType":"date"}}"#;
    check(date, a, &["SP-1444 t.R.a"]);
    let millis = r#"{"name":"a","type":["null",{"type":"long","logicalType":"timestamp-millis"}]}"#;
    let micros = r#"{"name":"a","type":["null",{"type":"long","logicalType":"timestamp-micros"}]}"#;
    check(millis, micros, &["SP-1444 t.R.a"]);
    check(a, r#"{"name":"a","type":"long"}"#, &["SP-1443 t.R.a"]);
    check(a, r#"{"name":"a","type":["null","int"]}"#, &["SP-1443 t.R.a"]);
    check(a, &format!(r#"{a},{{"name":"b","type":"string"}}"#), &["SP-1446 t.R.b"]);
    check(a, &format!(r#"{a},{{"name":"b","type":["null","string"],"default":null}}"#), &[]);
    check(&format!(r#"{a},{{"name":"b","type":"string"}}"#), a, &["SP-1450 t.R.b"]);
    check(&format!(r#"{a},{{"name":"b","type":["null","string"],"default":null}}"#), a, &[]);
    let personal = r#"{"name":"a","type":"int","personal":"identifier"}"#;
    check(personal, a, &["SP-1452 t.R.a"]);
    check(personal, r#"{"name":"a","type":"int","personal":"text"}"#, &["SP-1452 t.R.a"]);
    check(a, personal, &[]);
}

#[test]
fn enums_grow_only_at_their_end() {
    let of = |symbols: &str, default: &str| {
        format!(
            r#"{{"name":"a","type":{{"type":"enum","name":"E","symbols":{symbols}{default}}}}}"#
        )
    };
    let two = of(r#"["x","y"]"#, r#","default":"x""#);
    check(&two, &of(r#"["x","y","z"]"#, r#","default":"x""#), &[]);
    check(&two, &of(r#"["x"]"#, r#","default":"x""#), &["SP-1445 t.R.a"]);
    check(&two, &of(r#"["y","x"]"#, r#","default":"x""#), &["SP-1445 t.R.a"]);
    check(&two, &of(r#"["x","y"]"#, ""), &["SP-1449 t.R.a"]);
}

#[test]
fn renames_and_resizes_are_found() {
    let of = |name: &str, size: usize| {
        format!(r#"{{"name":"a","type":{{"type":"fixed","name":"{name}","size":{size}}}}}"#)
    };
    check(&of("F", 16), &of("G", 16), &["SP-1442 t.R.a"]);
    check(&of("F", 16), &of("F", 8), &["SP-1443 t.R.a"]);
    let aliased = r#"{"type":"record","name":"S","namespace":"t","aliases":["R"],"fields":[]}"#;
    let codes: Vec<&str> = lint(&record(""), aliased).iter().map(|it| it.code).collect();
    assert_eq!(codes, ["SP-1442"]);
}

#[test]
fn items_of_no_bytes_are_found() {
    for items in [
        r#""null""#,
        r#"{"type":"fixed","name":"Nothing","size":0}"#,
        r#"{"type":"record","name":"Empty","fields":[]}"#,
        r#"{"type":"record","name":"Nulls","fields":[{"name":"n","type":"null"}]}"#,
    ] {
        let field = format!(r#"{{"name":"a","type":{{"type":"array","items":{items}}}}}"#);
        let found = lint_one(&record(&field));
        assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), ["SP-1447"], "{items}");
    }
    let fine =
        r#"{"name":"a","type":{"type":"array","items":{"type":"fixed","name":"F","size":1}}}"#;
    assert_eq!(lint_one(&record(fine)), []);
}

#[test]
fn the_envelope_stays_first_and_in_order() {
    let envelope = |fields: &str| {
        format!(
            r#"{{"type":"record","name":"X","namespace":"th.saphan.log","fields":[
               {{"name":"envelope","type":{{"type":"record","name":"Envelope","namespace":"th.saphan","fields":[{fields}]}}}}]}}"#
        )
    };
    let a = r#"{"name":"a","type":"int"}"#;
    let b = r#"{"name":"b","type":"int","default":0}"#;
    let codes = |old: &str, new: &str| lint(old, new).iter().map(|it| it.code).collect::<Vec<_>>();
    assert_eq!(codes(&envelope(a), &envelope(&format!("{a},{b}"))), [""; 0]);
    assert_eq!(codes(&envelope(a), &envelope(&format!("{b},{a}"))), ["SP-1448"]);
    let without = r#"{"type":"record","name":"X","namespace":"th.saphan.log","fields":[]}"#;
    assert_eq!(lint_one(without).iter().map(|it| it.code).collect::<Vec<_>>(), ["SP-1448"]);
}

#[test]
fn what_is_no_schema_is_said() {
    assert_eq!(lint_one("{").first().map(|it| it.code), Some("SP-1440"));
    assert_eq!(lint("{}", &record("")).first().map(|it| it.code), Some("SP-1440"));
}

#[test]
fn partial_compatibility_is_not_enough() {
    let closed = record(r#"{"name":"a","type":{"type":"enum","name":"E","symbols":["x"]}}"#);
    let grown = record(r#"{"name":"a","type":{"type":"enum","name":"E","symbols":["x","y"]}}"#);
    let paths =
        |versions: &[&str]| compatible(versions).into_iter().map(|it| it.path).collect::<Vec<_>>();
    assert_eq!(paths(&[&closed, &grown]), ["v1 reading v2"]);
    assert_eq!(paths(&[&grown, &closed]), ["v2 reading v1"]);
    assert_eq!(paths(&[&closed, &closed]), [""; 0]);
    let moved = |fields: &str| record(fields);
    let sub = r#"{"type":"record","name":"S","fields":[{"name":"i","type":"int"}]}"#;
    let one = moved(&format!(r#"{{"name":"a","type":{sub}}}"#));
    let two = moved(&format!(
        r#"{{"name":"n","type":["null",{sub}],"default":null}},{{"name":"a","type":"S"}}"#
    ));
    assert_eq!(paths(&[&one, &two]), [""; 0], "a definition may move");
}

#[test]
fn the_schema_files_are_clean_and_compatible() {
    for record in Record::ALL {
        let versions = schema::versions(*record).expect("composes");
        let texts: Vec<&str> = versions.iter().map(String::as_str).collect();
        assert!(!texts.is_empty(), "{record:?}");
        for text in &texts {
            assert_eq!(lint_one(text), [], "{record:?}");
        }
        for pair in texts.windows(2) {
            assert_eq!(lint(pair[0], pair[1]), [], "{record:?}");
        }
        assert_eq!(compatible(&texts), [], "{record:?}");
    }
}

#[test]
fn every_schema_file_is_carried_and_used() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas");
    let mut on_disk = Vec::new();
    let mut todo = vec![std::path::PathBuf::from(root)];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                todo.push(path);
            } else if let Some(name) = path.to_str().and_then(|it| it.strip_suffix(".avsc")) {
                on_disk.push(name[root.len() + 1..].to_owned());
            }
        }
    }
    on_disk.sort();
    let mut carried: Vec<&str> = schema::SOURCES.iter().map(|(path, _)| *path).collect();
    carried.sort_unstable();
    assert_eq!(on_disk, carried);
    for path in carried {
        let used = schema::SOURCES.iter().any(|(_, text)| text.contains(&format!("\"{path}\"")));
        let top = Record::ALL.iter().any(|it| path.starts_with(&format!("{}/v", it.folder())));
        assert!(used || top, "nobody uses {path}");
    }
}
