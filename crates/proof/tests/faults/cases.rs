//! The faults, one at a time. Log offsets: 0 visit 1 (no consent yet), 1 permission for health-link,
//! 2 visit 2 (dengue), 3 visit 3, 4 visit 4 (depression), 5 visit 2 corrected (no longer dengue),
//! 6 withdrawal, 7 visit 5, 8 visit 3 deleted, 9 a visit by local number.

use saphan_codec::{SchemaIds, decode_framed, encode_framed};
use saphan_kafka::{Header, RecordBuf};
use saphan_keys::Keys;
use saphan_model::Timestamp;
use saphan_model::admission::AdmissionLedger;
use saphan_model::decision::{Decision, OutcomeKind, WithholdReason};
use saphan_proof::{Kind, Scope};

use crate::little::{
    DDC, DECISION, HEALTH_LINK, LEDGER, LOG, Little, NHSO, REGION, STATE, check, clean,
};

/// Rewrites a framed record.
pub fn edit<T: saphan_codec::Named>(record: &mut RecordBuf, change: impl FnOnce(&mut T)) {
    let ids = SchemaIds::sequential();
    let mut it: T =
        decode_framed(record.value.as_deref().expect("a value"), &ids).expect("readable");
    change(&mut it);
    let mut value = Vec::new();
    encode_framed(&it, &ids, &mut value);
    record.value = Some(value);
}

fn remove(little: &mut Little, topic: &str, source: i64) -> RecordBuf {
    let place = little.made_from(topic, source);
    little.topic(topic).remove(place)
}

pub fn source(offset: i64) -> Vec<Header> {
    vec![Header::new("src", format!("{LOG}/0/{offset}"))]
}

#[test]
fn a_clean_log_has_no_findings() {
    let report = check(|_| {}, &[]);
    assert!(report.clean());
    assert_eq!((report.counts.replayed, report.counts.compared), (10, 10));
    let health_link = report.agencies["health-link"];
    assert_eq!(
        (health_link.delivered, health_link.retracted),
        (3, 1),
        "used and corrected, then deleted"
    );
    assert!(health_link.withheld >= 3);
    let balance = report.balance.expect("asked for");
    assert_eq!((balance.ended, balance.in_flight), (12, 0));
    assert_eq!(balance.ended, balance.admitted + balance.unchanged + balance.quarantined);
    assert_eq!((balance.unchanged, balance.quarantined), (1, 1));
}

#[test]
fn a_dropped_delivery_is_a_loss() {
    let report = check(|it| drop(remove(it, NHSO, 3)), &[(Kind::Loss, 1)]);
    assert_eq!(report.findings[0].agency.as_deref(), Some("nhso"));
    assert_eq!(report.findings[0].source.as_ref().expect("a source").offset, 3);
}

#[test]
fn a_dropped_retraction_is_a_loss() {
    let report = check(|it| drop(remove(it, DDC, 5)), &[(Kind::Loss, 1)]);
    assert!(report.findings[0].detail.contains("drop what it holds"), "{:?}", report.findings);
}

#[test]
fn a_doubled_delivery_is_a_duplicate() {
    check(
        |it| {
            let copy = it.of(NHSO, 3).clone();
            it.append(NHSO, copy);
        },
        &[(Kind::Duplicate, 1)],
    );
}

#[test]
fn a_duplicate_does_not_make_up_for_a_loss() {
    let exchanged = |it: &mut Little| {
        remove(it, NHSO, 3);
        let copy = it.of(REGION, 3).clone();
        it.append(REGION, copy);
    };
    check(exchanged, &[(Kind::Loss, 1), (Kind::Duplicate, 1)]);
}

#[test]
fn a_delivery_after_the_withdrawal_is_a_leak() {
    let report = check(
        |it| {
            let mut late = it.of(HEALTH_LINK, 3).clone();
            late.headers = source(7);
            it.append(HEALTH_LINK, late);
        },
        &[(Kind::Leak, 1)],
    );
    assert!(report.findings[0].detail.contains("directive-not-in-force"), "{:?}", report.findings);
}

