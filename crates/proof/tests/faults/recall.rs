//! Faults in what a change of consent calls back. Log offsets: 0 permission for phr, 1 and 2 visits, 3
//! the withdrawal.

use saphan_kafka::RecordBuf;
use saphan_model::decision::Decision;
use saphan_proof::{Kind, Report, Scope};

use crate::cases::{edit, source};
use crate::little::{DECISION, HEALTH_LINK, Little, PHR, check_in, recalling};

#[track_caller]
fn check(fault: impl Fn(&mut Little), expected: &[(Kind, u64)]) -> Report {
    check_in(recalling(), fault, expected)
}

/// The place of the first recall in the topic of phr, behind two deliveries.
const FIRST: usize = 2;

#[test]
fn an_honest_recall_is_no_finding() {
    let report = check(|_| {}, &[]);
    let phr = report.agencies["phr"];
    assert_eq!((phr.delivered, phr.retracted), (2, 2));
}

#[test]
fn a_missing_recall_is_a_loss_of_that_event() {
    let report = check(|it| drop(it.topic(PHR).remove(FIRST)), &[(Kind::Loss, 1)]);
    let finding = &report.findings[0];
    assert_eq!(finding.agency.as_deref(), Some("phr"));
    let mut little = recalling();
    let value = little.topic(PHR)[FIRST].value.clone().expect("a value");
    assert_eq!(finding.event_id.expect("an event").0, value[5..21]);
    assert!(finding.detail.contains("drop what it holds"), "{}", finding.detail);
    assert!(finding.detail.contains("type encounter"), "{}", finding.detail);
}

#[test]
fn a_recall_told_twice_is_a_duplicate() {
    let doubled = |it: &mut Little| {
        let copy = it.topic(PHR)[FIRST].clone();
        it.append(PHR, copy);
    };
    check(doubled, &[(Kind::Duplicate, 1)]);
    let instead = |it: &mut Little| {
        doubled(it);
        it.topic(PHR).remove(FIRST + 1);
    };
    check(instead, &[(Kind::Loss, 1), (Kind::Duplicate, 1)]);
}

#[test]
fn a_recall_too_many_is_told() {
    let another = |it: &mut Little, place: i64, topic: &str| {
        let copy = it.topic(PHR)[FIRST].clone();
        let mut value = copy.value.clone().expect("a value");
        value[5..21].fill(9);
        it.append(topic, RecordBuf { headers: source(place), value: Some(value), ..copy });
    };
    let report = check(|it| another(it, 3, PHR), &[(Kind::Leak, 1)]);
    assert!(report.findings[0].detail.contains("calls back nothing"), "{report:?}");
    check(|it| another(it, 0, PHR), &[(Kind::Leak, 1)]);
    check(|it| another(it, 3, HEALTH_LINK), &[(Kind::Leak, 1)]);
}

#[test]
fn a_recall_to_another_agency_is_told() {
    let moved = |it: &mut Little| {
        let recall = it.topic(PHR).remove(FIRST);
        it.append(HEALTH_LINK, recall);
    };
    let report = check(moved, &[(Kind::WrongAgency, 1)]);
    assert!(report.findings[0].detail.contains("meant for phr"), "{:?}", report.findings);
}

#[test]
fn a_recall_with_other_bytes_or_another_key_is_told() {
    let older = |it: &mut Little| it.topic(PHR)[FIRST].value.as_mut().expect("a value")[38] ^= 2;
    check(older, &[(Kind::WrongContent, 1)]);
    let renamed = |it: &mut Little| it.topic(PHR)[FIRST].key = Some(vec![7; 16]);
    check(renamed, &[(Kind::WrongKey, 1)]);
}

#[test]
fn a_decision_that_names_no_recall_differs() {
    let silent = |it: &mut Little| edit::<Decision>(it.of(DECISION, 3), |it| it.recalls.clear());
    let report = check(silent, &[(Kind::DecisionDiffers, 1)]);
    let detail = &report.findings[0].detail;
    assert!(detail.contains("2 called back from phr"), "{detail}");
}

#[test]
fn a_router_that_calls_nothing_back_is_found_out() {
    let ignored = |it: &mut Little| {
        it.topic(PHR).truncate(FIRST);
        edit::<Decision>(it.of(DECISION, 3), |it| it.recalls.clear());
    };
    check(ignored, &[(Kind::Loss, 2), (Kind::DecisionDiffers, 1)]);
}

#[test]
fn a_recall_without_its_decision_is_a_torn_transaction() {
    let torn = |it: &mut Little| {
        let place = it.made_from(DECISION, 3);
        it.topic(DECISION).remove(place);
    };
    check(torn, &[(Kind::TornTransaction, 1)]);
}

#[test]
fn recalls_of_other_agencies_are_outside_a_scope() {
    let mut little = recalling();
    little.topic(PHR).truncate(FIRST);
    let agency = Some("nhso".parse().expect("an id"));
    let report = little.verify(Scope { agency, ..Scope::default() });
    assert!(report.clean(), "{:?}", report.findings);
}
