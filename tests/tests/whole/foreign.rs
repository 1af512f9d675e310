//! A client in another language, with another Avro library, reads an agency's topic.

use std::collections::BTreeSet;
use std::process::Command;

use saphan_demo::platform::Site;
use serde_json::Value;

use super::place::root;

/// The topic of the payer: of all contracts, the one with the most fields.
const AGENCY: &str = "nhso";
/// What every delivery holds beside the contract's fields.
const ALWAYS: &[&str] =
    &["event_id", "revision", "action", "version", "citizen_id", "envelope", "body"];

pub fn sees_only_its_contract(site: &Site) {
    let seen = consume(site, &format!("agency.{AGENCY}.encounter.v1"));
    let records = seen["records"].as_u64().expect("a number");
    assert!(records > 100, "only {records} records; the topic shows nothing");
    assert_eq!(seen["sources"].as_u64(), Some(records), "a record came twice");
    let fields: BTreeSet<&str> =
        seen["fields"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let contract = contract();
    let beyond: Vec<_> = fields.iter().filter(|it| !contract.contains(**it)).collect();
    assert!(beyond.is_empty(), "fields beyond the contract: {beyond:?}");
    let missing: Vec<_> = contract.iter().filter(|it| !fields.contains(it.as_str())).collect();
    // What no synthetic encounter has cannot occur: items of empty lists.
    assert!(missing.iter().all(|it| it.matches('.').count() == 2), "fields absent: {missing:?}");
}

fn consume(site: &Site, topic: &str) -> Value {
    let python = root().join(".dev/python/bin/python");
    assert!(python.exists(), "no {}; run scripts/python-clients.sh", python.display());
    let output = Command::new(python)
        .arg(root().join("tests/foreign/consume.py"))
        .args([&site.parts.kafka_bootstrap, &site.parts.registry_url, &site.name(topic)])
        .output()
        .expect("python runs");
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the foreign client failed:\n{trouble}");
    serde_json::from_slice(&output.stdout).expect("one line of JSON")
}

/// Every path the contract allows, read from its file, with the records on the way to each.
fn contract() -> BTreeSet<String> {
    let file = root().join(format!("topology/agencies/{AGENCY}.toml"));
    let text = std::fs::read_to_string(file).expect("a contract");
    let parsed: toml::Value = toml::from_str(&text).expect("TOML");
    let fields = parsed["version"][0]["rule"][0]["fields"].as_array().expect("fields").clone();
    let mut paths: BTreeSet<String> = ALWAYS.iter().map(|it| (*it).to_owned()).collect();
    for field in fields.iter().filter_map(toml::Value::as_str) {
        let path =
            if field.starts_with("envelope.") { field.to_owned() } else { format!("body.{field}") };
        let dots = path.match_indices('.').map(|(at, _)| path[..at].to_owned());
        paths.extend(dots.collect::<Vec<_>>());
        paths.insert(path);
    }
    paths
}
