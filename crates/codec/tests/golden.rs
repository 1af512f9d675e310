//! Bytes written by every version of every schema, kept in `schemas/fixtures`, still mean what
//! they meant. After adding a version, run once with `BLESS=1` to write its fixtures; existing
//! ones are never rewritten.

mod support;

use std::path::PathBuf;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use saphan_codec::frame::put_frame;
use saphan_codec::{Record, SchemaIds, schema};
use serde_json::{Value as Json, json};
use support::{again, bytes_of};

/// Seeds of the fixtures of a version.
const SEEDS: [u64; 2] = [1, 4];

fn folder(record: Record, version: usize) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../schemas/fixtures")
        .join(record.folder())
        .join(format!("v{version}"))
}

/// A value as JSON; bytes in hexadecimal.
fn json_of(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(it) => json!(it),
        Value::Int(it) | Value::Date(it) => json!(it),
        Value::Long(it) | Value::TimestampMillis(it) => json!(it),
        Value::Double(it) => json!(it),
        Value::String(it) | Value::Enum(_, it) => json!(it),
        Value::Bytes(it) | Value::Fixed(_, it) => {
            json!(it.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        Value::Union(_, it) => json_of(it),
        Value::Array(items) => items.iter().map(json_of).collect(),
        Value::Record(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), json_of(value))).collect()
        }
        other => panic!("no schema has a {other:?}"),
    }
}

fn meaning(schema: &str, bytes: &[u8]) -> Json {
    let schema = Schema::parse_str(schema).expect("a schema");
    let reader = GenericDatumReader::builder(&schema).build().expect("a reader");
    json_of(&reader.read_value(&mut std::io::Cursor::new(bytes)).expect("reads"))
}

fn bless(record: Record, version: usize, schema: &str) {
    let folder = folder(record, version);
    if folder.exists() {
        return;
    }
    std::fs::create_dir_all(&folder).expect("a folder");
    for (n, seed) in SEEDS.iter().enumerate() {
        let bytes = bytes_of(record, *seed);
        let text = serde_json::to_string_pretty(&meaning(schema, &bytes)).expect("JSON");
        std::fs::write(folder.join(format!("{}.bin", n + 1)), bytes).expect("writes");
        std::fs::write(folder.join(format!("{}.json", n + 1)), text + "\n").expect("writes");
    }
}

/// The fixtures of one version are read by their own schema and by today's code.
fn check(record: Record, version: usize, schema: &str, latest: bool) {
    for n in 1..=SEEDS.len() {
        let path = folder(record, version).join(format!("{n}.bin"));
        let bytes = std::fs::read(&path)
            .unwrap_or_else(|_| panic!("{} is missing; run with BLESS=1", path.display()));
        let text = std::fs::read_to_string(path.with_extension("json")).expect("its meaning");
        let expected: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(meaning(schema, &bytes), expected, "{}", path.display());
        if latest {
            assert_eq!(again(record, &bytes), Ok(bytes), "{}", path.display());
            continue;
        }
        let ids = SchemaIds::sequential().with_version(record, 900, schema).expect("readable");
        let mut framed = Vec::new();
        put_frame(900, &mut framed);
        framed.extend_from_slice(&bytes);
        let current = ids.current(&framed).expect("upgrades");
        assert!(again(record, &current[5..]).is_ok(), "{}", path.display());
    }
}

#[test]
fn bytes_of_every_version_mean_what_they_meant() {
    for record in Record::ALL {
        let versions = schema::versions(*record).expect("composes");
        for (i, schema) in versions.iter().enumerate() {
            let latest = i + 1 == versions.len();
            if latest && std::env::var_os("BLESS").is_some() {
                bless(*record, i + 1, schema);
            }
            check(*record, i + 1, schema, latest);
        }
    }
}

/// Fingerprints of every version: a schema file that was released never changes.
#[test]
fn released_schemas_do_not_change() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schemas/fixtures/fingerprints.txt");
    let lines: Vec<String> = Record::ALL
        .iter()
        .flat_map(|record| {
            let versions = schema::versions(*record).expect("composes");
            versions.into_iter().enumerate().map(move |(i, text)| {
                let fingerprint = schema::fingerprint(&text).expect("a schema");
                format!("{} v{} {fingerprint:016x}\n", record.name(), i + 1)
            })
        })
        .collect();
    let mut kept = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("BLESS").is_some() {
        let listed =
            |line: &str| line.rsplit_once(' ').is_some_and(|(name, _)| kept.contains(name));
        let added: String = lines.iter().filter(|it| !listed(it)).map(String::as_str).collect();
        kept += &added;
        std::fs::write(&path, &kept).expect("writes");
    }
    for line in &lines {
        assert!(
            kept.contains(line.as_str()),
            "{line}is not in fixtures/fingerprints.txt: a released version changed; make a new one"
        );
    }
}
