//! Bad rows and bad files: the report names each with its code, place and remedy, and what is good in the
//! same document still comes out.

use tempfile::tempdir;

use crate::document::{Document, SERVICE, service, visit, visits};
use crate::report::{dry_run, places, rows};

const FACILITY: &str = "99001";

/// The defects found in a document, and how many visits still came out of it. A bad row is no failure of
/// the program; a value of a row is never repeated.
#[track_caller]
fn check(document: &Document, expected: &[&str], good: u64) {
    let folder = tempdir().expect("a folder");
    let (report, ended) = dry_run(&document.write(folder.path()));
    assert_eq!(places(&report), expected);
    assert_eq!(report["events"]["encounter"].as_u64().unwrap_or(0), good, "{report}");
    assert_eq!((ended.status, ended.errors.as_str()), (Some(0), ""));
    assert!(!ended.output.contains("CANARY"), "a value of a row is repeated: {}", ended.output);
}

fn with_row(row: String) -> Document {
    let mut all = visits(FACILITY, 3);
    all.insert(1, row);
    Document::of(FACILITY).file("SERVICE.txt", service(&all))
}

#[test]
fn a_row_of_another_facility() {
    check(&with_row(visit("99002", 9, "20260102")), &["SP-1108 SERVICE.txt:3 HOSPCODE"], 3);
}

#[test]
fn a_year_of_the_buddhist_era() {
    check(&with_row(visit(FACILITY, 9, "25690102")), &["SP-1104 SERVICE.txt:3 DATE_SERV"], 3);
}

#[test]
fn an_unknown_code() {
    let row = visit(FACILITY, 9, "20260102").replace("|0100|", "|CNRY|");
    check(&with_row(row), &["SP-1106 SERVICE.txt:3 INSTYPE"], 3);
}

/// A bar inside a text shifts every column behind it.
#[test]
fn a_shifted_row() {
    let row = visit(FACILITY, 9, "20260102").replace("|0100|", "|CANARY|0100|");
    check(&with_row(row), &["SP-1101 SERVICE.txt:3"], 3);
}

/// A column too many in every row but not in the header: nothing can be placed, nothing is guessed.
#[test]
fn a_file_of_shifted_rows() {
    let rows: Vec<_> =
        (1..=3).map(|it| format!("CANARY|{}", visit(FACILITY, it, "20260102"))).collect();
    let document = Document::of(FACILITY).file("SERVICE.txt", service(&rows));
    check(
        &document,
        &["SP-1101 SERVICE.txt:2", "SP-1101 SERVICE.txt:3", "SP-1101 SERVICE.txt:4"],
        0,
    );
}

/// The same number of fields in another order than the header says: values land in columns they do not fit.
#[test]
fn columns_in_another_order_than_the_header_says() {
    let swapped = SERVICE.replace("SEQ|DATE_SERV", "DATE_SERV|SEQ");
    let text = service(&visits(FACILITY, 1)).replace(SERVICE, &swapped);
    check(
        &Document::of(FACILITY).file("SERVICE.txt", text),
        &["SP-1103 SERVICE.txt:2 DATE_SERV"],
        0,
    );
}

#[test]
fn a_row_of_garbage_bytes() {
    let mut text = service(&visits(FACILITY, 3)).into_bytes();
    text.extend_from_slice(b"99001|\xFF\xFE\xDB\xFC|4|20260102|0100|1|1|0|0|0|\n");
    text.extend_from_slice(b"99001|7\0|5|20260102|0100|1|1|0|0|0|\n");
    let document = Document::of(FACILITY).file("SERVICE.txt", text);
    check(&document, &["SP-1111 SERVICE.txt:5", "SP-1111 SERVICE.txt:6"], 3);
}

/// A file of UTF-16 is refused whole, told once, and the other files are read.
#[test]
fn a_file_in_utf_16() {
    let text = service(&visits(FACILITY, 3));
    let wide: Vec<u8> =
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let document = Document::of(FACILITY)
        .file("EPI.txt", wide)
        .file("SERVICE.txt", service(&visits(FACILITY, 2)));
    check(&document, &["SP-1111 EPI.txt:0"], 2);
}

