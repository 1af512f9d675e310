//! The peer on Kafka Streams: built by Maven from `bench/peers/kafka-streams`, told the contracts as JSON.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};
use saphan_codec::{Record, SchemaIds};
use saphan_kafka::BatchLimits;
use saphan_model::contract::Filter;
use saphan_model::label::Labels;
use saphan_topology::{Names, Topology};
use serde_json::{Value, json};

use super::arena::Arena;
use crate::child::Launch;
use crate::platform::{Site, path};

const PROJECT: &str = "bench/peers/kafka-streams/pom.xml";
/// Where the project file puts what it builds.
const BUILT: &str = "target/bench/kafka-streams";

/// Builds the peer; the first time Maven downloads what it needs.
pub fn build() -> Result<()> {
    let output = Command::new("mvn")
        .args(["--batch-mode", "--quiet", "--file", PROJECT, "package"])
        .stdin(Stdio::null())
        .output()?;
    ensure!(
        output.status.success(),
        "mvn could not build {PROJECT}:\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
    Ok(())
}

/// How to start it: it reads the log of `input` and writes under the names of `output`.
pub fn launch(site: &Site, arena: &Arena<'_>, (input, output): (&Names, &Names)) -> Result<Launch> {
    let ids = &arena.ids;
    let dir = site.dir.join("kafka-streams");
    std::fs::create_dir_all(&dir)?;
    let settings = json!({
        "bootstrap": site.parts.kafka_bootstrap,
        "application": output.prefix().trim_end_matches('.'),
        "threads": 2,
        "commitIntervalMs": BatchLimits::default().linger.as_millis(),
        "stateDir": dir,
        "keysFile": site.dir.join("keys.toml"),
        "input": input.patient_log(),
        "changes": input.consent_revoked(),
        "decisions": output.decision(),
        "schemas": schemas(ids),
        "decisionSchema": ids.id(Record::Decision),
        "changeSchema": ids.id(Record::ConsentChange),
        "stateSchema": ids.id(Record::ConsentState),
        "agencies": agencies(&arena.topology, &arena.rule_ids()?, output),
    });
    let file = dir.join("settings.json");
    std::fs::write(&file, serde_json::to_string_pretty(&settings)?)?;
    let built = Path::new(BUILT).canonicalize()?;
    let classes: PathBuf = built.join("classes");
    Ok(Launch {
        name: "Kafka Streams".to_owned(),
        program: PathBuf::from("java"),
        arguments: vec![
            "-Xms512m".to_owned(),
            "-Xmx2g".to_owned(),
            "-XX:+UseParallelGC".to_owned(),
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn".to_owned(),
            "-cp".to_owned(),
            format!("{}:{}/*", path(&classes)?, path(&built.join("lib"))?),
            "saphan.peer.Main".to_owned(),
            path(&file)?.to_owned(),
        ],
        log: site.dir.join("logs/kafka-streams.log"),
        admin: String::new(),
    })
}

/// Schemas of platform records, by id.
fn schemas(ids: &SchemaIds) -> Value {
    Record::ALL.iter().map(|it| (ids.id(*it).to_string(), json!(it.schema()))).collect()
}

/// Contracts in the order of agency ids; enums as their wire numbers, sets of labels as bits.
fn agencies(topology: &Topology, rule_ids: &[u32], names: &Names) -> Value {
    let routes = topology.routes();
    let of = |agency| {
        let mut versions: Vec<Value> = Vec::new();
        for entry in routes.rules().filter(|it| it.agency == agency) {
            let place = entry.id.get();
            let rule = entry.rule;
            let rule = json!({
                "type": rule.event_type.index(),
                "purpose": rule.purpose.index(),
                "basis": rule.basis.index(),
                "identity": rule.identity.index(),
                "labels": bits(rule.labels),
                "filter": filter(&rule.filter),
                "topic": names.agency(routes.id_of(agency), rule.event_type),
                "schemaId": rule_ids[place],
                "schema": topology.projections()[place].schema(),
            });
            let number = json!(entry.contract.version);
            match versions.last_mut().filter(|it| it["number"] == number) {
                Some(version) => {
                    version["rules"].as_array_mut().into_iter().for_each(|it| it.push(rule.clone()))
                }
                None => versions.push(json!({
                    "number": number,
                    "effectiveFrom": entry.contract.effective_from.0,
                    "rules": [rule],
                })),
            }
        }
        versions
    };
    routes
        .agencies()
        .map(|(agency, id)| json!({"id": id.as_str(), "versions": of(agency)}))
        .collect()
}

fn filter(filter: &Filter) -> Value {
    json!({
        "regions": filter.regions,
        "facilities": filter.facilities,
        "schemes": filter.schemes.iter().map(|it| it.index()).collect::<Vec<_>>(),
        "notifiable": filter.notifiable,
        "notifiableCodes": filter.notifiable_codes,
        "counterparts": filter.counterparts,
    })
}

fn bits(labels: Labels) -> u32 {
    labels.iter().map(|it| 1 << it.index()).sum()
}
