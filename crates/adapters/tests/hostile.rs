//! Documents made to hurt: each ends in a coded defect or error, in bounded memory, without a panic.

use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use saphan_adapters::SinkError;
use saphan_adapters::f43::{F43Error, MemoryPersonIndex, Options, Report, Table, read, type_rows};
use saphan_model::{Content, Submission};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const NAME: &str = "F43_10670_2026011008000000.zip";
const SERVICE: &str = "10670|1|1|S1|20260102|083000|1|1|0100||10670|1|||x|1|37|120|80|88|20|1|||1|2|0|0|20260102093000\n";

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        zip.start_file(*name, options).expect("memory");
        zip.write_all(bytes).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

/// Reads a document given as bytes, under the usual name.
fn feed(zip: &[u8], options: &Options) -> (Result<Report, F43Error>, Vec<Submission>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(NAME);
    std::fs::write(&path, zip).expect("room");
    feed_path(&path, options)
}

fn feed_path(path: &Path, options: &Options) -> (Result<Report, F43Error>, Vec<Submission>) {
    let mut submissions = Vec::new();
    let mut sink = |it| {
        submissions.push(it);
        Ok(())
    };
    let report = read(path, options, &mut MemoryPersonIndex::default(), &mut sink);
    (report, submissions)
}

fn codes(submissions: &[Submission]) -> Vec<String> {
    let code = |it: &Submission| match &it.content {
        Content::Defect(defect) => Some(defect.code.clone()),
        _ => None,
    };
    submissions.iter().filter_map(code).collect()
}

/// The document as a whole is refused: with this code, told to the centre once.
#[track_caller]
fn refused(zip: &[u8], code: &str) {
    let (report, submissions) = feed(zip, &Options::default());
    assert_eq!(report.expect_err("a bad document").code(), Some(code));
    assert_eq!(codes(&submissions), [code]);
    let it = &submissions[0];
    assert_eq!(it.facility, "10670");
    assert_eq!(it.natural_key.reveal(), &format!("{NAME}||0|{code}"));
    assert_eq!(it.occurred_at.to_string(), "2026-01-10T01:00:00.000Z");
}

#[test]
fn a_zip_cut_short_is_refused_wherever_it_was_cut() {
    let whole = zipped(&[("SERVICE.txt", SERVICE.as_bytes()), ("PERSON.txt", b"")]);
    for length in 0..whole.len() {
        refused(&whole[..length], "SP-1113");
    }
    assert!(feed(&whole, &Options::default()).0.is_ok());
}

#[test]
fn something_else_than_a_zip_is_refused() {
    refused(b"", "SP-1113");
    refused(SERVICE.as_bytes(), "SP-1113");
    refused(&vec![b'P'; 100_000], "SP-1113");
}

#[test]
fn a_zip_with_a_password_is_refused() {
    let mut zip = zipped(&[("SERVICE.txt", SERVICE.as_bytes())]);
    // Bit 0 of the general purpose flags, in the local header and in the directory.
    zip[6] |= 1;
    let directory = find(&zip, b"PK\x01\x02");
    zip[directory + 8] |= 1;
    refused(&zip, "SP-1113");
}

#[test]
fn a_damaged_file_inside_a_zip_is_refused() {
    let rows = SERVICE.repeat(1_000);
    let mut zip = zipped(&[("SERVICE.txt", rows.as_bytes())]);
    let middle = find(&zip, b"PK\x01\x02") / 2;
    zip[middle] ^= 0xFF;
    refused(&zip, "SP-1113");
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    refused(&zipped(&[("SERVICE.txt", &vec![b'1'; 32 << 20])]), "SP-1114");
}

#[test]
fn a_zip_that_lies_about_a_size_is_refused() {
    let mut zip = zipped(&[("SERVICE.txt", &vec![b'1'; 32 << 20])]);
    let directory = find(&zip, b"PK\x01\x02");
    zip[directory + 24..directory + 28].copy_from_slice(&100u32.to_le_bytes());
    refused(&zip, "SP-1113");
}

