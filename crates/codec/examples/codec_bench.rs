//! Nanoseconds an operation takes, on 2,000 different made-up encounters of about 435 bytes.
//! `cargo run --release -p saphan-codec --example codec_bench [part of a name]`

#![allow(clippy::print_stdout, reason = "printing the figures is what it is for")]

use std::hint::black_box;

use saphan_codec::projection::{self, Identity};
use saphan_codec::{SchemaIds, decode, decode_log, encode_log, log, peek, single_object};
use saphan_model::body::{Diagnosis, Encounter, EncounterClass, Medication, VitalSigns};
use saphan_model::contract::{BasisKind, Filter, IdentityMode, OnRevoke, Rule};
use saphan_model::directive::Purpose;
use saphan_model::facets::{Facets, SchemeGroup};
use saphan_model::label::Labels;
use saphan_model::{
    Body, CitizenId, Content, Date, Envelope, Event, EventId, EventType, LogRecord, PatientId,
    Private, Provenance, Revision, Subject, Submission, Timestamp,
};

const RECORDS: usize = 2_000;
const ROUNDS: usize = 41;
const ROUND_NS: u64 = 25_000_000;

fn main() {
    let ids = SchemaIds::sequential();
    let records: Vec<LogRecord> = (0..RECORDS).map(record).collect();
    let framed: Vec<Vec<u8>> = records
        .iter()
        .map(|it| {
            let mut out = Vec::new();
            encode_log(it, &ids, &mut out);
            out
        })
        .collect();
    let bodies: Vec<&[u8]> = framed.iter().map(|it| peek(it, &ids).expect("ours").body).collect();
    let submissions: Vec<Submission> = records.iter().enumerate().map(submission).collect();
    let wrapped: Vec<Vec<u8>> = submissions.iter().map(single_object::wrap).collect();
    let mean = |all: &mut dyn Iterator<Item = usize>| all.sum::<usize>() / RECORDS;
    println!("body {} bytes", mean(&mut bodies.iter().map(|it| it.len())));
    println!("log record {} bytes", mean(&mut framed.iter().map(Vec::len)));
    println!("submission {} bytes", mean(&mut wrapped.iter().map(Vec::len)));

    let mut out = Vec::with_capacity(4096);
    measure("encode body", |i| {
        out.clear();
        let Event::Put(Body::Encounter(it)) = &records[i].event else { return };
        saphan_codec::Wire::put(it.as_ref(), &mut out);
        black_box(&out);
    });
    measure("decode body", |i| drop(black_box(decode::<Encounter>(bodies[i]))));
    measure("encode log record", |i| {
        out.clear();
        encode_log(&records[i], &ids, &mut out);
        black_box(&out);
    });
    measure("decode log record", |i| drop(black_box(decode_log(&framed[i], &ids))));
    measure("peek (owned envelope)", |i| drop(black_box(peek(&framed[i], &ids))));
    measure("peek (borrowed view)", |i| drop(black_box(log::view(&framed[i], &ids))));
    measure("wrap submission", |i| drop(black_box(single_object::wrap(&submissions[i]))));
    measure("unwrap submission", |i| drop(black_box(single_object::unwrap(&wrapped[i]))));
    for (name, fields) in
        [("project 4 fields", FEW), ("project 14 fields, 3 of the envelope", MANY)]
    {
        let agency = "disease-control".parse().expect("an agency id");
        let projection = projection::derive(&agency, &rule(fields)).expect("derives");
        measure(name, |i| {
            out.clear();
            let identity = Identity::Pseudonym(&[7; 16]);
            projection
                .deliver(&records[i].envelope, bodies[i], identity, &mut out)
                .expect("delivers");
            black_box(&out);
        });
    }
}

const FEW: &[&str] = &["class", "period_start", "diagnoses.code", "diagnoses.role"];
const MANY: &[&str] = &[
    "class",
    "period_start",
    "scheme",
    "main_facility",
    "type_in",
    "type_out",
    "price_satang",
    "diagnoses",
    "medications.code",
    "medications.amount",
    "vital_signs.temperature_c",
    "envelope.facility",
    "envelope.occurred_at",
    "envelope.facets.region",
];

/// Least and median over rounds, in time on a processor: other processes do not count.
fn measure(name: &str, mut op: impl FnMut(usize)) {
    if std::env::args().nth(1).is_some_and(|part| !name.contains(&part)) {
        return;
    }
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = processor_ns();
            let mut n = 0u32;
            while processor_ns() - start < ROUND_NS {
                (0..RECORDS).for_each(&mut op);
                n += 1;
            }
            (processor_ns() - start) as f64 / (f64::from(n) * RECORDS as f64)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    println!("{name:40} least {:6.0} ns, median {:6.0} ns", rounds[0], rounds[ROUNDS / 2]);
}