/// Without a mark at its beginning UTF-16 is told row by row.
#[test]
fn a_file_in_utf_16_without_a_mark() {
    let text = "99001|7|1|20260102|815|99001||20260102093000|\n".repeat(2);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let document = Document::of(FACILITY)
        .file("EPI.txt", wide)
        .file("SERVICE.txt", service(&visits(FACILITY, 2)));
    check(&document, &["SP-1111 EPI.txt:1", "SP-1111 EPI.txt:2"], 2);
}

/// All of it at once: each row has one end, each refused row one defect.
#[test]
fn a_document_with_a_bit_of_everything() {
    let text = service(&[
        visit(FACILITY, 1, "20260102"),
        visit("99002", 2, "20260102"),
        visit(FACILITY, 3, "25690102"),
        visit(FACILITY, 4, "20260102").replace("|0100|", "|CANARY|0100|"),
        visit(FACILITY, 5, "20260102").replace("|0100|", "|0101|"),
        visit(FACILITY, 6, "20260102"),
    ]);
    let document = Document::of(FACILITY).file("SERVICE.txt", text);
    let expected = [
        "SP-1101 SERVICE.txt:5",
        "SP-1104 SERVICE.txt:4 DATE_SERV",
        "SP-1106 SERVICE.txt:6 INSTYPE",
        "SP-1108 SERVICE.txt:3 HOSPCODE",
    ];
    check(&document, &expected, 2);
    let folder = tempdir().expect("a folder");
    let (report, _) = dry_run(&document.write(folder.path()));
    assert_eq!(rows(&report, "SERVICE.txt"), [6, 2, 4]);
}

/// The whole document is refused: told on both ways out, and the program says it failed.
#[track_caller]
fn refused(path: &std::path::Path, code: &str) {
    let (report, ended) = dry_run(path);
    assert_eq!(report["error"]["code"], code, "{report}");
    assert_eq!(ended.status, Some(1));
    let name = path.file_name().expect("a name").to_string_lossy();
    let told = ended.errors.lines().next().unwrap_or_default();
    assert!(told.starts_with(&format!("error: {name}: {code}: ")) && told.len() > 90, "{told}");
}

#[test]
fn a_zip_cut_short() {
    let folder = tempdir().expect("a folder");
    let document = Document::of(FACILITY).file("SERVICE.txt", service(&visits(FACILITY, 200)));
    let whole = document.zipped();
    for length in [0, 1, 30, whole.len() / 2, whole.len() - 1] {
        refused(&document.write_bytes(folder.path(), &whole[..length]), "SP-1113");
    }
}

#[test]
fn something_else_than_a_zip() {
    let folder = tempdir().expect("a folder");
    let document = Document::of(FACILITY);
    refused(&document.write_bytes(folder.path(), &[0x80; 4096]), "SP-1113");
}

#[test]
fn a_document_of_nobody() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("export.zip");
    let document = Document::of(FACILITY).file("SERVICE.txt", service(&visits(FACILITY, 1)));
    std::fs::write(&path, document.zipped()).expect("room");
    refused(&path, "SP-1119");
}

#[test]
fn a_document_that_is_not_there() {
    let folder = tempdir().expect("a folder");
    refused(&folder.path().join("F43_99001_20260110.zip"), "SP-1130");
}

/// A bad document between two good ones costs itself only.
#[test]
fn a_bad_document_does_not_keep_the_next_one_back() {
    let folder = tempdir().expect("a folder");
    let good =
        |time| Document::of(FACILITY).file("SERVICE.txt", service(&visits(FACILITY, 2))).at(time);
    let bad = Document::of(FACILITY).at(2).write_bytes(folder.path(), b"PK");
    let paths = [good(1).write(folder.path()), bad, good(3).write(folder.path())];
    let mut command = crate::child::saphan(&["adapter", "f43", "--dry-run", "--json"]);
    let ended = crate::child::run(command.args(&paths), std::time::Duration::from_secs(60));
    let reports: Vec<serde_json::Value> =
        ended.output.lines().map(|it| serde_json::from_str(it).expect("a report")).collect();
    let visits: Vec<_> = reports.iter().map(|it| it["events"]["encounter"].as_u64()).collect();
    assert_eq!(visits, [Some(2), None, Some(2)]);
    assert_eq!((reports[1]["error"]["code"].as_str(), ended.status), (Some("SP-1113"), Some(1)));
}