#[test]
fn a_zip_whose_files_share_their_bytes_is_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("SERVICE.txt", SimpleFileOptions::default()).expect("memory");
    zip.write_all(SERVICE.as_bytes()).expect("memory");
    zip.shallow_copy_file("SERVICE.txt", "PERSON.txt").expect("memory");
    refused(&zip.finish().expect("memory").into_inner(), "SP-1114");
}

#[test]
fn a_document_of_another_facility_is_refused() {
    let zip = zipped(&[("SERVICE.txt", SERVICE.as_bytes())]);
    let options = Options { facility: Some("11111".to_owned()), ..Options::default() };
    let (report, submissions) = feed(&zip, &options);
    assert_eq!(report.expect_err("another facility").code(), Some("SP-1119"));
    assert_eq!(
        (codes(&submissions), submissions[0].facility.as_str()),
        (vec!["SP-1119".to_owned()], "11111")
    );
}

#[test]
fn a_row_of_a_gigabyte_is_one_defect() {
    let before = Cursor::new(SERVICE);
    let endless = io::repeat(b'x').take(1 << 30);
    let after = Cursor::new(format!("\n{SERVICE}"));
    let mut ends = Vec::new();
    let mut take = |line, row: Result<_, saphan_adapters::f43::RowDefect>| {
        ends.push((line, row.err().map(|it| it.code.as_str())));
    };
    let reader = before.chain(endless).chain(after);
    type_rows(Table::Service, reader, &Default::default(), &mut take).expect("memory");
    assert_eq!(ends, [(1, None), (2, Some("SP-1112")), (3, None)]);
}

#[test]
fn a_file_of_garbage_does_not_flood() {
    let rows = "garbage\n".repeat(10_050);
    let (report, submissions) = feed(&zipped(&[("EPI.txt", rows.as_bytes())]), &Options::default());
    let report = report.expect("a readable zip");
    assert_eq!(report.files[0].refused, 10_050);
    assert_eq!(report.defects["SP-1101"].count, 10_050);
    assert_eq!(submissions.len(), 10_001);
    let Content::Defect(last) = &submissions[10_000].content else { panic!("a defect") };
    assert_eq!((last.code.as_str(), &last.remedy[..8]), ("SP-1118", "50 rows:"));
}

#[test]
fn an_event_too_large_is_refused_as_a_whole() {
    let row = |i: u32| format!("10670|1|S1|20260102|00100|{i:024}|x|1|TAB||1|1||20260102093000\n");
    let drugs: String = (0..12_000).map(row).collect();
    let files = [("SERVICE.txt", SERVICE.as_bytes()), ("DRUG_OPD.txt", drugs.as_bytes())];
    let (report, submissions) = feed(&zipped(&files), &Options::default());
    let report = report.expect("a readable zip");
    assert_eq!(codes(&submissions), ["SP-1117"]);
    let ends: Vec<_> = report.files.iter().map(|it| (it.refused, it.with_refused_parent)).collect();
    assert_eq!(ends, [(1, 0), (0, 12_000)]);
}

#[test]
fn a_sink_that_fails_stops_the_reading() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(NAME);
    std::fs::write(&path, zipped(&[("SERVICE.txt", SERVICE.as_bytes())])).expect("room");
    let mut sink = |_| Err(SinkError::new("full"));
    let report = read(&path, &Options::default(), &mut MemoryPersonIndex::default(), &mut sink);
    assert!(matches!(report, Err(F43Error::Sink(_))));
}

fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).position(|it| it == needle).expect("a zip has it")
}

/// The files of all fixtures under one name each.
fn fixture_files() -> Vec<(String, Vec<u8>)> {
    fn walk(path: PathBuf, all: &mut Vec<(String, Vec<u8>)>) {
        let mut paths: Vec<_> = std::fs::read_dir(path)
            .expect("fixtures")
            .map(|it| it.expect("fixture").path())
            .collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                walk(path, all);
            } else if name.to_lowercase().ends_with(".txt") && name != "expected.txt" {
                all.push((format!("{}/{name}", all.len()), std::fs::read(path).expect("fixture")));
            }
        }
    }
    let mut all = Vec::new();
    walk(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/f43/fixtures"), &mut all);
    all
}

