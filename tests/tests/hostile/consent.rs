//! A directive at the counter: explained before it is sent, exported as it stands, withdrawn through the
//! gateway with a receipt.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::centre::{COUNTER as FACILITY, Centre};
use crate::child::{Ended, run, saphan};

/// Made up; its check digit holds.
const CITIZEN: &str = "1234567890121";
const PATIENCE: Duration = Duration::from_secs(60);

fn consent() -> Value {
    let rule = |effect: &str, agency: &str| {
        let identifier = json!({ "system": "urn:saphan:agency", "value": agency });
        json!({
            "type": effect,
            "actor": [{
                "role": { "coding": [{ "code": "PRCP" }] },
                "reference": { "identifier": identifier },
            }],
        })
    };
    json!({
        "resourceType": "Consent",
        "id": "at-the-counter",
        "status": "active",
        "patient": { "identifier":
            { "system": "https://terms.sil-th.org/id/th-cid", "value": CITIZEN } },
        "dateTime": "2026-01-02T08:30:00.000Z",
        "organization": [{ "identifier": { "value": FACILITY } }],
        "policyRule": { "coding": [{ "code": "OPTOUT" }] },
        "performer": [{ "type": "RelatedPerson" }],
        "verification": [{ "verified": true }],
        "provision": { "provision": [
            rule("permit", "health-link"), rule("deny", "health-link"), rule("permit", "helth-link"),
        ] },
    })
}

/// Runs it with the citizen id on standard input, where no other user of the machine sees it.
#[track_caller]
fn about_citizen(mut command: Command, folder: &Path) -> Ended {
    let file = folder.join("citizen");
    writeln!(File::create(&file).expect("a file"), "{CITIZEN}").expect("room on the disk");
    let ended = run(command.stdin(Stdio::from(File::open(file).expect("it"))), PATIENCE);
    assert!(!ended.errors.contains(CITIZEN), "nobody is named: {}", ended.errors);
    ended
}

#[track_caller]
fn exported(centre: &Centre, more: &[&str], folder: &Path) -> Vec<Value> {
    let mut command = saphan(&["consent", "export"]);
    command.args(more).arg("--config").arg(&centre.site.config);
    let ended = about_citizen(command, folder);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let lines = ended.output.lines();
    lines.map(|it| serde_json::from_str(it).expect("one resource a line")).collect()
}

#[test]
fn a_directive_is_explained_exported_and_withdrawn() {
    let centre = Centre::shared();
    let folder = tempdir().expect("a folder");
    let document = folder.path().join("consents.ndjson");
    std::fs::write(&document, format!("{}\n{{}}\n", consent())).expect("room on the disk");

    let mut command = saphan(&["consent", "explain"]);
    let said = run(command.arg(&document).arg("--config").arg(&centre.site.config), PATIENCE);
    assert_eq!(said.status, Some(0), "{said:?}");
    for sentence in [
        "line 1: directive at-the-counter",
        "Rule 1 permits exactly what rule 2 denies; the refusal holds: keep one of them.",
        "ข้อ 1 อนุญาต แต่ข้อ 2 ไม่อนุญาตเรื่องเดียวกัน",
        "There is no agency helth-link: check the spelling.",
    ] {
        assert!(said.output.contains(sentence), "{sentence}: {}", said.output);
    }
    assert!(!said.output.contains(CITIZEN), "nobody is named");

    let mut send = centre.of_facility(FACILITY, &["adapter", "consent", "--facility", FACILITY]);
    let sent = run(send.arg(&document), PATIENCE);
    assert!(sent.errors.contains("2 accepted, 0 refused"), "{sent:?}");
    for sentence in ["Rule 1 permits exactly what rule 2 denies", "โปรดเลือกข้อใดข้อหนึ่ง"]
    {
        assert!(sent.output.contains(sentence), "told without asking: {}", sent.output);
    }
    centre.quiet();
    let standing = exported(&centre, &[], folder.path());
    let [one] = &standing[..] else { panic!("one directive: {standing:?}") };
    assert_eq!((&one["id"], &one["status"]), (&json!("at-the-counter"), &json!("active")));
    assert_eq!(one["dateTime"], consent()["dateTime"]);
    assert_eq!(one["performer"], consent()["performer"]);
    assert_eq!(one["verification"], consent()["verification"]);
    let rules = one["provision"]["provision"].as_array().expect("rules");
    let effects: Vec<_> = rules.iter().map(|it| it["type"].as_str().expect("an effect")).collect();
    assert_eq!(effects, ["permit", "deny", "permit"]);

    let revoke = ["consent", "revoke", "--facility", FACILITY, "--directive", "at-the-counter"];
    let mut command = centre.of_facility(FACILITY, &revoke);
    command.args(["--wait", "--json"]).arg("--config").arg(&centre.site.config);
    let revoked = about_citizen(command, folder.path());
    assert_eq!(revoked.status, Some(0), "{revoked:?}");
    let receipt: Value = serde_json::from_str(&revoked.output).expect("a receipt");
    assert_eq!(receipt["in_force"], json!(true), "{receipt}");
    assert_eq!(receipt["sha256"].as_str().map(str::len), Some(64), "{receipt}");
    assert_eq!(exported(&centre, &[], folder.path()), Vec::<Value>::new());
    let withdrawn = exported(&centre, &["--withdrawn"], folder.path());
    assert_eq!(withdrawn.first().map(|it| &it["status"]), Some(&json!("inactive")));
}
