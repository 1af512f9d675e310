//! What was written under an older version of a schema is read today.

mod support;

use apache_avro::Schema;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use saphan_codec::frame::put_frame;
use saphan_codec::schema::fingerprint;
use saphan_codec::{Record, SchemaIds, decode_framed, encode_framed};
use saphan_model::EventType;
use saphan_model::admission::Holding;
use support::make;

/// A `Holding` as it might have been: a field less, a field more.
const OLDER: &str = r#"{"type":"record","name":"Holding","namespace":"th.saphan.state","fields":[
    {"name":"gone","type":["null","string"],"default":null},
    {"name":"applied_offset","type":"long"},
    {"name":"event_type","type":{"type":"enum","name":"EventType","namespace":"th.saphan",
        "symbols":["person","encounter","retraction"],"default":"retraction"}}]}"#;

fn ids() -> SchemaIds {
    SchemaIds::sequential().with_version(Record::Holding, 900, OLDER).expect("readable")
}

fn older_bytes() -> Vec<u8> {
    let schema = Schema::parse_str(OLDER).expect("a schema");
    let value = Value::Record(vec![
        ("gone".into(), Value::Union(1, Box::new(Value::String("x".into())))),
        ("applied_offset".into(), Value::Long(42)),
        ("event_type".into(), Value::Enum(1, "encounter".into())),
    ]);
    let mut framed = Vec::new();
    put_frame(900, &mut framed);
    let writer = GenericDatumWriter::builder(&schema).build().expect("a writer");
    framed.extend(writer.write_value_to_vec(value).expect("writes"));
    framed
}

#[test]
fn an_older_version_is_read_with_defaults() {
    let holding = decode_framed::<Holding>(&older_bytes(), &ids()).expect("decodes");
    let expected = Holding {
        applied_offset: 42,
        event_type: EventType::Encounter,
        agencies: Vec::new(),
        recallable: None,
    };
    assert_eq!(holding, expected);
}

#[test]
fn todays_version_passes_untouched() {
    let mut framed = Vec::new();
    encode_framed(&make::<Holding>(3), &ids(), &mut framed);
    assert!(matches!(ids().current(&framed), Ok(std::borrow::Cow::Borrowed(_))));
}

#[test]
fn an_older_version_nobody_told_of_is_refused() {
    let refused = decode_framed::<Holding>(&older_bytes(), &SchemaIds::sequential());
    assert_eq!(refused.map_err(|it| it.code()), Err("SP-1412"));
}

#[test]
fn broken_older_bytes_are_refused() {
    for cut in 6..older_bytes().len() {
        let refused = ids().current(&older_bytes()[..cut]).map(drop);
        assert_eq!(refused.map_err(|it| it.code()), Err("SP-1417"), "{cut}");
    }
    let mut longer = older_bytes();
    longer.push(0);
    assert_eq!(ids().current(&longer).map(drop).map_err(|it| it.code()), Err("SP-1408"));
}

#[test]
fn a_version_that_cannot_be_read_is_refused_at_start() {
    let other = r#"{"type":"record","name":"Holding","namespace":"th.saphan.state","fields":[]}"#;
    let refused = SchemaIds::sequential().with_version(Record::Holding, 900, other);
    assert!(refused.is_err_and(|it| it.to_string().starts_with("SP-1427")));
}

#[test]
fn fingerprints_name_versions() {
    let older = fingerprint(OLDER).expect("a schema");
    assert_eq!(ids().of_fingerprint(older), Some((Record::Holding, 900)));
    let today = Record::Submission.fingerprint();
    assert_eq!(
        ids().of_fingerprint(today),
        Some((Record::Submission, ids().id(Record::Submission)))
    );
    assert_eq!(ids().of_fingerprint(7), None);
}
