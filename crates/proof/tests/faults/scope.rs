//! Asking for a part: the replay stays whole, the findings are those asked for.

use saphan_codec::{SchemaIds, decode_log};
use saphan_model::Timestamp;
use saphan_proof::{Kind, Scope};

use crate::little::{DDC, LOG, Little, NHSO, clean};

fn kinds(little: &Little, scope: Scope) -> Vec<(Kind, u64)> {
    little.verify(scope).by_kind.into_iter().collect()
}

fn drop_of(little: &mut Little, topic: &str, source: i64) {
    let place = little.made_from(topic, source);
    little.topic(topic).remove(place);
}

#[test]
fn since_leaves_out_what_is_older() {
    let mut little = clean();
    drop_of(&mut little, NHSO, 3);
    drop_of(&mut little, NHSO, 7);
    let since = Some(Timestamp(1_790_000_000_005));
    assert_eq!(kinds(&little, Scope { since, ..Scope::default() }), [(Kind::Loss, 1)]);
    assert_eq!(kinds(&little, Scope::default()), [(Kind::Loss, 2)]);
}

#[test]
fn since_counts_what_is_written_now_about_long_ago() {
    let mut little = clean();
    let copy = little.of(NHSO, 3).clone();
    little.append(NHSO, saphan_kafka::RecordBuf { append_time_ms: 1_790_000_000_009, ..copy });
    let since = Some(Timestamp(1_790_000_000_009));
    assert_eq!(kinds(&little, Scope { since, ..Scope::default() }), [(Kind::Duplicate, 1)]);
}

#[test]
fn an_agency_is_verified_by_itself() {
    let mut little = clean();
    drop_of(&mut little, NHSO, 3);
    drop_of(&mut little, DDC, 2);
    let agency = |id: &str| Scope { agency: Some(id.parse().expect("an id")), ..Scope::default() };
    assert_eq!(kinds(&little, agency("nhso")), [(Kind::Loss, 1)]);
    assert_eq!(kinds(&little, agency("ddc")), [(Kind::Loss, 1)]);
    assert_eq!(kinds(&little, agency("health-link")), []);
}

#[test]
fn a_patient_is_verified_alone() {
    let mut little = clean();
    drop_of(&mut little, NHSO, 3);
    drop_of(&mut little, NHSO, 9);
    let ids = SchemaIds::sequential();
    let patient = |offset: usize| {
        let value = little.topics[LOG][offset].value.as_deref().expect("a value");
        let patient = Some(decode_log(value, &ids).expect("readable").envelope.patient);
        Scope { patient, ..Scope::default() }
    };
    let (known, local) = (little.verify(patient(3)), little.verify(patient(9)));
    assert_eq!((known.counts.replayed, local.counts.replayed), (9, 1));
    assert_eq!((known.total(), local.total()), (1, 1));
}

#[test]
fn what_left_by_retention_is_no_loss() {
    let mut little = clean();
    drop_of(&mut little, NHSO, 0);
    assert_eq!(kinds(&little, Scope::default()), [(Kind::Loss, 1)]);
    let report = little.verify_from(NHSO, Timestamp(1_790_000_000_001));
    assert!(report.clean(), "{:?}", report.findings);
    assert_eq!(report.counts.expired, 1);
}
