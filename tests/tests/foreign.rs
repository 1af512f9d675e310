//! What a program in another language computes from the same files equals what the platform expects.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use saphan_codec::Record;

/// A sender needs no list of fingerprints: its own Avro library gives them.
#[test]
fn another_avro_library_gives_the_same_fingerprints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent");
    let python = root.join(".dev/python/bin/python");
    assert!(python.exists(), "no {}; run scripts/python-clients.sh", python.display());
    let output = Command::new(python)
        .arg(root.join("tests/foreign/fingerprint.py"))
        .arg(root.join("schemas"))
        .output()
        .expect("python runs");
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the foreign program failed:\n{trouble}");
    let theirs = String::from_utf8(output.stdout).expect("text");
    let theirs: BTreeSet<&str> = theirs.lines().collect();

    let listed = std::fs::read_to_string(root.join("schemas/fixtures/fingerprints.txt"));
    let listed = listed.expect("the list");
    assert_eq!(theirs, listed.lines().collect::<BTreeSet<_>>(), "the list in schemas/fixtures");
    for record in Record::ALL {
        let line = format!(" {:016x}", record.fingerprint());
        let name = format!("{} ", record.name());
        let found = theirs.iter().any(|it| it.starts_with(&name) && it.ends_with(&line));
        assert!(found, "{} has another fingerprint in the program", record.name());
    }
}
