//! Every record reads back as it was written, and Apache Avro agrees on every byte.

mod support;

use std::io::Cursor as Reader;
use std::sync::LazyLock;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use proptest::prelude::*;
use saphan_codec::{
    Named, Record, SchemaIds, SubmissionBatch, body_bytes, decode, decode_framed, decode_log,
    encode, encode_framed, encode_log, peek, peek_submission_facility, single_object,
};
use saphan_model::admission::{
    AdmissionLedger, ConsentChange, ConsentState, EventState, Holding, LinkState, Quarantined,
    RefusalState,
};
use saphan_model::decision::Decision;
use saphan_model::{Event, EventType, Submission};
use support::{Make, again, bytes_of, log_record, make};

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    Record::ALL.iter().map(|it| Schema::parse_str(it.schema()).expect("a schema")).collect()
});

fn reads_back<T: Named + Make + PartialEq + std::fmt::Debug>(seed: u64) {
    let value: T = make(seed);
    let ids = SchemaIds::sequential();
    let mut framed = Vec::new();
    encode_framed(&value, &ids, &mut framed);
    assert_eq!(decode_framed::<T>(&framed, &ids), Ok(value), "seed {seed}");
}

fn apache_agrees(record: Record, seed: u64) {
    let schema = &SCHEMAS[record as usize];
    let ours = bytes_of(record, seed);
    let reader = GenericDatumReader::builder(schema).build().expect("a reader");
    let mut input = Reader::new(&ours);
    let value: Value = reader.read_value(&mut input).expect("apache-avro reads our bytes");
    assert_eq!(input.position(), ours.len() as u64, "{record:?} {seed}: all bytes read");

    let writer = GenericDatumWriter::builder(schema).build().expect("a writer");
    let theirs = writer.write_value_to_vec(value.clone()).expect("writes");
    assert_eq!(theirs, ours, "{record:?} {seed}: same bytes");

    // Blocks with byte sizes (negative counts), which we never write, read the same.
    let writer =
        GenericDatumWriter::builder(schema).target_block_size(1).build().expect("a writer");
    let blocks = writer.write_value_to_vec(value).expect("writes");
    assert_eq!(again(record, &blocks).as_ref(), Ok(&ours), "{record:?} {seed}: sized blocks");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_records_read_back(seed: u64) {
        reads_back::<Submission>(seed);
        reads_back::<SubmissionBatch>(seed);
        reads_back::<Decision>(seed);
        reads_back::<Quarantined>(seed);
        reads_back::<AdmissionLedger>(seed);
        reads_back::<EventState>(seed);
        reads_back::<LinkState>(seed);
        reads_back::<RefusalState>(seed);
        reads_back::<ConsentState>(seed);
        reads_back::<Holding>(seed);
        reads_back::<ConsentChange>(seed);
    }

    #[test]
    fn log_records_read_back_and_peek_stops_at_the_body(seed: u64) {
        let ids = SchemaIds::sequential();
        for event_type in EventType::ALL {
            let record = log_record(*event_type, seed);
            let mut framed = Vec::new();
            encode_log(&record, &ids, &mut framed);
            let peeked = peek(&framed, &ids).expect("peeks");
            prop_assert_eq!(&peeked.envelope, &record.envelope);
            if let Event::Put(body) = &record.event {
                prop_assert_eq!(peeked.body, body_bytes(body));
            }
            prop_assert_eq!(decode_log(&framed, &ids), Ok(record));
        }
    }

    #[test]
    fn submissions_read_back_from_single_objects(seed: u64) {
        let submission: Submission = make(seed);
        let bytes = single_object::wrap(&submission);
        let (fingerprint, payload) = single_object::split(&bytes).expect("splits");
        prop_assert_eq!(fingerprint, Record::Submission.fingerprint());
        prop_assert_eq!(payload, encode(&submission));
        prop_assert_eq!(peek_submission_facility(payload), Ok(submission.facility.as_str()));
        prop_assert_eq!(single_object::unwrap(&bytes), Ok(submission));
    }

    #[test]
    fn apache_avro_agrees_on_every_record(seed: u64) {
        for record in Record::ALL {
            apache_agrees(*record, seed);
        }
    }
}

/// All but the fingerprint: Apache Avro for Rust computes it from a form of its own, see
/// `schema/canonical.rs`.
#[test]
fn apache_avro_writes_the_same_single_object() {
    let schema = &SCHEMAS[Record::Submission as usize];
    let submission: Submission = make(7);
    let reader = GenericDatumReader::builder(schema).build().expect("a reader");
    let value = reader.read_value(&mut Reader::new(encode(&submission))).expect("reads");
    let mut theirs = Vec::new();
    apache_avro::GenericSingleObjectWriter::new_with_capacity(schema, 1024)
        .expect("a writer")
        .write_value(value, &mut theirs)
        .expect("writes");
    let ours = single_object::wrap(&submission);
    assert_eq!((&theirs[..2], &theirs[10..]), (&ours[..2], &ours[10..]));
    // As Avro for Java and Python write it: e967186f8cd344ff, lowest byte first.
    assert_eq!(ours[2..10], [0xFF, 0x44, 0xD3, 0x8C, 0x6F, 0x18, 0x67, 0xE9]);
}

#[test]
fn bytes_left_over_are_refused() {
    let mut bytes = encode(&make::<Holding>(1));
    bytes.push(0);
    assert_eq!(decode::<Holding>(&bytes).map_err(|it| it.code()), Err("SP-1408"));
}
