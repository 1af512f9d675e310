use saphan_model::admission::{AdmissionCount, AdmissionLedger, Quarantined};
use saphan_model::body::{Chronic, Condition, Referral};
use saphan_model::contract::BasisKind;
use saphan_model::decision::{Decision, Outcome, OutcomeKind, Recalled, WithholdReason};
use saphan_model::directive::{Directive, Effect, Grantor, Method};
use saphan_model::envelope::RetractReason;
use saphan_model::facets::{Facets, SchemeGroup};
use saphan_model::label::Labels;
use saphan_model::{
    Body, Date, Defect, Envelope, Event, EventId, EventType, Label, LogRecord, PatientId,
    Provenance, Revision, Timestamp,
};

use super::*;

const AT: LogPosition = LogPosition { partition: 3, offset: 40, appended_at: Timestamp(900) };

fn provenance() -> Provenance {
    Provenance {
        source: "f43".into(),
        document: "F43_10670_20260102.zip".into(),
        file: "CHRONIC.txt".into(),
        line: 7,
        adapter: "f43 0.1.0".into(),
    }
}

fn envelope(event_type: EventType) -> Envelope {
    Envelope {
        event_id: EventId([1; 16]),
        revision: Revision([2; 16]),
        sequence: 20,
        patient: PatientId([3; 16]),
        sealed_citizen_id: None,
        facility: "10670".into(),
        event_type,
        // 2026-01-02 00:30 in Thailand, still the day before in UTC.
        occurred_at: Timestamp(1_767_288_600_000),
        recorded_at: Timestamp(500),
        labels: Labels::NONE.with(Label::Hiv),
        facets: Facets {
            region: 7,
            province: "40".into(),
            district: "4001".into(),
            scheme: SchemeGroup::Unknown,
            notifiable: Vec::new(),
            counterpart: None,
            counterpart_region: None,
            main_code: Some("E119".into()),
        },
        provenance: provenance(),
        defaulted: Vec::new(),
    }
}

fn chronic() -> Body {
    Body::Condition(Box::new(Condition::Chronic(Chronic {
        code: "E119".into(),
        diagnosed_on: Date(20_000),
        diagnosed_at: "10670".into(),
        treated_at: None,
        closed_on: None,
        close_reason: None,
    })))
}

fn referral() -> Body {
    Body::Referral(Box::new(Referral {
        referral_number: String::from("R1").into(),
        province_number: None,
        visit_number: String::from("V1").into(),
        admission_number: None,
        origin_number: None,
        origin_facility: None,
        visited_at: Timestamp(0),
        referred_at: Timestamp(0),
        clinic: None,
        destination: "10671".into(),
        chief_complaint: None,
        physical_exam: None,
        first_diagnosis: None,
        last_diagnosis: String::new().into(),
        patient_status: String::new().into(),
        patient_type: "1".into(),
        emergency: "5".into(),
        disease_group: None,
        cause_out: "2".into(),
        request: None,
        findings: Vec::new(),
        medications: Vec::new(),
    }))
}

fn directive() -> Body {
    Body::Directive(Box::new(Directive {
        directive_id: "d1".into(),
        active: true,
        base: Effect::Deny,
        provisions: Vec::new(),
        valid_from: None,
        valid_until: None,
        grantor: Grantor::Patient,
        method: Method::Electronic,
        given_at: Timestamp(0),
        note: None,
    }))
}

fn put(body: Body) -> LogRecord {
    LogRecord { envelope: envelope(body.event_type()), event: Event::Put(body) }
}

fn retract(retracted_type: EventType) -> LogRecord {
    let event = Event::Retract { retracted_type, reason: RetractReason::SourceDeleted };
    LogRecord { envelope: envelope(EventType::Retraction), event }
}