#[test]
fn a_delivery_before_any_permission_is_a_leak() {
    let early = |it: &mut Little| {
        let mut early = it.of(HEALTH_LINK, 2).clone();
        early.headers = source(0);
        it.append(HEALTH_LINK, early);
    };
    check(early, &[(Kind::Leak, 1)]);
}

#[test]
fn a_delivery_from_nowhere_is_a_leak() {
    let from = |headers: Vec<Header>| {
        move |it: &mut Little| {
            let copy = RecordBuf { headers: headers.clone(), ..it.of(NHSO, 3).clone() };
            it.append(NHSO, copy);
        }
    };
    check(from(Vec::new()), &[(Kind::Leak, 1)]);
    check(from(vec![Header::new("src", "ingest.v1/0/3")]), &[(Kind::Leak, 1)]);
    check(from(source(-1)), &[(Kind::Leak, 1)]);
    check(from(vec![Header::new("src", "patient.log.v1/999/3")]), &[(Kind::Leak, 1)]);
    check(from(vec![Header::new("src", "patient.log.v1/-1/3")]), &[(Kind::Leak, 1)]);
}

#[test]
fn anything_in_a_topic_no_contract_declares_is_a_leak() {
    let stray = |it: &mut Little| {
        let mut copy = it.of(NHSO, 3).clone();
        copy.value = Some(b"copied by hand".to_vec());
        it.append("agency.insurer.encounter.v1", copy);
    };
    check(stray, &[(Kind::Leak, 1)]);
}

#[test]
fn a_misdirected_delivery_is_given_to_the_wrong_agency() {
    let report = check(
        |it| {
            let moved = remove(it, NHSO, 3);
            it.append(DDC, moved);
        },
        &[(Kind::WrongAgency, 1)],
    );
    assert!(report.findings[0].detail.contains("meant for nhso"), "{:?}", report.findings);
    check(
        |it| {
            let copy = it.of(NHSO, 3).clone();
            it.append(DDC, copy);
        },
        &[(Kind::WrongAgency, 1)],
    );
}

#[test]
fn a_field_too_many_or_a_changed_byte_is_wrong_content() {
    let one_more = |it: &mut RecordBuf| it.value.as_mut().expect("a value").extend(b"\x02x");
    let changed =
        |it: &mut RecordBuf| *it.value.as_mut().expect("a value").last_mut().expect("bytes") ^= 1;
    let other_schema = |it: &mut RecordBuf| it.value.as_mut().expect("a value")[4] ^= 1;
    for (n, fault) in
        [&one_more as &dyn Fn(&mut RecordBuf), &changed, &other_schema].iter().enumerate()
    {
        let report = check(|it| fault(it.of(REGION, 3)), &[(Kind::WrongContent, 1)]);
        assert_eq!(report.findings[0].agency.as_deref(), Some("region-09"), "fault {n}");
    }
}

#[test]
fn a_header_too_many_is_wrong_content() {
    let told = |it: &mut RecordBuf| it.headers.push(Header::new("cid", "1101700203450"));
    check(|it| told(it.of(NHSO, 3)), &[(Kind::WrongContent, 1)]);
    check(|it| told(it.of(DECISION, 3)), &[(Kind::DecisionDiffers, 1)]);
}

#[test]
fn what_stands_in_another_partition_than_its_keys_is_told() {
    let report = check(|it| it.of(NHSO, 3).partition = 1, &[(Kind::WrongPartition, 1)]);
    assert_eq!(report.findings[0].agency.as_deref(), Some("nhso"));
    check(|it| it.of(DECISION, 3).partition = 1, &[(Kind::WrongPartition, 1)]);
}

#[test]
fn a_record_of_the_log_under_another_persons_key_is_told() {
    // What route does with it is right by the log; that the log is wrong must be said all the same.
    check(|it| it.topic(LOG)[1].key = Some(vec![7; 16]), &[(Kind::WrongPartition, 1)]);
}

