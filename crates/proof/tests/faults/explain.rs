//! The same replay, told instead of compared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use saphan_codec::{SchemaIds, decode_log};
use saphan_model::decision::OutcomeKind;
use saphan_model::{LogRecord, Timestamp};
use saphan_proof::explain::{Explainer, Subject, Told, Until, patient_of};
use saphan_proof::replay::Replay;
use saphan_topology::Names;

use crate::little::{LOG, Little, TOPOLOGY, clean};
use crate::overlay::withheld_by_overlay;

fn explainer(little: &Little, subject: Subject, until: Option<Until>) -> Explainer {
    let topology = &*TOPOLOGY;
    let rule_ids: Vec<u32> = (1_000..).take(topology.projections().len()).collect();
    let ids = Arc::new(SchemaIds::sequential());
    let replay = Replay::new(topology, &rule_ids, &little.keys, ids, &Names::default());
    Explainer::new(replay, subject, until, BTreeMap::from([(0, little.bounds.settled)]))
}

fn tell(little: &Little, explainer: &mut Explainer) -> Vec<Told> {
    little.topics["decision.v1"].iter().for_each(|it| explainer.decision(&it.as_record()));
    let log = little.topics[LOG].iter();
    log.filter_map(|it| explainer.apply(&it.as_record()).expect("readable")).collect()
}

fn logged(little: &Little, offset: usize) -> LogRecord {
    let value = little.topics[LOG][offset].value.as_deref().expect("a value");
    decode_log(value, &SchemaIds::sequential()).expect("readable")
}

/// What one agency's outcomes were, by offset.
fn of(told: &[Told], agency: &str) -> Vec<(i64, OutcomeKind)> {
    let outcomes = told.iter().flat_map(|it| {
        let of_agency = it.decision.outcomes.iter().filter(|it| it.agency == agency);
        of_agency.map(|outcome| (it.decision.offset, outcome.kind))
    });
    outcomes.collect()
}

#[test]
fn what_route_has_not_come_to_is_told_as_such() {
    let mut little = clean();
    little.bounds.settled = 7;
    let patient = logged(&little, 0).envelope.patient;
    let told = tell(&little, &mut explainer(&little, Subject::Patient(patient), None));
    let routed: Vec<_> = told.iter().map(|it| it.routed).collect();
    assert_eq!(routed, [&[true; 7][..], &[false; 2]].concat());
    let mut agency = explainer(&little, Subject::Agency("nhso".to_owned()), None);
    tell(&little, &mut agency);
    let records: u64 = agency.sums().values().map(|it| it.records).sum();
    let mut all = explainer(&clean(), Subject::Agency("nhso".to_owned()), None);
    tell(&clean(), &mut all);
    let of_all: u64 = all.sums().values().map(|it| it.records).sum();
    assert_eq!((records + 3, agency.waiting(), all.waiting()), (of_all, 3, 0));
}

#[test]
fn a_patient_is_told_what_became_of_each_record() {
    use OutcomeKind::{Delivered, Retracted, Withheld};
    let little = clean();
    let patient = logged(&little, 0).envelope.patient;
    let told = tell(&little, &mut explainer(&little, Subject::Patient(patient), None));
    assert_eq!(told.len(), 9, "all but the local number's");
    let numbers: Vec<_> = told.iter().map(|it| it.number).collect();
    assert_eq!(numbers, (1..=9).map(Some).collect::<Vec<_>>());
    let expected = [(0, Withheld), (2, Delivered), (3, Delivered), (4, Withheld), (5, Delivered)];
    let after = [(7, Withheld), (8, Retracted)];
    assert_eq!(of(&told, "health-link"), [&expected[..], &after].concat());
    let visit = &told[2];
    let law =
        visit.decision.outcomes.iter().position(|it| it.agency == "ddc").expect("a candidate");
    assert!(visit.sources[law].contains("Communicable Diseases Act"), "{:?}", visit.sources);
    assert!(told[8].retraction);
}

#[test]
fn a_past_position_hides_what_came_after() {
    let little = clean();
    let patient = logged(&little, 0).envelope.patient;
    let until = Until { partition: 0, offset: 3, appended_at: Timestamp(1_790_000_000_003) };
    let told = tell(&little, &mut explainer(&little, Subject::Patient(patient), Some(until)));
    assert_eq!(told.last().map(|it| it.decision.offset), Some(3));
    let elsewhere = Until { partition: 1, offset: 9, ..until };
    let told = tell(&little, &mut explainer(&little, Subject::Patient(patient), Some(elsewhere)));
    assert_eq!(told.len(), 4, "other partitions are seen up to its append time");
}

#[test]
fn an_event_is_told_with_all_its_revisions() {
    let little = clean();
    let event_id = logged(&little, 2).envelope.event_id;
    let ids = SchemaIds::sequential();
    let log = little.topics[LOG].iter();
    let patients: BTreeSet<_> =
        log.filter_map(|it| patient_of(event_id, &it.as_record(), &ids)).collect();
    assert_eq!(patients.len(), 1);
    let told = tell(&little, &mut explainer(&little, Subject::Event(event_id, patients), None));
    assert_eq!(told.iter().map(|it| it.decision.offset).collect::<Vec<_>>(), [2, 5]);
    assert!(told.iter().all(|it| it.number.is_none()), "it is no list of a patient");
    assert_eq!(of(&told, "ddc"), [(2, OutcomeKind::Delivered), (5, OutcomeKind::Retracted)]);
}

#[test]
fn an_agency_is_told_sums() {
    let little = clean();
    let mut explainer = explainer(&little, Subject::Agency("ddc".to_owned()), None);
    assert!(tell(&little, &mut explainer).is_empty());
    let sums: Vec<_> =
        explainer.sums().iter().map(|(key, sum)| (key.kind, sum.records, sum.last.0)).collect();
    assert_eq!(
        sums,
        [
            (OutcomeKind::Delivered, 2, 1_790_000_000_009),
            (OutcomeKind::Retracted, 1, 1_790_000_000_005),
        ]
    );
}

#[test]
fn what_a_revocation_stopped_on_its_way_is_told_as_withheld() {
    let little = withheld_by_overlay();
    let patient = logged(&little, 0).envelope.patient;
    let told = tell(&little, &mut explainer(&little, Subject::Patient(patient), None));
    assert!(of(&told, "health-link").contains(&(3, OutcomeKind::Withheld)));
    assert!(!of(&told, "health-link").iter().any(|it| it.0 == 8), "it holds nothing to take back");
}
