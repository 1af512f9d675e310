//! Asking for a part: the replay stays whole, the findings are those asked for.

use saphan_codec::{SchemaIds, decode_framed, decode_log, encode_framed};
use saphan_model::Timestamp;
use saphan_model::decision::{Decision, OutcomeKind, WithholdReason};
use saphan_proof::{Kind, Scope};

use crate::little::{DDC, DECISION, HEALTH_LINK, LOG, Little, NHSO, clean};

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

/// The overlay withheld visit 3, before the withdrawal at offset 6 was routed.
pub fn withheld_by_overlay() -> Little {
    let mut little = clean();
    drop_of(&mut little, HEALTH_LINK, 3);
    drop_of(&mut little, HEALTH_LINK, 8);
    let ids = SchemaIds::sequential();
    let mut edit = |source: i64, change: &dyn Fn(&mut Decision)| {
        let record = little.of(DECISION, source);
        let mut decision: Decision =
            decode_framed(record.value.as_deref().expect("a value"), &ids).expect("readable");
        change(&mut decision);
        let mut value = Vec::new();
        encode_framed(&decision, &ids, &mut value);
        record.value = Some(value);
    };
    edit(3, &|it| {
        let outcome = it.outcomes.iter_mut().find(|it| it.agency == "health-link");
        let outcome = outcome.expect("a candidate");
        outcome.kind = OutcomeKind::Withheld;
        outcome.reason = Some(WithholdReason::RevokedOverlay);
        outcome.basis = None;
    });
    // It never held visit 3, so it is not told that visit 3 was deleted.
    edit(8, &|it| it.outcomes.retain(|it| it.agency != "health-link"));
    little
}

#[test]
fn an_overlay_that_a_later_directive_bears_out_is_lawful() {
    let little = withheld_by_overlay();
    assert_eq!(kinds(&little, Scope::default()), []);
}

#[test]
fn an_overlay_without_a_directive_is_another_decision() {
    let mut little = withheld_by_overlay();
    little.bounds = saphan_proof::Bounds { settled: 6, claimed: 10 };
    assert_eq!(kinds(&little, Scope::default()), [], "the withdrawal is on its way");
    let log = little.topic(LOG);
    log.retain(|it| it.offset != 6 && it.offset != 8);
    let kinds: Vec<Kind> = kinds(&little, Scope::default()).into_iter().map(|it| it.0).collect();
    assert!(kinds.contains(&Kind::DecisionDiffers), "{kinds:?}");
}