#[test]
fn a_persons_records_in_another_order_are_told() {
    let swapped = |it: &mut Little| {
        let (a, b) = (it.made_from(NHSO, 3), it.made_from(NHSO, 4));
        let records = it.topic(NHSO);
        records.swap(a, b);
        let (low, high) =
            (records[a].offset.min(records[b].offset), records[a].offset.max(records[b].offset));
        (records[a].offset, records[b].offset) = (low, high);
    };
    check(swapped, &[(Kind::WrongOrder, 1)]);
}

#[test]
fn records_of_two_persons_need_no_order_between_them() {
    // The region knows no persons: its keys are events.
    let swapped = |it: &mut Little| {
        let (a, b) = (it.made_from(REGION, 3), it.made_from(REGION, 4));
        let records = it.topic(REGION);
        records.swap(a, b);
        (records[a].offset, records[b].offset) = (records[b].offset, records[a].offset);
    };
    check(swapped, &[]);
}

#[test]
fn an_altered_decision_differs() {
    let altered = |it: &mut Little| {
        edit::<Decision>(it.of(DECISION, 0), |it| {
            let outcome = it.outcomes.iter_mut().find(|it| it.kind == OutcomeKind::Withheld);
            outcome.expect("a withholding").reason = Some(WithholdReason::DirectiveDeny);
        });
    };
    check(altered, &[(Kind::DecisionDiffers, 1)]);
}

#[test]
fn a_missing_decision_is_told() {
    check(|it| drop(remove(it, DECISION, 1)), &[(Kind::DecisionMissing, 1)]);
}

#[test]
fn a_record_passed_over_misses_its_decision_and_its_deliveries() {
    let passed_over = |it: &mut Little| {
        for topic in [DECISION, NHSO, REGION] {
            remove(it, topic, 7);
        }
    };
    check(passed_over, &[(Kind::Loss, 2), (Kind::DecisionMissing, 1)]);
}

#[test]
fn decisions_out_of_order_are_told() {
    let swapped = |it: &mut Little| {
        let records = it.topic(DECISION);
        records.swap(3, 4);
        (records[3].offset, records[4].offset) = (3, 4);
    };
    check(swapped, &[(Kind::DecisionOutOfOrder, 1)]);
}

#[test]
fn a_doubled_decision_and_one_about_nothing_are_told() {
    let doubled = |it: &mut Little| {
        let copy = it.of(DECISION, 2).clone();
        it.append(DECISION, copy);
    };
    check(doubled, &[(Kind::DecisionDoubled, 1)]);
    let about_nothing = |it: &mut Little| {
        it.topic(LOG).retain(|it| it.offset != 1);
        it.topic(LEDGER).clear();
        it.topic(STATE).clear();
        it.topic("ingest.v1").clear();
        it.topic("quarantine.v1").clear();
        it.ingest = Default::default();
        it.topic(LOG).retain(|it| it.offset < 1);
        it.topic(DECISION).truncate(2);
        for topic in [NHSO, REGION, DDC, HEALTH_LINK] {
            it.topic(topic).retain(|it| it.headers == source(0));
        }
    };
    // Nor is there who sent the first record, or what route keeps of it.
    let beside = [(Kind::LogForged, 1), (Kind::StateDiffers, 1)];
    check(about_nothing, &[&[(Kind::DecisionWithoutRecord, 1)], &beside[..]].concat());
}

#[test]
fn a_delivery_without_its_decision_is_a_torn_transaction() {
    check(|it| drop(remove(it, DECISION, 3)), &[(Kind::TornTransaction, 1)]);
    let half = |it: &mut Little| {
        remove(it, DECISION, 3);
        remove(it, NHSO, 3);
    };
    check(half, &[(Kind::TornTransaction, 1)]);
}

#[test]
fn a_decision_gone_by_retention_hides_no_loss() {
    let mut little = clean();
    remove(&mut little, DECISION, 3);
    remove(&mut little, NHSO, 3);
    let report = little.verify_from(DECISION, Timestamp(1_790_000_000_004));
    let found: Vec<_> = report.by_kind.into_iter().collect();
    assert_eq!((found, report.counts.expired), (vec![(Kind::Loss, 1)], 1));
}