/// Nanoseconds this thread has run, from the Linux scheduler.
fn processor_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|it| it.parse().ok()).expect("a number first")
}

fn rule(fields: &[&str]) -> Rule {
    Rule {
        event_type: EventType::Encounter,
        purpose: Purpose::PublicHealth,
        basis: BasisKind::Statute,
        basis_source: "made up".into(),
        filter: Filter::default(),
        fields: fields.iter().map(|it| (*it).to_owned()).collect(),
        identity: IdentityMode::AgencyPseudonym,
        labels: Labels::NONE,
        on_revoke: OnRevoke::Keep,
    }
}

fn record(i: usize) -> LogRecord {
    let mut name = [0u8; 16];
    name[..8].copy_from_slice(&(i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    let envelope = Envelope {
        event_id: EventId(name),
        revision: Revision(name),
        sequence: i as i64 + 1_000_000,
        patient: PatientId(name),
        sealed_citizen_id: Some(vec![i as u8; 41]),
        facility: format!("{:05}", 10_000 + i % 900),
        event_type: EventType::Encounter,
        occurred_at: Timestamp(1_760_000_000_000 + i as i64),
        recorded_at: Timestamp(1_760_000_900_000 + i as i64),
        labels: Labels::NONE,
        facets: Facets {
            region: (i % 13) as i32 + 1,
            province: "57".into(),
            district: "5701".into(),
            scheme: SchemeGroup::UniversalCoverage,
            notifiable: Vec::new(),
            counterpart: None,
            counterpart_region: None,
            main_code: Some("E119".into()),
        },
        provenance: provenance(i),
        defaulted: Vec::new(),
    };
    LogRecord { envelope, event: Event::Put(Body::Encounter(Box::new(encounter(i)))) }
}

fn provenance(i: usize) -> Provenance {
    Provenance {
        source: "f43".into(),
        document: "F43_10670_2025101012345678.zip".into(),
        file: "SERVICE.txt".into(),
        line: i as i32 + 2,
        adapter: "f43 0.1.0".into(),
    }
}

fn encounter(i: usize) -> Encounter {
    let diagnosis = |code: &str, role: &str| Diagnosis {
        code: code.into(),
        role: role.into(),
        clinic: Some("00100".into()),
    };
    let medication = |k: usize| Medication {
        code: format!("{:024}", 100_000_000_000_000usize + i * 7 + k),
        name: Some("PARACETAMOL 500 MG TAB".into()),
        amount: Some(10.0 + k as f64),
        unit: Some("001".into()),
        usage: Some("2".into()),
        start_date: Some(Date(20_000)),
        end_date: None,
        price_satang: Some(1_500),
        cost_satang: Some(900),
    };
    Encounter {
        class: EncounterClass::Ambulatory,
        visit_number: Private::new(format!("{:012}", 680_000_000 + i)),
        period_start: Timestamp(1_760_000_000_000 + i as i64),
        period_end: None,
        scheme: "0100".into(),
        main_facility: Some("10670".into()),
        type_in: "1".into(),
        referred_from: None,
        cause_in: None,
        location: Some("1".into()),
        in_time: Some("1".into()),
        service_place: Some("1".into()),
        chief_complaint: Some(Private::new("ไข้ ไอ มา 3 วัน".into())),
        vital_signs: VitalSigns {
            temperature_c: Some(37.5),
            systolic_mmhg: Some(120 + (i % 40) as i32),
            diastolic_mmhg: Some(80),
            pulse_per_min: Some(78),
            respiration_per_min: Some(18),
        },
        type_out: "1".into(),
        referred_to: None,
        cause_out: None,
        cost_satang: Some(25_000),
        price_satang: 35_000,
        pay_price_satang: 0,
        actual_pay_satang: 0,
        stay: None,
        diagnoses: vec![diagnosis("E119", "1"), diagnosis("I10", "2"), diagnosis("J00", "4")],
        procedures: Vec::new(),
        medications: (0..4).map(medication).collect(),
        lab_results: Vec::new(),
        charges: Vec::new(),
        follow_ups: Vec::new(),
        accident: None,
    }
}

fn submission((i, record): (usize, &LogRecord)) -> Submission {
    let Event::Put(body) = &record.event else { unreachable!("every record is an encounter") };
    Submission {
        facility: record.envelope.facility.clone(),
        subject: Subject {
            citizen_id: CitizenId::parse("1234567890121").ok(),
            local_id: Some(Private::new(format!("{i:06}"))),
        },
        natural_key: Private::new(format!("O:{i:012}:20251010")),
        occurred_at: record.envelope.occurred_at,
        recorded_at: record.envelope.recorded_at,
        provenance: record.envelope.provenance.clone(),
        defaulted: Vec::new(),
        content: Content::Put(body.clone()),
    }
}
