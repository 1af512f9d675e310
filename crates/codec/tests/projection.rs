//! A projection carries exactly the fields of the rule, whatever the record, and Apache Avro reads
//! it under the derived schema.

mod support;

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use proptest::prelude::*;
use saphan_codec::projection::{self, Identity, Projection, ProjectionError};
use saphan_codec::{Record, SchemaIds, encode_log, peek};
use saphan_model::contract::{BasisKind, Filter, IdentityMode, OnRevoke, Rule};
use saphan_model::directive::Purpose;
use saphan_model::envelope::Retracted;
use saphan_model::label::Labels;
use saphan_model::{AgencyId, CitizenId, EventType};
use support::{Seed, log_record};

fn rule(event_type: EventType, identity: IdentityMode, fields: &[&str]) -> Rule {
    Rule {
        event_type,
        purpose: Purpose::PublicHealth,
        basis: BasisKind::Statute,
        basis_source: "made up".into(),
        filter: Filter::default(),
        fields: fields.iter().map(|it| (*it).to_owned()).collect(),
        identity,
        labels: Labels::ALL,
        on_revoke: OnRevoke::Keep,
    }
}

fn agency() -> AgencyId {
    "disease-control".parse().expect("an agency id")
}

fn citizen() -> CitizenId {
    CitizenId::parse("1234567890121").expect("valid")
}

fn read(schema: &str, bytes: &[u8]) -> Value {
    let schema = Schema::parse_str(schema).expect("an Avro schema");
    let mut input = std::io::Cursor::new(bytes);
    let reader = GenericDatumReader::builder(&schema).build().expect("a reader");
    let value = reader.read_value(&mut input).expect("readable under the schema");
    assert_eq!(input.position(), bytes.len() as u64, "all bytes belong to the value");
    value
}

/// Flattens a value to path → leaf, without unions, array positions in brackets.
fn flatten(value: &Value, path: &str, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Union(_, inner) => flatten(inner, path, out),
        Value::Record(fields) => {
            for (name, value) in fields {
                flatten(value, &format!("{path}.{name}"), out);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                flatten(item, &format!("{path}[{i}]"), out);
            }
            out.insert(format!("{path}[]"), items.len().to_string());
        }
        leaf => {
            out.insert(path.to_owned(), format!("{leaf:?}"));
        }
    }
}

