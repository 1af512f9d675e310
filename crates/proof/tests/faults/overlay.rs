//! What follows a record in the log counts as well: route hears of changes of consent before it comes to
//! them. In the little log the withdrawal from health-link stands at offset 6, appended in the sixth
//! millisecond; visit 3, at offset 3, rests on what it takes back.

use saphan_codec::{SchemaIds, decode_framed, encode_framed};
use saphan_kafka::RecordBuf;
use saphan_model::decision::{Decision, OutcomeKind, WithholdReason};
use saphan_proof::{Kind, Report, Scope};

use crate::little::{DECISION, HEALTH_LINK, LOG, Little, NHSO, clean, permitting};

const BEGUN: i64 = 1_790_000_000_000;

fn kinds(report: &Report) -> Vec<(Kind, u64)> {
    report.by_kind.iter().map(|it| (*it.0, *it.1)).collect()
}

fn drop_of(little: &mut Little, topic: &str, source: i64) {
    let place = little.made_from(topic, source);
    little.topic(topic).remove(place);
}

/// What was made from a record of the log left so many milliseconds after the log began.
fn left(little: &mut Little, source: i64, after: i64) {
    for topic in [HEALTH_LINK, NHSO, DECISION] {
        little.of(topic, source).append_time_ms = BEGUN + after;
    }
}

fn decide(record: &mut RecordBuf, change: impl FnOnce(&mut Decision)) {
    let ids = SchemaIds::sequential();
    let value = record.value.as_deref().expect("a value");
    let mut decision: Decision = decode_framed(value, &ids).expect("readable");
    change(&mut decision);
    let mut value = Vec::new();
    encode_framed(&decision, &ids, &mut value);
    record.value = Some(value);
}

/// Says that the overlay withheld the event from health-link.
fn withhold(decision: &mut RecordBuf) {
    decide(decision, |it| {
        let outcome = it.outcomes.iter_mut().find(|it| it.agency == "health-link");
        let outcome = outcome.expect("a candidate");
        outcome.kind = OutcomeKind::Withheld;
        outcome.reason = Some(WithholdReason::RevokedOverlay);
        outcome.basis = None;
    });
}

/// The overlay withheld visit 3, before the withdrawal at offset 6 was routed.
pub fn withheld_by_overlay() -> Little {
    let mut little = clean();
    drop_of(&mut little, HEALTH_LINK, 3);
    drop_of(&mut little, HEALTH_LINK, 8);
    withhold(little.of(DECISION, 3));
    // It never held visit 3, so it is not told that visit 3 was deleted.
    decide(little.of(DECISION, 8), |it| it.outcomes.retain(|it| it.agency != "health-link"));
    little
}

#[test]
fn a_delivery_that_left_after_the_withdrawal_is_told_though_its_record_is_older() {
    let mut little = clean();
    left(&mut little, 3, 6 + 120_001);
    let report = little.verify(Scope::default());
    assert_eq!(kinds(&report), [(Kind::OverlayIgnored, 1)], "{:?}", report.findings);
    let finding = &report.findings[0];
    assert_eq!(finding.agency.as_deref(), Some("health-link"), "others need no consent");
    assert_eq!(finding.source.as_ref().expect("the visit").offset, 3);
    assert!(finding.detail.contains("120 s"), "{}", finding.detail);
    assert!(finding.detail.ends_with("patient.log.v1/0/6"), "{}", finding.detail);
}

#[test]
fn route_has_time_to_hear_of_a_withdrawal() {
    let mut little = clean();
    left(&mut little, 3, 6 + 120_000);
    assert_eq!(kinds(&little.verify(Scope::default())), []);
    let at_once = Scope { heard_within_ms: 0, ..Scope::default() };
    assert_eq!(kinds(&little.verify(at_once)), [(Kind::OverlayIgnored, 1)]);
}

#[test]
fn what_left_before_the_withdrawal_is_lawful_whatever_was_heard() {
    let at_once = Scope { heard_within_ms: 0, ..Scope::default() };
    let report = clean().verify(at_once);
    assert_eq!(kinds(&report), [], "{:?}", report.findings);
}

#[test]
fn a_withholding_that_a_later_directive_bears_out_is_lawful() {
    assert_eq!(kinds(&withheld_by_overlay().verify(Scope::default())), []);
    let mut little = withheld_by_overlay();
    little.bounds = saphan_proof::Bounds { settled: 6, claimed: 10 };
    assert_eq!(kinds(&little.verify(Scope::default())), [], "the withdrawal is on its way");
}

#[test]
fn a_withholding_without_a_directive_is_a_loss_and_another_decision() {
    let mut little = withheld_by_overlay();
    little.topic(LOG).retain(|it| it.offset != 6);
    let found = kinds(&little.verify(Scope::default()));
    assert!(found.contains(&(Kind::Loss, 3)), "visit 3, its deletion, and visit 5: {found:?}");
    assert!(found.iter().any(|it| it.0 == Kind::DecisionDiffers), "{found:?}");
}

#[test]
fn a_later_directive_that_forbids_nothing_bears_nothing_out() {
    let mut little = permitting();
    drop_of(&mut little, HEALTH_LINK, 1);
    withhold(little.of(DECISION, 1));
    let report = little.verify(Scope::default());
    assert_eq!(kinds(&report), [(Kind::Loss, 1), (Kind::DecisionDiffers, 1)]);
}
