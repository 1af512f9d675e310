//! Bytes that were damaged or made up: a value or a coded fault, quickly, and never a panic.

mod support;

use std::time::{Duration, Instant};

use saphan_codec::{
    Cursor, Fault, Record, SchemaIds, Wire, batch, decode, encode, encode_log, log, peek,
    single_object,
};
use saphan_model::admission::{EventState, Holding};
use saphan_model::directive::{Directive, Provision};
use saphan_model::{Content, EventType, Submission};
use support::{Seed, again, bytes_of, log_record, make};

/// Damages some bytes: flips, cuts, or writes a length that claims too much.
fn damage(bytes: &mut Vec<u8>, seed: &mut Seed) {
    for _ in 0..=seed.below(4) {
        let at = seed.below(bytes.len().max(1));
        match seed.below(5) {
            0 if !bytes.is_empty() => bytes.truncate(at),
            1 => bytes.splice(at.min(bytes.len())..at.min(bytes.len()), [0xff; 5]).for_each(drop),
            2 => bytes
                .splice(at.min(bytes.len())..at.min(bytes.len()), [0xfe, 0xff, 0xff, 0xff, 0x0f])
                .for_each(drop),
            _ if !bytes.is_empty() => bytes[at] = seed.next() as u8,
            _ => bytes.push(seed.next() as u8),
        }
    }
}

#[test]
fn a_hundred_thousand_damaged_records_neither_panic_nor_linger() {
    let mut seed = Seed(20_260_102);
    let originals: Vec<(Record, Vec<u8>)> =
        (0..20).flat_map(|n| Record::ALL.iter().map(move |it| (*it, bytes_of(*it, n)))).collect();
    let (mut read, mut refused) = (0, 0);
    let mut slowest = Duration::ZERO;
    for round in 0..100_000 {
        let (record, original) = &originals[round % originals.len()];
        let mut bytes = original.clone();
        damage(&mut bytes, &mut seed);
        let start = Instant::now();
        match again(*record, &bytes) {
            Ok(_) => read += 1,
            Err(fault) => {
                assert!(fault.code().starts_with("SP-14") && fault.at() <= bytes.len() + 5);
                refused += 1;
            }
        }
        slowest = slowest.max(start.elapsed());
    }
    assert!(read > 1_000 && refused > 50_000, "{read} read, {refused} refused");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}

#[test]
fn damaged_frames_are_refused_by_every_reader() {
    let ids = SchemaIds::sequential();
    let mut seed = Seed(7);
    for round in 0..20_000 {
        let event_type = EventType::ALL[round % EventType::ALL.len()];
        let mut framed = Vec::new();
        encode_log(&log_record(event_type, round as u64 % 40), &ids, &mut framed);
        damage(&mut framed, &mut seed);
        let whole = saphan_codec::decode_log(&framed, &ids).is_ok();
        let peeked = peek(&framed, &ids).is_ok();
        let viewed = log::view(&framed, &ids).is_ok();
        assert!(peeked || !whole, "what reads whole can be peeked");
        assert!(viewed || !peeked, "what can be peeked can be viewed");
        drop(single_object::unwrap(&framed));
        drop(batch::read(&framed));
    }
}

#[track_caller]
fn check<T: Wire>(bytes: &[u8], fault: Fault) {
    assert_eq!(decode::<T>(bytes).map(drop).map_err(|it| it.fault()), Err(fault), "{bytes:02x?}");
}

#[test]
fn each_fault_is_told_apart() {
    check::<i32>(&[], Fault::Truncated);
    check::<i32>(&[0x80], Fault::Truncated);
    check::<i32>(&[0xfe, 0xff, 0xff, 0xff, 0x1f], Fault::Number);
    check::<i64>(&[0xff; 11], Fault::Number);
    check::<i64>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], Fault::Number);
    check::<bool>(&[2], Fault::Value);
    check::<String>(&[2, 0xff], Fault::Text);
    check::<String>(&[1], Fault::Length);
    check::<String>(&[0x82, 0x80, 0x08, 0], Fault::Length);
    check::<String>(&[8, b'a'], Fault::Truncated);
    check::<EventType>(&[26], Fault::Symbol);
    check::<EventType>(&[1], Fault::Symbol);
    check::<Option<i32>>(&[4, 0], Fault::Branch);
    check::<Vec<i32>>(&[0xa2, 0x9c, 0x01], Fault::Length);
    check::<Vec<i32>>(&[0x80, 0x10, 0], Fault::Truncated);
    check::<Vec<i32>>(&[1, 4, 2, 0], Fault::Length);
    check::<Vec<i32>>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], Fault::Length);
    check::<saphan_model::CitizenId>(
        &[26, b'1', b'2', b'3', b'4', b'5', b'6', b'7', b'8', b'9', b'0', b'1', b'2', b'2'],
        Fault::Value,
    );
    check::<saphan_model::body::Condition>(&[0, 0, 0], Fault::Alternatives);
    check::<i32>(&[0, 0], Fault::LeftOver);
}