#[test]
fn a_put_gives_a_timeline_row_and_a_fact() {
    let rows = from_log(&put(chronic()), AT, b"framed");
    let timeline = rows.timeline.expect("a timeline row");
    assert_eq!(
        (timeline.ver, timeline.deleted, timeline.event_type, timeline.body.reveal().as_slice()),
        (41, false, EventType::Condition, b"framed".as_slice())
    );
    assert_eq!(timeline.labels, [Label::Hiv]);
    assert_eq!((timeline.src_partition, timeline.src_offset, timeline.line), (3, 40, 7));
    let fact = rows.fact.expect("a fact");
    assert_eq!(fact.occurred_on, Date::from_ymd(2026, 1, 2).expect("a day"), "the Thai day");
    assert_eq!((fact.region, fact.province.as_str(), fact.district.as_str()), (7, "40", "4001"));
    assert_eq!((fact.main_code.as_str(), fact.codes.as_slice()), ("E119", &["E119".into()][..]));
}

#[test]
fn a_retraction_keeps_the_key_and_drops_the_body() {
    let rows = from_log(&retract(EventType::Condition), AT, b"framed");
    let timeline = rows.timeline.expect("a timeline row");
    assert_eq!((timeline.ver, timeline.deleted), (40, true));
    assert!(timeline.body.reveal().is_empty());
    let fact = rows.fact.expect("a fact");
    assert_eq!((fact.ver, fact.deleted, fact.event_type), (40, true, EventType::Condition));
}

#[test]
fn at_one_sequence_the_put_of_a_move_stands_above_its_retraction() {
    let of = |record| from_log(&record, AT, b"").fact.expect("a fact").ver;
    assert!(of(put(chronic())) > of(retract(EventType::Condition)));
}

#[test]
fn a_later_retraction_stands_above_an_earlier_put() {
    let mut later = retract(EventType::Condition);
    later.envelope.sequence += 1;
    let of = |record| from_log(&record, AT, b"").timeline.expect("a row").ver;
    assert!(of(later) > of(put(chronic())));
}

#[test]
fn a_referral_fact_knows_where_it_goes() {
    let mut record = put(referral());
    record.envelope.facets.counterpart = Some("10671".into());
    record.envelope.facets.counterpart_region = Some(9);
    let fact = from_log(&record, AT, b"").fact.expect("a fact");
    assert_eq!(
        (fact.counterpart.as_str(), fact.counterpart_region, fact.cause.as_str()),
        ("10671", 9, "2")
    );
}

#[test]
fn directives_and_links_are_no_facts() {
    assert!(from_log(&put(directive()), AT, b"").fact.is_none());
    assert!(from_log(&put(directive()), AT, b"").timeline.is_some());
    assert!(from_log(&retract(EventType::Directive), AT, b"").fact.is_none());
    let link = LogRecord {
        envelope: envelope(EventType::Link),
        event: Event::Link { former: PatientId([9; 16]) },
    };
    assert_eq!(from_log(&link, AT, b""), LogRows::default());
}

#[test]
fn rows_print_neither_patient_nor_body() {
    let rows = from_log(&put(chronic()), AT, b"framed");
    let printed = format!("{rows:?}");
    assert!(printed.contains("patient: PatientId(…)") && printed.contains("body: …"));
}

fn decision(outcomes: Vec<Outcome>) -> Decision {
    Decision {
        partition: 3,
        offset: 40,
        appended_at: Timestamp(900),
        event_id: EventId([1; 16]),
        revision: Revision([2; 16]),
        event_type: EventType::Condition,
        facility: "10670".into(),
        outcomes,
        recalls: Vec::new(),
    }
}

#[test]
fn each_outcome_is_a_row() {
    let withheld = Outcome {
        agency: "ddc".into(),
        kind: OutcomeKind::Withheld,
        reason: Some(WithholdReason::LabelCeiling),
        basis: None,
        directive_id: None,
        contract_version: 2,
    };
    let delivered = Outcome {
        agency: "nhso".into(),
        kind: OutcomeKind::Delivered,
        reason: None,
        basis: Some(BasisKind::Consent),
        directive_id: Some("d1".into()),
        contract_version: 1,
    };
    let rows = DecisionRow::from_decision(&decision(vec![withheld, delivered]), PatientId([3; 16]));
    let seen: Vec<_> = rows
        .iter()
        .map(|it| (it.agency.as_str(), it.kind, it.reason, it.basis, it.directive_id.as_str()))
        .collect();
    assert_eq!(
        seen,
        [("ddc", "withheld", "label-ceiling", "", ""), ("nhso", "delivered", "", "consent", "d1")]
    );
    assert_eq!((rows[0].contract_version, rows[0].offset), (2, 40));
}

