//! Records in `ingest.v1` that no gateway would have let in: admit tells each by its position, goes on,
//! and its ledger has no gap.

use std::sync::Arc;
use std::time::Duration;

use saphan_codec::{Record, frame, single_object};
use saphan_kafka::{KafkaConfig, Outbound, Producer, ProducerLimits, Registry, RegistryConfig};
use saphan_model::{Content, Defect, Private, Provenance, Subject, Submission, Timestamp};
use tempfile::tempdir;

use crate::centre::Centre;
use crate::document::{Document, service, visits};

const FACILITY: &str = "99006";

fn payload() -> Vec<u8> {
    let it = Submission {
        facility: FACILITY.to_owned(),
        subject: Subject::default(),
        natural_key: Private::new("CANARY".to_owned()),
        occurred_at: Timestamp(0),
        recorded_at: Timestamp(0),
        provenance: Provenance::default(),
        defaulted: vec![],
        content: Content::Defect(Defect {
            code: "SP-1101".to_owned(),
            column: String::new(),
            remedy: "CANARY".to_owned(),
        }),
    };
    single_object::wrap(&it)[10..].to_vec()
}

fn framed(id: u32, payload: &[u8]) -> Vec<u8> {
    let mut value = Vec::new();
    frame::put_frame(id, &mut value);
    value.extend_from_slice(payload);
    value
}

/// Each with the code its row in the quarantine must name.
fn hostile(id_of: impl Fn(Record) -> u32) -> Vec<(Vec<u8>, &'static str)> {
    let good = payload();
    let own = id_of(Record::Submission);
    vec![
        (framed(0x7FFF_FFFF, &good), "SP-1412"),
        (framed(id_of(Record::Decision), &good), "SP-1413"),
        (framed(own, &good[..good.len() - 1]), "SP-1401"),
        (framed(own, &[&good[..], b"CANARY"].concat()), "SP-1408"),
        (framed(own, b"\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7FCANARY"), "SP-1406"),
        (framed(own, b"\x0CCANARY"), "SP-1401"),
        (framed(own, b"\x04\xFF\xFE"), "SP-1403"),
        (b"CANARY".to_vec(), "SP-1411"),
        (Vec::new(), "SP-1411"),
    ]
}

#[test]
fn records_that_cannot_be_read_are_told_and_passed() {
    let centre = Centre::shared();
    let registry = Registry::new(&RegistryConfig::new(centre.site.parts.registry_url.clone()));
    let records = hostile(|it| {
        registry.id_of(it.name(), it.schema()).expect("an answer").expect("it is registered")
    });
    let topic: Arc<str> = centre.site.name("ingest.v1").into();
    let kafka = KafkaConfig::plaintext(&centre.site.parts.kafka_bootstrap);
    let producer =
        Producer::new(&kafka, "hostile", &ProducerLimits::default()).expect("a producer");
    let outbound = records
        .iter()
        .map(|(value, _)| Outbound::keyed(topic.clone(), FACILITY.as_bytes(), value.clone()))
        .collect();
    let answers = producer.send(outbound).wait(Duration::from_secs(20));
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");

    // Behind them, in the same partition, a facility's own.
    let folder = tempdir().expect("a folder");
    let document = Document::of(FACILITY).file("SERVICE.txt", service(&visits(FACILITY, 3)));
    let ended = centre.send(FACILITY, &[document.write(folder.path())]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    centre.quiet();

    let expected = i64::try_from(records.len()).expect("few");
    assert_eq!(centre.ends(FACILITY), [3, 0, expected]);
    check(&centre, &records);
}

/// One row each, under the facility of the key, by position, with the code of what is wrong and nothing of the bytes.
#[track_caller]
fn check(centre: &Centre, records: &[(Vec<u8>, &str)]) {
    let sql = format!(
        "SELECT code, remedy, document, line FROM quarantine FINAL WHERE facility = '{FACILITY}' \
         ORDER BY src_offset"
    );
    let rows = saphan_demo::clickhouse::rows(&centre.site, &sql).expect("rows");
    let why: Vec<_> = rows
        .iter()
        .map(|row| {
            assert_eq!(row[0], "SP-1301");
            assert!(row[2].starts_with("ingest.v1/"), "{row:?}");
            records.iter().map(|it| it.1).find(|it| row[1].contains(it)).unwrap_or("none")
        })
        .collect();
    assert_eq!(why, records.iter().map(|it| it.1).collect::<Vec<_>>());
    assert!(!format!("{rows:?}").contains("CANARY") && !centre.log().contains("CANARY"));
}