/// A flattened path without array positions, for comparison with a rule's paths.
fn plain(path: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// Is the flattened path what a rule path asks for, or a null or empty array on the way to it?
fn asked(path: &str, value: &str, fields: &[String]) -> bool {
    let path = plain(path);
    fields.iter().any(|it| {
        path == *it
            || path.strip_prefix(it.as_str()).is_some_and(|rest| rest.starts_with('.'))
            || (it.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.'))
                && (value == "Null" || value.parse::<usize>().is_ok()))
    })
}

fn deliver(projection: &Projection, framed: &[u8], identity: Identity<'_>) -> Vec<u8> {
    let peeked = peek(framed, &SchemaIds::sequential()).expect("peeks");
    let mut out = Vec::new();
    projection.deliver(&peeked.envelope, peeked.body, identity, &mut out).expect("delivers");
    out
}

#[track_caller]
fn check(rule: &Rule, seed: u64) {
    let projection = projection::derive(&agency(), rule).expect("derives");
    let record = log_record(rule.event_type, seed);
    let mut framed = Vec::new();
    encode_log(&record, &SchemaIds::sequential(), &mut framed);
    let delivered =
        read(projection.schema(), &deliver(&projection, &framed, Identity::CitizenId(None)));

    let mut all = BTreeMap::new();
    flatten(&read(Record::of_log(rule.event_type).schema(), &framed[5..]), "", &mut all);
    let expected: BTreeMap<String, String> = all
        .into_iter()
        .map(|(path, value)| {
            (path.trim_start_matches(".body").trim_start_matches('.').to_owned(), value)
        })
        .filter(|(path, value)| asked(path, value, &rule.fields))
        .collect();

    let mut got = BTreeMap::new();
    let Value::Record(fields) = &delivered else { panic!("a record") };
    for (name, value) in fields {
        match name.as_str() {
            "envelope" => flatten(value, "envelope", &mut got),
            "body" => flatten(value, "", &mut got),
            "event_id" | "revision" | "citizen_id" => {}
            "action" => assert_eq!(value, &Value::Enum(0, "upsert".into())),
            "version" => assert_eq!(value, &Value::Long(record.envelope.version(true))),
            other => panic!("nobody asked for {other}"),
        }
    }
    let got: BTreeMap<String, String> = got
        .into_iter()
        .map(|(path, value)| (path.trim_start_matches('.').to_owned(), value))
        .collect();
    assert_eq!(got, expected, "fields {:?}, seed {seed}", rule.fields);
}

fn some_paths(event_type: EventType, seed: u64) -> Vec<String> {
    let all = projection::paths(event_type);
    let mut seed = Seed(seed);
    let mut chosen: Vec<String> = Vec::new();
    for _ in 0..=seed.below(8) {
        let path = all[seed.below(all.len())].clone();
        let clash = |it: &String| {
            it == &path
                || it.starts_with(&format!("{path}."))
                || path.starts_with(&format!("{it}."))
        };
        if !chosen.iter().any(clash) {
            chosen.push(path);
        }
    }
    chosen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_delivery_is_the_asked_fields_and_nothing_else(seed: u64, fields: u64) {
        for event_type in EventType::DELIVERABLE {
            let chosen = some_paths(*event_type, fields);
            let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
            let rule = rule(*event_type, IdentityMode::CitizenId, &chosen);
            match projection::derive(&agency(), &rule) {
                Ok(_) => check(&rule, seed),
                Err(ProjectionError::NoFields(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn contracts_as_they_are_written_deliver() {
    for (event_type, fields) in [
        (
            EventType::Encounter,
            &["class", "diagnoses.code", "diagnoses.role", "envelope.facility"][..],
        ),
        (EventType::Encounter, &["vital_signs.systolic_mmhg", "stay.drg", "medications"]),
        (EventType::Encounter, &["diagnoses", "procedures", "charges", "accident.alcohol"]),
        (EventType::Encounter, &["period_start", "envelope.facets", "envelope.labels"]),
        (EventType::Condition, &["surveillance.code506", "surveillance.ill_on", "chronic.code"]),
        (EventType::Person, &["birth_date", "sex", "addresses.province", "coverages.scheme"]),
        (EventType::Death, &["cause", "other_causes", "envelope.facets.region"]),
    ] {
        for seed in 0..200 {
            check(&rule(event_type, IdentityMode::CitizenId, fields), seed);
        }
    }
}

#[test]
fn identity_is_what_the_rule_says_and_nothing_else() {
    let fields = &["class", "envelope.facility"];
    let record = log_record(EventType::Encounter, 5);
    let mut framed = Vec::new();
    encode_log(&record, &SchemaIds::sequential(), &mut framed);
    let citizen = citizen();
    for (mode, identity, name, expected) in [
        (
            IdentityMode::AgencyPseudonym,
            Identity::Pseudonym(&[7; 16]),
            "patient",
            Value::Fixed(16, vec![7; 16]),
        ),
        (
            IdentityMode::CitizenId,
            Identity::CitizenId(Some(&citizen)),
            "citizen_id",
            Value::String("1234567890121".into()),
        ),
        (IdentityMode::CitizenId, Identity::CitizenId(None), "citizen_id", Value::Null),
    ] {
        let projection = projection::derive(&agency(), &rule(EventType::Encounter, mode, fields))
            .expect("derives");
        let Value::Record(got) =
            read(projection.schema(), &deliver(&projection, &framed, identity))
        else {
            panic!("a record")
        };
        let names: Vec<&str> = got.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["event_id", "revision", "action", "version", name, "envelope", "body"]);
        let Value::Union(_, value) = &got[4].1 else { panic!("nullable") };
        assert_eq!(**value, expected);

        let mut out = vec![9];
        let refused = projection.deliver(&record.envelope, &[], Identity::None, &mut out);
        assert_eq!(refused.map_err(|it| it.code()), Err("SP-1418"), "another identity is refused");
        assert_eq!(out, [9], "and nothing is written");
    }
}

#[test]
fn a_retraction_carries_no_fact() {
    let fields = &["diagnoses.code", "envelope.facets.main_code"];
    let projection = projection::derive(
        &agency(),
        &rule(EventType::Encounter, IdentityMode::AgencyPseudonym, fields),
    )
    .expect("derives");
    let record = log_record(EventType::Encounter, 11);
    let mut out = Vec::new();
    projection
        .retract(&Retracted::by(&record.envelope), Identity::Pseudonym(&[3; 16]), &mut out)
        .expect("retracts");
    let Value::Record(got) = read(projection.schema(), &out) else { panic!("a record") };
    assert_eq!(got[2].1, Value::Enum(1, "retract".into()));
    assert_eq!(got[3], ("version".into(), Value::Long(record.envelope.version(false))));
    for (name, value) in &got[5..] {
        assert_eq!(value, &Value::Union(0, Box::new(Value::Null)), "{name}");
    }
}

#[test]
fn contracts_may_be_widened_and_narrowed() {
    let schema = |identity, fields: &[&str]| {
        let rule = rule(EventType::Encounter, identity, fields);
        projection::derive(&agency(), &rule).expect("derives").schema().to_owned()
    };
    let versions = [
        schema(IdentityMode::CitizenId, &["class", "diagnoses.code", "envelope.facility"]),
        schema(IdentityMode::None, &["scheme"]),
        schema(IdentityMode::AgencyPseudonym, &["class", "diagnoses", "vital_signs", "stay.drg"]),
        schema(
            IdentityMode::None,
            &["diagnoses.role", "envelope.labels", "envelope.facets.region"],
        ),
    ];
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    assert_eq!(saphan_codec::lint::compatible(&versions), []);
    for pair in versions.windows(2) {
        assert_eq!(saphan_codec::lint::lint(pair[0], pair[1]), []);
    }
}

#[test]
fn a_body_of_another_type_is_refused() {
    let projection =
        projection::derive(&agency(), &rule(EventType::Death, IdentityMode::None, &["cause"]))
            .expect("derives");
    let record = log_record(EventType::Person, 1);
    let refused = projection.deliver(&record.envelope, &[], Identity::None, &mut Vec::new());
    assert_eq!(refused.map_err(|it| it.code()), Err("SP-1416"));
}

#[test]
fn hostile_bodies_never_panic_and_leave_nothing_half_written() {
    let fields = &["diagnoses", "medications.code", "stay.drg", "accident"];
    let projection =
        projection::derive(&agency(), &rule(EventType::Encounter, IdentityMode::None, fields))
            .expect("derives");
    let mut seed = Seed(1);
    for round in 0..20_000 {
        let record = log_record(EventType::Encounter, round % 50);
        let mut framed = Vec::new();
        encode_log(&record, &SchemaIds::sequential(), &mut framed);
        let peeked = peek(&framed, &SchemaIds::sequential()).expect("peeks");
        let mut body = peeked.body.to_vec();
        for _ in 0..=seed.below(4) {
            let at = seed.below(body.len());
            body[at] = seed.next() as u8;
        }
        body.truncate(seed.below(body.len()) + 1);
        let mut out = vec![1];
        if projection.deliver(&record.envelope, &body, Identity::None, &mut out).is_err() {
            assert_eq!(out, [1]);
        } else {
            read(projection.schema(), &out[1..]);
        }
    }
}

#[test]
fn a_block_that_is_not_as_long_as_it_says_is_refused() {
    let rule = rule(EventType::Death, IdentityMode::None, &["other_causes", "cause"]);
    let projection = projection::derive(&agency(), &rule).expect("derives");
    let envelope = log_record(EventType::Death, 1).envelope;
    let findings = projection::derive(
        &agency(),
        &self::rule(EventType::Referral, IdentityMode::None, &["findings.code"]),
    )
    .expect("derives");
    // Death: died_on, cause "", other_causes as one sized block, place, facility, pregnancy.
    let death = |size: u8| vec![0, 0, 1, 2 * size, 2, b'a', 0, 0, 0, 0];
    let deliver = |body: &[u8]| {
        projection.deliver(&envelope, body, Identity::None, &mut Vec::new()).map_err(|it| it.code())
    };
    assert_eq!(deliver(&death(2)), Ok(()));
    assert_eq!(deliver(&death(3)), Err("SP-1406"));

    // Referral: everything before `findings` empty, then one finding in a sized block.
    let referral = |size: u8| {
        let nulls = [0u8; 20];
        [&nulls[..], &[1, 2 * size, 0, 2, b'a', 0, 0, 0, 0, 0]].concat()
    };
    let envelope = log_record(EventType::Referral, 1).envelope;
    let deliver = |body: &[u8]| {
        findings.deliver(&envelope, body, Identity::None, &mut Vec::new()).map_err(|it| it.code())
    };
    assert_eq!(deliver(&referral(6)), Ok(()));
    assert_eq!(deliver(&referral(7)), Err("SP-1406"));
}

#[track_caller]
fn refuses(event_type: EventType, identity: IdentityMode, fields: &[&str], says: &str) {
    let refused = projection::derive(&agency(), &rule(event_type, identity, fields));
    assert_eq!(
        refused.map(|it| it.name().to_owned()).map_err(|it| it.to_string()),
        Err(says.to_owned())
    );
}

#[test]
fn errors_say_what_to_change() {
    use EventType::{Condition, Directive, Encounter, Person};
    use IdentityMode::{AgencyPseudonym, None};
    refuses(Directive, None, &["base"], "SP-1420: directive is never delivered; remove the rule");
    refuses(
        Encounter,
        None,
        &["diagnosis.code"],
        "SP-1421: encounter has no field `diagnosis.code`; did you mean `diagnoses.code`?",
    );
    refuses(
        Condition,
        None,
        &["code506"],
        "SP-1421: condition has no field `code506`; did you mean `surveillance.code506`?",
    );
    refuses(
        Encounter,
        None,
        &["diagnoses", "diagnoses.code"],
        "SP-1422: `diagnoses.code` is named twice; name it, or fields inside it, once",
    );
    refuses(
        Encounter,
        None,
        &["envelope.facility"],
        "SP-1423: the rule for encounter names no field of the body; name at least one",
    );
    refuses(
        Encounter,
        None,
        &["class", "envelope.patient"],
        "SP-1424: `envelope.patient` cannot be named; an agency knows the patient by `identity` only; remove it",
    );
    refuses(
        Encounter,
        None,
        &["class", "envelope.sequence"],
        "SP-1424: `envelope.sequence` cannot be named; it is delivered as `version`; remove it",
    );
    refuses(
        Encounter,
        None,
        &["chief_complaint"],
        "SP-1425: `chief_complaint` tells who the patient is, but the rule's identity is none; remove the field or change the identity",
    );
    refuses(
        Person,
        AgencyPseudonym,
        &["given_name"],
        "SP-1425: `given_name` tells who the patient is, but the rule's identity is agency-pseudonym; remove the field or change the identity",
    );
    refuses(
        Person,
        AgencyPseudonym,
        &["addresses"],
        "SP-1425: `addresses.line` tells who the patient is, but the rule's identity is agency-pseudonym; remove the field or change the identity",
    );
}