#[test]
fn a_decision_without_candidates_still_leaves_a_row() {
    let rows = DecisionRow::from_decision(&decision(Vec::new()), PatientId([3; 16]));
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].agency.as_str(), rows[0].kind), ("", "no-candidate"));
}

#[test]
fn each_event_called_back_is_a_row_beside_the_directives_own() {
    let recalled = |event, agency: &str| Recalled {
        event_id: EventId([event; 16]),
        event_type: EventType::Encounter,
        facility: "10671".into(),
        agency: agency.into(),
        reason: WithholdReason::DirectiveDeny,
        directive_id: Some("d1".into()),
        contract_version: 2,
    };
    let recalls = vec![recalled(7, "phr"), recalled(8, "phr"), recalled(8, "link")];
    let directive = Decision { event_type: EventType::Directive, ..decision(Vec::new()) };
    let rows = DecisionRow::from_decision(&Decision { recalls, ..directive }, PatientId([3; 16]));
    let seen: Vec<_> = rows
        .iter()
        .map(|it| (it.agency.as_str(), it.kind, it.event_id.0[0], it.event_type, it.recalled))
        .collect();
    assert_eq!(
        seen,
        [
            ("", "no-candidate", 1, EventType::Directive, false),
            ("phr", "retracted", 7, EventType::Encounter, true),
            ("phr", "retracted", 8, EventType::Encounter, true),
            ("link", "retracted", 8, EventType::Encounter, true),
        ]
    );
    let last = &rows[3];
    assert_eq!((last.reason, last.basis, &*last.directive_id), ("directive-deny", "", "d1"));
    assert_eq!((&*last.facility, last.contract_version, last.offset), ("10671", 2, 40));
    assert!(rows.iter().all(|it| it.appended_at == Timestamp(900)));
}

#[test]
fn a_ledger_is_a_row_for_each_facility_and_type() {
    let count = |event_type, admitted| AdmissionCount {
        facility: "10670".into(),
        event_type,
        admitted,
        unchanged: 1,
        quarantined: 0,
        appended: admitted,
    };
    let ledger = AdmissionLedger {
        partition: 2,
        first_offset: 10,
        next_offset: 20,
        appended_at: Timestamp(900),
        counts: vec![
            count(Some(EventType::Person), 3),
            count(None, 0),
            count(Some(EventType::Person), 4),
        ],
    };
    let rows = AdmissionRow::from_ledger(&ledger);
    let seen: Vec<_> = rows.iter().map(|it| (it.event_type, it.admitted, it.unchanged)).collect();
    assert_eq!(seen, [("person", 7, 2), ("", 0, 1)], "the same key is added up, not replaced");
    assert_eq!((rows[0].first_offset, rows[0].next_offset), (10, 20));
}

#[test]
fn a_quarantined_submission_keeps_its_place_and_remedy() {
    let row = QuarantineRow::from_quarantined(&Quarantined {
        facility: "10670".into(),
        defect: Defect {
            code: "SP-1103".into(),
            column: "DATE_DIAG".into(),
            remedy: "Send a date.".into(),
        },
        provenance: provenance(),
        event_id: EventId([1; 16]),
        partition: 2,
        offset: 11,
        appended_at: Timestamp(900),
        mended_at: None,
    });
    assert_eq!(
        (row.code.as_str(), row.file.as_str(), row.line, row.column.as_str()),
        ("SP-1103", "CHRONIC.txt", 7, "DATE_DIAG")
    );
    assert_eq!((row.src_partition, row.src_offset), (2, 11));
}

/// Each row must write exactly as many columns as it names: the bytes are checked by the server, the
/// number here, where a missing comma would go unseen.
#[test]
fn column_lists_are_well_formed() {
    for columns in [
        TimelineRow::COLUMNS,
        EventFactRow::COLUMNS,
        DecisionRow::COLUMNS,
        AdmissionRow::COLUMNS,
        QuarantineRow::COLUMNS,
    ] {
        assert!(columns.split(", ").all(|it| !it.contains(' ') && !it.is_empty()), "{columns}");
    }
}