/// The place of the newest row of the kind, consents or holdings, that is still there.
fn newest(little: &mut Little, kind: u8) -> usize {
    let rows = little.topic(STATE);
    let key = |it: &RecordBuf| it.key.clone().expect("a key");
    let last = |it: &usize| rows[it + 1..].iter().all(|later| key(later) != key(&rows[*it]));
    let of_kind = |it: &usize| key(&rows[*it])[0] == kind && rows[*it].value.is_some();
    (0..rows.len()).filter(of_kind).find(last).expect("a row")
}

#[test]
fn a_row_of_routes_state_that_differs_or_is_missing_is_told() {
    for kind in [b'c', b'h'] {
        let older = |it: &mut Little| {
            let place = newest(it, kind);
            let value = it.topic(STATE)[place].value.as_mut().expect("a value");
            // Another record it was made from: no other field has to be known for that.
            value[5] ^= 2;
        };
        let report = check(older, &[(Kind::StateDiffers, 1)]);
        assert_eq!(report.findings[0].found_at.as_ref().expect("the row").topic, STATE);
        let lost = |it: &mut Little| {
            let place = newest(it, kind);
            let key = it.topic(STATE)[place].key.clone();
            it.topic(STATE).retain(|it| it.key != key);
        };
        check(lost, &[(Kind::StateDiffers, 1)]);
        let removed = |it: &mut Little| {
            let place = newest(it, kind);
            it.topic(STATE)[place].value = None;
        };
        check(removed, &[(Kind::StateDiffers, 1)]);
        let more = |it: &mut Little| {
            let place = newest(it, kind);
            let mut copy = it.topic(STATE)[place].clone();
            copy.key.as_mut().expect("a key")[3] ^= 1;
            it.append(STATE, copy);
        };
        check(more, &[(Kind::StateDiffers, 1)]);
    }
}

#[test]
fn results_of_records_not_yet_committed_are_told() {
    let behind = |it: &mut Little| {
        it.bounds.settled = 9;
        it.bounds.claimed = 9;
    };
    // The last record's decision, its deliveries, and the newest row of route's state.
    let report = check(behind, &[(Kind::AheadOfOffset, 5)]);
    assert_eq!(report.counts.in_flight, 1);
    let ledger_ahead = |it: &mut Little| {
        it.ingest.settled = 11;
        it.ingest.claimed = 11;
    };
    check(ledger_ahead, &[(Kind::AheadOfOffset, 1)]);
}

#[test]
fn what_is_still_on_its_way_is_no_finding() {
    let mut little = clean();
    little.bounds.settled = 7;
    remove(&mut little, NHSO, 7);
    remove(&mut little, DECISION, 9);
    let report = little.verify(Scope::default());
    assert!(report.clean(), "{:?}", report.findings);
    assert_eq!((report.counts.compared, report.counts.in_flight), (7, 3));
}

#[test]
fn an_ignored_directive_is_a_leak_and_another_decision() {
    // A router that never saw the withdrawal delivers visit 5, says so, and takes nothing back.
    let ignored = |it: &mut Little| {
        let mut late = it.of(HEALTH_LINK, 3).clone();
        late.headers = source(7);
        it.append(HEALTH_LINK, late);
        edit::<Decision>(it.of(DECISION, 7), |it| {
            let outcome = it.outcomes.iter_mut().find(|it| it.agency == "health-link");
            let outcome = outcome.expect("a candidate");
            outcome.kind = OutcomeKind::Delivered;
            outcome.reason = None;
            outcome.basis = Some(saphan_model::contract::BasisKind::Consent);
        });
    };
    check(ignored, &[(Kind::Leak, 1), (Kind::DecisionDiffers, 1)]);
}

#[test]
fn another_key_is_recognised() {
    let renamed = |it: &mut Little| {
        it.of(NHSO, 3).key = Some(vec![7; 16]);
    };
    check(renamed, &[(Kind::WrongKey, 1)]);
}

#[test]
fn a_key_file_of_another_platform_finds_nothing_but_wrong_keys() {
    let mut little = clean();
    little.keys = Keys::from_seed(&[8; 32]);
    let report = little.verify(Scope::default());
    let kinds: Vec<Kind> = report.by_kind.keys().copied().collect();
    assert_eq!(kinds, [Kind::WrongKey]);
    assert!(report.total() >= 10, "{report:?}");
}