#[test]
fn two_alternatives_at_once_are_refused() {
    // `Content`: null ten times, `directive` null, `retract` set, `defect` set.
    let both = [&[0; 11][..], &[2, 0], &[2, 0, 0, 0]].concat();
    check::<Content>(&both, Fault::Alternatives);
    let one = [&[0; 11][..], &[2, 0], &[0]].concat();
    assert_eq!(decode(&one), Ok(Content::Retract(EventType::Person)));
}

#[test]
fn another_record_is_refused() {
    let ids = SchemaIds::sequential();
    let mut framed = Vec::new();
    saphan_codec::encode_framed(&make::<Holding>(1), &ids, &mut framed);
    let refused = saphan_codec::decode_framed::<EventState>(&framed, &ids).map(drop);
    assert_eq!(refused.map_err(|it| it.code()), Err("SP-1413"));
}

#[test]
fn a_single_object_must_say_it_is_one_and_of_which_schema() {
    let code = |bytes: &[u8]| single_object::unwrap(bytes).map(drop).map_err(|it| it.code());
    let good = single_object::wrap(&make::<Submission>(1));
    assert_eq!(code(&good), Ok(()));
    assert_eq!(code(&good[..9]), Err("SP-1414"));
    for (at, expected) in [(0, "SP-1414"), (1, "SP-1414"), (2, "SP-1415"), (9, "SP-1415")] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        assert_eq!(code(&bytes), Err(expected), "byte {at}");
    }
}

#[test]
fn a_count_claims_no_more_items_than_there_are_bytes_for() {
    // Four items of at least 16 bytes need 64 bytes after the count.
    let claim = |bytes: usize| {
        let input = [[8].as_slice(), &vec![0; bytes]].concat();
        Cursor::new(&input).block(0, 16).map(|it| it.map(|block| block.items))
    };
    assert_eq!(claim(64), Ok(Some(4)));
    assert_eq!(claim(63).map_err(|it| it.fault()), Err(Fault::Truncated));
}

#[test]
fn extreme_numbers_read_back() {
    for n in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX] {
        assert_eq!(decode::<i64>(&encode(&n)), Ok(n));
    }
}

#[test]
fn exceptions_nest_only_so_deep() {
    let directive = |levels: usize| {
        let leaf = Provision { exceptions: Vec::new(), ..make::<Provision>(1) };
        let mut provision = leaf.clone();
        for _ in 0..levels {
            provision = Provision { exceptions: vec![provision], ..leaf.clone() };
        }
        Directive { provisions: vec![provision], ..make::<Directive>(2) }
    };
    let deepest = directive(saphan_model::limits::PROVISION_DEPTH_MAX);
    assert_eq!(decode(&encode(&deepest)), Ok(deepest));
    let deeper = encode(&directive(saphan_model::limits::PROVISION_DEPTH_MAX + 1));
    check::<Directive>(&deeper, Fault::Depth);
    check::<Directive>(&encode(&directive(10_000)), Fault::Depth);
}

#[test]
fn a_directive_has_only_so_many_provisions() {
    let leaf = Provision { exceptions: Vec::new(), ..make::<Provision>(1) };
    let directive = |n: usize| {
        let half = Provision { exceptions: vec![leaf.clone(); n / 2 - 1], ..leaf.clone() };
        Directive { provisions: [vec![half], vec![leaf.clone(); n - n / 2]].concat(), ..make(2) }
    };
    let most = directive(saphan_model::limits::PROVISIONS_MAX);
    assert_eq!(decode(&encode(&most)), Ok(most));
    let more = directive(saphan_model::limits::PROVISIONS_MAX + 1);
    check::<Directive>(&encode(&more), Fault::Length);
}