#[derive(Clone, Debug)]
enum Damage {
    Set(usize, u8),
    Cut(usize),
    Insert(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![Just(b'|'), Just(b'\n'), Just(b'\r'), Just(0), Just(b'"'), any::<u8>()];
    prop_oneof![
        (any::<usize>(), byte.clone()).prop_map(|(at, it)| Damage::Set(at, it)),
        any::<usize>().prop_map(Damage::Cut),
        (any::<usize>(), byte).prop_map(|(at, it)| Damage::Insert(at, it)),
        (any::<usize>(), 1usize..60).prop_map(|(at, n)| Damage::Remove(at, n)),
        (any::<usize>(), 1usize..200).prop_map(|(at, n)| Damage::Repeat(at, n)),
    ]
}

fn hurt(bytes: &mut Vec<u8>, damage: &Damage) {
    let n = bytes.len().max(1);
    match *damage {
        Damage::Set(at, byte) if !bytes.is_empty() => bytes[at % n] = byte,
        Damage::Cut(at) => bytes.truncate(at % n),
        Damage::Insert(at, byte) => bytes.insert((at % n).min(bytes.len()), byte),
        Damage::Remove(at, count) => {
            let from = (at % n).min(bytes.len());
            bytes.drain(from..(from + count).min(bytes.len()));
        }
        Damage::Repeat(at, count) => {
            let from = (at % n).min(bytes.len());
            let piece = bytes[from..(from + count).min(bytes.len())].to_vec();
            bytes.extend_from_slice(&piece);
        }
        Damage::Set(..) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done to the files: every row ends once, every refused row has its defect, and a
    /// second reading in other buckets gives the same submissions.
    #[test]
    fn damaged_files_are_accounted_for(
        damages in prop::collection::vec((any::<prop::sample::Index>(), damage()), 0..40),
    ) {
        let mut files = fixture_files();
        for (which, damage) in &damages {
            let which = which.index(files.len());
            hurt(&mut files[which].1, damage);
        }
        let listed: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        let zip = zipped(&listed);
        let (report, submissions) = feed(&zip, &Options::default());
        let report = report.expect("a sound zip");
        let mut refused = 0;
        for it in &report.files {
            let ends = it.used + it.replaced + it.refused + it.with_refused_parent;
            prop_assert_eq!(it.rows, ends, "{:?}", it);
            refused += it.refused;
        }
        let whole_files = report.files.iter().filter(|it| it.columns.is_empty()).count() as u64;
        prop_assert_eq!(codes(&submissions).len() as u64, refused + whole_files);
        let options = Options { bucket_bytes: Some(500), ..Options::default() };
        let (again, mut in_buckets) = feed(&zip, &options);
        prop_assert_eq!(again.expect("a sound zip").events, report.events);
        let mut at_once = submissions;
        let order = |it: &Submission| (it.provenance.file.clone(), it.provenance.line, it.natural_key.clone());
        at_once.sort_by_key(order);
        in_buckets.sort_by_key(order);
        for (a, b) in at_once.iter().zip(&in_buckets) {
            prop_assert_eq!(a, b);
        }
        prop_assert_eq!(at_once.len(), in_buckets.len());
    }

    /// Damage to the zip itself ends in a code or in a report, never in a panic.
    #[test]
    fn damaged_zips_end_in_a_code(damages in prop::collection::vec(damage(), 1..8)) {
        let files = fixture_files();
        let listed: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        let mut zip = zipped(&listed);
        for damage in &damages {
            hurt(&mut zip, damage);
        }
        let (report, submissions) = feed(&zip, &Options::default());
        if let Err(error) = report {
            let code = error.code().expect("the document's fault");
            let codes = codes(&submissions);
            prop_assert_eq!(codes.last().map(String::as_str), Some(code));
        }
    }
}
