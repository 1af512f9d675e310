//! Bad documents sent for good: what is good is admitted once, what is bad stands in the quarantine with
//! code, place and remedy, and sending all of it again changes nothing.

use tempfile::tempdir;

use crate::centre::Centre;
use crate::document::{Document, PERSON, person, service, visit, visits};

const FACILITY: &str = "99001";

fn mixed() -> Document {
    let mut rows = visits(FACILITY, 2);
    rows.insert(1, visit("99002", 7, "20260102"));
    rows.push(visit(FACILITY, 8, "25690102"));
    Document::of(FACILITY).file("SERVICE.txt", service(&rows)).at(1)
}

/// Its second file is damaged: no zip reader gives the bytes that were packed.
fn damaged() -> (Document, Vec<u8>) {
    let document = Document::of(FACILITY)
        .file("PERSON.txt", format!("{PERSON}\n{}\n", person(FACILITY, 7)))
        .file("SERVICE.txt", service(&visits(FACILITY, 500)))
        .at(2);
    let mut bytes = document.zipped();
    let directory = bytes.windows(4).position(|it| it == b"PK\x01\x02").expect("a zip has one");
    bytes[directory - 400] ^= 0xFF;
    (document, bytes)
}

#[test]
fn bad_documents_are_sent_and_sent_again() {
    let centre = Centre::shared();
    let folder = tempdir().expect("a folder");
    let (broken, bytes) = damaged();
    let documents = [mixed().write(folder.path()), broken.write_bytes(folder.path(), &bytes)];
    for round in [1, 2] {
        let ended = centre.send(FACILITY, &documents);
        assert_eq!(ended.status, Some(1), "one document could not be read: {ended:?}");
        assert!(ended.errors.contains("6 accepted, 0 refused"), "{}", ended.errors);
        centre.quiet();
        // Two visits and the person whose file stood before the damage; three defects. The second time
        // all six are known already.
        let again = (round - 1) * 6;
        assert_eq!(centre.ends(FACILITY), [3, again, 3], "round {round}");
        assert_eq!(facts(&centre), 2, "round {round}");
        assert_eq!(quarantine(&centre), EXPECTED, "round {round}");
    }
}

fn facts(centre: &Centre) -> i64 {
    centre.count(&format!(
        "SELECT toInt64(count()) FROM event_fact FINAL WHERE facility = '{FACILITY}' AND event_type = 'encounter'"
    ))
}

const EXPECTED: [&str; 3] = [
    "SP-1104 F43_99001_2026011000000001.zip/SERVICE.txt:5 DATE_SERV",
    "SP-1108 F43_99001_2026011000000001.zip/SERVICE.txt:3 HOSPCODE",
    "SP-1113 F43_99001_2026011000000002.zip/:0",
];

/// The places an operator sees, each followed by its remedy.
fn quarantine(centre: &Centre) -> Vec<String> {
    let text = centre.site.saphan(&["quarantine", "show", FACILITY]).expect("a list");
    let (places, remedies): (Vec<_>, Vec<_>) = text.lines().partition(|it| it.starts_with("SP-"));
    assert_eq!(places.len(), remedies.len(), "{text}");
    assert!(remedies.iter().all(|it| it.trim().len() > 20), "{text}");
    let mut places: Vec<String> = places.iter().map(|it| it.trim_end().to_owned()).collect();
    places.sort();
    places
}