#[test]
fn batches_have_limits() {
    let one = single_object::wrap(&make::<Submission>(1));
    let batch = |n: usize, item: &[u8]| {
        encode(&saphan_codec::SubmissionBatch { submissions: vec![item.to_vec(); n] })
    };
    let most = saphan_model::limits::ITEMS_MAX;
    let read = |bytes: &[u8]| batch::read(bytes).map(|it| it.len()).map_err(|it| it.code());
    assert_eq!(read(&batch(3, &one)), Ok(3));
    assert_eq!(read(&batch(0, &one)), Ok(0));
    assert_eq!(read(&batch(most, &[1])), Ok(most));
    assert_eq!(read(&batch(most + 1, &[1])), Err("SP-1406"));
    let long = vec![0; saphan_model::limits::SUBMISSION_BYTES_MAX + 1];
    assert_eq!(read(&batch(2, &long)), Ok(2), "a long one is the reader's to refuse");
    assert_eq!(read(&[2, 6, 1, 0]), Err("SP-1401"));
    assert_eq!(read(&[2, 2, 1, 0, 0]), Err("SP-1408"));
}

#[test]
fn an_envelope_of_another_type_is_refused() {
    let ids = SchemaIds::sequential();
    let mut framed = Vec::new();
    encode_log(&log_record(EventType::Death, 1), &ids, &mut framed);
    framed[4] = u8::try_from(ids.id(Record::Person)).expect("small");
    assert_eq!(peek(&framed, &ids).map(drop).map_err(|it| it.code()), Err("SP-1416"));
    assert_eq!(log::view(&framed, &ids).map(drop).map_err(|it| it.code()), Err("SP-1416"));
    framed[4] = u8::try_from(ids.id(Record::Decision)).expect("small");
    assert_eq!(peek(&framed, &ids).map(drop).map_err(|it| it.code()), Err("SP-1413"));
    framed[4] = 200;
    assert_eq!(peek(&framed, &ids).map(drop).map_err(|it| it.code()), Err("SP-1412"));
    framed[0] = b'{';
    assert_eq!(peek(&framed, &ids).map(drop).map_err(|it| it.code()), Err("SP-1411"));
}

#[test]
fn a_view_sees_what_a_peek_sees() {
    let ids = SchemaIds::sequential();
    for seed in 0..300 {
        let record = log_record(EventType::Encounter, seed);
        let mut framed = Vec::new();
        encode_log(&record, &ids, &mut framed);
        let view = log::view(&framed, &ids).expect("views");
        let envelope = record.envelope;
        assert_eq!(view.event_id, envelope.event_id);
        assert_eq!(view.sealed_citizen_id, envelope.sealed_citizen_id.as_deref());
        assert_eq!(view.facility, envelope.facility);
        assert_eq!((view.occurred_at, view.labels), (envelope.occurred_at, envelope.labels));
        assert_eq!(view.facets.notifiable().collect::<Vec<_>>(), envelope.facets.notifiable);
        assert_eq!(view.facets.counterpart, envelope.facets.counterpart.as_deref());
        assert_eq!(view.facets.main_code, envelope.facets.main_code.as_deref());
        assert_eq!(view.facets.region, envelope.facets.region);
    }
}

#[test]
fn nothing_of_a_person_is_printed() {
    let submission = make::<Submission>(1);
    let batch =
        saphan_codec::SubmissionBatch { submissions: vec![single_object::wrap(&submission)] };
    assert_eq!(format!("{batch:?}"), "SubmissionBatch(1 submissions)");
    let ids = SchemaIds::sequential();
    let mut framed = Vec::new();
    encode_log(&log_record(EventType::Person, 1), &ids, &mut framed);
    let peeked = peek(&framed, &ids).expect("peeks");
    assert!(format!("{peeked:?}").contains(&format!("body_bytes: {}", peeked.body.len())));
    let fault = decode::<Submission>(b"\x0a12345").map(drop).expect_err("cut").to_string();
    assert_eq!(fault, "SP-1401: the record ends inside a value; send it again whole (byte 6)");
}