#[test]
fn an_unreadable_record_of_the_log_is_told() {
    let broken = |it: &mut Little| it.topic(LOG)[9].value = Some(b"\x00\x00\x00\x00\x63".to_vec());
    check(broken, &[(Kind::Unreadable, 1)]);
}

#[test]
fn a_ledger_that_does_not_tile_breaks_conservation() {
    let lost = |it: &mut Little| drop(it.topic(LEDGER).remove(1));
    // The submissions, the records in the log and those in quarantine.
    check(lost, &[(Kind::ConservationBroken, 3)]);
    let last_lost = |it: &mut Little| drop(it.topic(LEDGER).pop());
    check(last_lost, &[(Kind::ConservationBroken, 1)]);
    let twice = |it: &mut Little| {
        let copy = it.topic(LEDGER)[1].clone();
        it.append(LEDGER, copy);
    };
    check(twice, &[(Kind::ConservationBroken, 1)]);
    let miscounted = |it: &mut Little| {
        edit::<AdmissionLedger>(&mut it.topic(LEDGER)[1], |it| it.counts[0].admitted += 1);
    };
    check(miscounted, &[(Kind::ConservationBroken, 1)]);
    let too_few = |it: &mut Little| {
        edit::<AdmissionLedger>(&mut it.topic(LEDGER)[0], |it| it.counts[0].admitted -= 1);
    };
    check(too_few, &[(Kind::ConservationBroken, 1)]);
}

/// A record put into the log by hand, behind all others and not routed yet.
fn forge(little: &mut Little, model: usize, headers: Vec<Header>) {
    let copy = little.topic(LOG)[model].clone();
    little.append(LOG, RecordBuf { headers, ..copy });
}

#[test]
fn a_record_of_the_log_that_nobody_sent_is_forged() {
    let from =
        |src: &'static str| move |it: &mut Little| forge(it, 1, vec![Header::new("src", src)]);
    check(|it| forge(it, 1, Vec::new()), &[(Kind::LogForged, 1)]);
    check(from("patient.log.v1/0/1"), &[(Kind::LogForged, 1)]);
    check(from("ingest.v1/0/12"), &[(Kind::LogForged, 1)]);
    check(from("ingest.v1/7/0"), &[(Kind::LogForged, 1)]);
}

#[test]
fn a_record_of_the_log_appended_again_is_forged_and_makes_up_for_nothing() {
    let again = |it: &mut Little| {
        let headers = it.topic(LOG)[9].headers.clone();
        forge(it, 9, headers);
    };
    check(again, &[(Kind::LogForged, 1)]);
    let older = |it: &mut Little| {
        let headers = it.topic(LOG)[1].headers.clone();
        forge(it, 1, headers);
    };
    check(older, &[(Kind::LogForged, 1)]);
    let instead = |it: &mut Little| {
        older(it);
        it.topic(LOG).retain(|it| it.offset != 9);
        it.bounds = saphan_proof::Bounds { settled: 9, claimed: 11 };
    };
    check(instead, &[(Kind::ConservationBroken, 1), (Kind::LogForged, 1)]);
}

#[test]
fn one_submission_too_many_makes_up_for_no_other() {
    // Both counts of the ledger's first two records are wrong, and their sum is right.
    let moved = |it: &mut Little| {
        edit::<AdmissionLedger>(&mut it.topic(LEDGER)[0], |it| it.counts[0].appended += 1);
        edit::<AdmissionLedger>(&mut it.topic(LEDGER)[1], |it| it.counts[0].appended -= 1);
    };
    check(moved, &[(Kind::ConservationBroken, 2)]);
}

#[test]
fn a_record_lost_between_admit_and_the_log_breaks_conservation() {
    let lost = |it: &mut Little| {
        it.topic(LOG).retain(|it| it.offset != 9);
        it.bounds = saphan_proof::Bounds { settled: 9, claimed: 10 };
    };
    check(lost, &[(Kind::ConservationBroken, 1)]);
}
