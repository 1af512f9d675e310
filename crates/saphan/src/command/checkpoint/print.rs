//! Checkpoints, findings and proofs as text and as JSON.

use std::path::Path;

use saphan_codec::frame;
use saphan_model::decision::Decision;
use saphan_proof::checkpoint::proof::{Bytes, Proved, Refuted};
use saphan_proof::checkpoint::{Broken, Proof, Store, leaf};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::output;

/// A checkpoint that was just made.
pub fn made(store: &Store, folder: &Path, as_json: bool) {
    let (number, Some(entry)) = (store.entries().len(), store.entries().last()) else { return };
    let parts = &entry.heads.parts;
    let records: u64 = parts.values().map(|it| it.tree.size()).sum();
    if as_json {
        output::line(&json!({
            "checkpoint": number, "made_at": entry.heads.made_at.to_string(),
            "partitions": parts.len(), "records": records, "note": entry.note,
        }));
        return;
    }
    output::line(&entry.note.trim_end());
    output::progress(&format_args!(
        "checkpoint {number} in {}: {records} records in {} partitions; keep a copy of it elsewhere",
        folder.display(),
        parts.len()
    ));
}

/// What a verification found.
pub fn findings(store: &Store, broken: &[Broken], as_json: bool) {
    let number = store.entries().len();
    if as_json {
        output::line(&json!({
            "clean": broken.is_empty(), "checkpoints": number,
            "findings": broken.iter().map(finding_json).collect::<Vec<_>>(),
        }));
        return;
    }
    if broken.is_empty() {
        output::line(&format_args!(
            "{number} checkpoint(s): everything stands in the log as it did when each of them was made."
        ));
        return;
    }
    output::line(&format_args!("{} finding(s):", broken.len()));
    for it in broken {
        let mut places = Vec::new();
        places.extend(it.checkpoint.map(|it| format!("checkpoint {it}")));
        places.extend(it.place.as_ref().map(|it| format!("{}/{}", it.0, it.1)));
        output::line(&format_args!(
            "\n{}  {}  {}\n    {}\n  - {}",
            it.kind.code(),
            it.kind,
            places.join(", "),
            it.kind.meaning(),
            it.detail
        ));
    }
}

fn finding_json(it: &Broken) -> Value {
    json!({
        "kind": it.kind.as_str(), "code": it.kind.code(), "meaning": it.kind.meaning(),
        "detail": it.detail, "checkpoint": it.checkpoint,
        "topic": it.place.as_ref().map(|it| &it.0), "partition": it.place.as_ref().map(|it| it.1),
    })
}

/// A proof that holds.
pub fn proved(proof: &Proof, proved: &Proved, as_json: bool) {
    let checkpoint = &proved.checkpoint;
    if as_json {
        let mut line = json!({
            "holds": true, "log": checkpoint.origin, "checkpoint": checkpoint.size,
            "made_at": proved.made_at.map(|it| it.to_string()), "offsets": proved.offsets,
        });
        if let Proof::Record { record, .. } = proof {
            line["sha256"] = Value::from(sha256(record));
        }
        output::line(&line);
        return;
    }
    let made = proved.made_at.map_or_else(String::new, |it| format!(", heads of {it}"));
    let signed = format!("checkpoint {} of {}{made}", checkpoint.size, checkpoint.origin);
    match proof {
        Proof::Record { topic, partition, record, .. } => {
            let offset = proved.offsets[0];
            output::line(&format_args!("holds: {topic}/{partition}/{offset} is in {signed}"));
            output::line(&format_args!("    sha256 of its value {}", sha256(record)));
            decision(record);
        }
        Proof::List { records, .. } => {
            output::line(&format_args!(
                "holds: these {} decisions are all there were about the patient, by {signed}",
                records.len()
            ));
            for (number, (record, offset)) in (1..).zip(records.iter().zip(&proved.offsets)) {
                output::line(&format_args!("no. {number}  offset {offset}"));
                decision(record);
            }
        }
        Proof::Consistency { .. } => {
            output::line(&format_args!(
                "holds: the earlier checkpoint is the beginning of {signed}"
            ));
        }
    }
}

/// The hash that a receipt of consent shows, of the record's value alone.
fn sha256(record: &Bytes) -> String {
    let value = leaf::decode(&record.0).and_then(|it| it.value).unwrap_or_default();
    Sha256::digest(value).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a decision says, as far as this version of the program can read it without a schema registry.
fn decision(record: &Bytes) {
    let value = leaf::decode(&record.0).and_then(|it| it.value).unwrap_or_default();
    let payload = frame::split(value).map(|it| it.1);
    let Ok(Ok(it)) = payload.map(saphan_codec::decode::<Decision>) else { return };
    output::line(&format_args!(
        "    {}  {}  event {:?}  facility {}",
        it.appended_at, it.event_type, it.event_id, it.facility
    ));
    for outcome in &it.outcomes {
        let reason = outcome.reason.map_or_else(String::new, |it| format!(" ({it})"));
        output::line(&format_args!("    {:<14} {}{reason}", outcome.agency, outcome.kind));
    }
}

/// A proof that does not hold.
pub fn refuted(why: &Refuted, as_json: bool) {
    if as_json {
        output::line(&json!({ "holds": false, "why": why.to_string() }));
    } else {
        output::line(&format_args!("does not hold: {why}"));
    }
}
