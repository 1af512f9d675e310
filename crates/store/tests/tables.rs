//! The tables on a real ClickHouse: what is written once, corrected, moved, retracted and repeated.

mod kit;

use kit::{Fact, Tables, day};
use saphan_model::{EventType, PatientId, Timestamp};
use saphan_store::QueryError;
use saphan_store::query::{Direction, Level, Period, ReferralCount, Scope};
use saphan_store::row::{AdmissionRow, DecisionRow, QuarantineRow};

fn year() -> Period {
    Period::fiscal_year(2026).expect("a year")
}

#[test]
fn migrating_twice_changes_nothing() {
    let tables = Tables::new();
    tables.block_on(tables.store.migrate()).expect("migrate again");
    assert!(tables.block_on(tables.store.migrated()).expect("answer"));
    assert_eq!(tables.number("SELECT count() FROM schema_migrations FINAL"), 7);
}

#[test]
fn a_table_that_forgets_too_soon_is_refused() {
    let tables = Tables::new();
    tables.run("ALTER TABLE decision MODIFY SETTING non_replicated_deduplication_window = 10");
    let error = tables.block_on(tables.store.migrate()).expect_err("refused");
    assert_eq!(error.code(), "SP-1704");
    assert!(error.to_string().contains("decision"), "{error}");
}

#[test]
fn a_repeated_batch_is_written_once_before_any_merge() {
    let tables = Tables::new();
    let rows = [Fact::visit(1).timeline(), Fact::visit(2).timeline()];
    for _ in 0..3 {
        tables.inserts.write(&rows, "log/0/10-11").expect("insert");
    }
    assert_eq!(tables.number("SELECT count() FROM timeline"), 2, "without FINAL");
}

#[test]
fn a_batch_whose_token_was_forgotten_heals() {
    let tables = Tables::new();
    let facts = [Fact::visit(1).fact()];
    tables.inserts.write(&facts, "one token").expect("insert");
    tables.inserts.write(&facts, "another token").expect("insert");
    assert_eq!(tables.visits(), 1);
}

#[test]
fn of_one_event_the_highest_sequence_holds_in_any_order() {
    let before = Fact::visit(1).of(1).at(10);
    let corrected = Fact::visit(1).of(1).at(11).code("J45");
    let gone = Fact::visit(1).of(1).at(12).retracted();
    for (name, states, expected) in [
        ("correction", vec![&before, &corrected], vec!["J45"]),
        ("correction first", vec![&corrected, &before], vec!["J45"]),
        ("retraction", vec![&before, &gone, &corrected], vec![]),
    ] {
        let tables = Tables::new();
        for (i, state) in states.iter().enumerate() {
            tables.inserts.write(&[state.timeline()], &format!("t{i}")).expect("insert");
            tables.inserts.write(&[state.fact()], &format!("t{i}")).expect("insert");
        }
        let seen = tables.block_on(tables.store.timeline(PatientId([1; 16]), 10)).expect("read");
        let codes: Vec<_> = seen.iter().map(|it| it.main_code.as_str()).collect();
        assert_eq!(codes, expected, "{name}");
        assert_eq!(tables.visits(), expected.len() as u64, "{name}");
    }
}

#[test]
fn an_event_that_moves_to_another_patient_is_counted_once() {
    let put = Fact::visit(1).of(1).at(10);
    let left = Fact::visit(1).of(1).at(20).retracted();
    let arrived = Fact::visit(1).of(2).at(20);
    for (name, states) in [
        ("retraction first", [&put, &left, &arrived]),
        ("put first", [&put, &arrived, &left]),
        ("both before the original", [&arrived, &left, &put]),
    ] {
        let tables = Tables::new();
        for (i, state) in states.iter().enumerate() {
            tables.inserts.write(&[state.timeline()], &format!("t{i}")).expect("insert");
            tables.inserts.write(&[state.fact()], &format!("t{i}")).expect("insert");
        }
        let of = |n| tables.block_on(tables.store.timeline(PatientId([n; 16]), 10)).expect("read");
        assert_eq!((of(1).len(), of(2).len(), tables.visits()), (0, 1, 1), "{name}");
    }
}

#[test]
fn a_timeline_is_newest_first_and_keeps_the_bytes() {
    let tables = Tables::new();
    let rows = [
        Fact::visit(1).of(1).on(day(2025, 11, 1)).timeline(),
        Fact::visit(2).of(1).on(day(2026, 2, 1)).timeline(),
        Fact::visit(3).of(2).timeline(),
    ];
    tables.inserts.write(&rows, "t").expect("insert");
    let seen = tables.block_on(tables.store.timeline(PatientId([1; 16]), 10)).expect("read");
    let expected: Vec<_> = [&rows[1], &rows[0]]
        .map(|it| (it.event_id, it.occurred_at.0, it.body.reveal().clone()))
        .to_vec();
    let seen: Vec<_> =
        seen.iter().map(|it| (it.event_id, it.occurred_at_ms, it.body.reveal().clone())).collect();
    assert_eq!(seen, expected);
    let one = tables.block_on(tables.store.timeline(PatientId([1; 16]), 1)).expect("read");
    assert_eq!(one.len(), 1, "the limit holds");
}

#[test]
fn visits_are_counted_by_place_class_and_thai_month() {
    let tables = Tables::new();
    let facts = [
        Fact::visit(1).on(day(2025, 10, 1)).fact(),
        Fact::visit(2).on(day(2025, 10, 31)).fact(),
        Fact::visit(3).on(day(2025, 9, 30)).fact(),
        Fact::visit(4).on(day(2026, 9, 30)).stay().fact(),
        Fact::visit(5).at_facility("11111", 3, "60", "6001").on(day(2026, 1, 5)).fact(),
    ];
    tables.inserts.write(&facts, "t").expect("insert");
    let ask = |scope, level| {
        let rows = tables.block_on(tables.store.visits(&scope, year(), level)).expect("read");
        rows.iter().map(|it| (it.key.clone(), it.year, it.month, it.n)).collect::<Vec<_>>()
    };
    let row = |key: &str, year, month, n| (key.to_owned(), year, month, n);
    assert_eq!(
        ask(Scope::Country, Level::Region),
        [row("3", 2026, 1, 1), row("7", 2025, 10, 2), row("7", 2026, 9, 1)]
    );
    assert_eq!(
        ask(Scope::Region(7), Level::Province),
        [row("40", 2025, 10, 2), row("40", 2026, 9, 1)]
    );
    assert_eq!(ask(Scope::Province("60".into()), Level::Facility), [row("11111", 2026, 1, 1)]);
    assert_eq!(
        ask(Scope::Facility("10670".into()), Level::Class),
        [row("ambulatory", 2025, 10, 2), row("inpatient", 2026, 9, 1)]
    );
}

#[test]
fn diagnoses_are_counted_by_three_characters() {
    let tables = Tables::new();
    let facts = [
        Fact::visit(1).code("J459").fact(),
        Fact::visit(2).code("J450").fact(),
        Fact::visit(3).code("E119").fact(),
        Fact::visit(4).code("").fact(),
        Fact::visit(5).code("I10").at_facility("11111", 7, "40", "4002").fact(),
        Fact::visit(6).code("I10").at_facility("22222", 8, "41", "4101").fact(),
    ];
    tables.inserts.write(&facts, "t").expect("insert");
    let ask = |scope, level| {
        let rows = tables.block_on(tables.store.diagnoses(&scope, year(), level)).expect("read");
        rows.iter().map(|it| (it.key.clone(), it.icd3.clone(), it.n)).collect::<Vec<_>>()
    };
    let row = |key: &str, icd3: &str, n| (key.to_owned(), icd3.to_owned(), n);
    assert_eq!(
        ask(Scope::Region(7), Level::District),
        [row("4001", "E11", 1), row("4001", "J45", 2), row("4002", "I10", 1)]
    );
    assert_eq!(ask(Scope::District("4002".into()), Level::Facility), [row("11111", "I10", 1)]);
    assert_eq!(ask(Scope::Country, Level::Region).len(), 4);
}

#[test]
fn referrals_are_counted_from_both_ends_without_replies() {
    let tables = Tables::new();
    let facts = [
        Fact::referral(1, "11111", 3).fact(),
        Fact::referral(2, "11111", 3).fact(),
        Fact::referral(3, "22222", 0).fact(),
        Fact::referral(4, "11111", 3).cause("7").fact(),
    ];
    tables.inserts.write(&facts, "t").expect("insert");
    #[track_caller]
    fn check(rows: Result<Vec<ReferralCount>, QueryError>, expected: &[(&str, u8, u64)]) {
        let rows = rows.expect("read");
        let seen: Vec<_> = rows.iter().map(|it| (it.key.as_str(), it.other_region, it.n)).collect();
        assert_eq!(seen, expected);
    }
    let store = &tables.store;
    let out = |scope, level| tables.block_on(store.referrals_out(&scope, year(), level));
    check(out(Scope::Country, Level::Region), &[("7", 0, 1), ("7", 3, 2)]);
    check(out(Scope::Province("40".into()), Level::Facility), &[("10670", 0, 1), ("10670", 3, 2)]);
    check(out(Scope::Region(3), Level::Province), &[]);
    check(tables.block_on(store.referrals_in(3, year())), &[("11111", 7, 2)]);
    let of = |code, direction| tables.block_on(store.referrals_of(code, direction, year()));
    check(of("10670", Direction::Out), &[("11111", 3, 2), ("22222", 0, 1)]);
    check(of("11111", Direction::In), &[("10670", 7, 2)]);
}

#[test]
fn completeness_lists_the_months_with_visits() {
    let tables = Tables::new();
    let facts = [
        Fact::visit(1).on(day(2026, 1, 5)).fact(),
        Fact::visit(2).on(day(2025, 12, 5)).fact(),
        Fact::visit(3).on(day(2025, 12, 6)).fact(),
        Fact::referral(4, "11111", 3).on(day(2026, 3, 1)).fact(),
    ];
    tables.inserts.write(&facts, "t").expect("insert");
    let rows =
        tables.block_on(tables.store.reported_months(&Scope::Country, year())).expect("read");
    let seen: Vec<_> = rows.iter().map(|it| (it.code.as_str(), it.months.as_slice())).collect();
    assert_eq!(seen, [("10670", &[202_512, 202_601][..])]);
}

fn ledger(first: u64, next: u64, admitted: u64) -> AdmissionRow {
    AdmissionRow {
        partition: 0,
        first_offset: first,
        next_offset: next,
        facility: "10670".into(),
        event_type: EventType::Encounter.as_str(),
        appended_at: Timestamp(1_000 * i64::try_from(next).expect("small")),
        admitted,
        unchanged: next - first - admitted,
        quarantined: 0,
        appended: admitted,
    }
}

#[test]
fn the_ledger_adds_up_and_shows_its_gaps() {
    let tables = Tables::new();
    let rows = [ledger(0, 10, 4), ledger(10, 15, 5), ledger(20, 22, 0), ledger(21, 25, 1)];
    tables.inserts.write(&rows, "t").expect("insert");
    tables.inserts.write(&rows[..2], "repeated").expect("insert");
    let totals = tables.block_on(tables.store.ledger_totals()).expect("read");
    assert_eq!((totals.admitted, totals.unchanged, totals.appended), (10, 11, 10));
    let partitions = tables.block_on(tables.store.ledger_partitions()).expect("read");
    let it = &partitions[0];
    assert_eq!((it.partition, it.first_offset, it.next_offset, it.accounted), (0, 0, 25, 21));
    let gaps = tables.block_on(tables.store.ledger_gaps(10)).expect("read");
    let seen: Vec<_> = gaps.iter().map(|it| (it.from_offset, it.to_offset)).collect();
    assert_eq!(seen, [(15, 20), (22, 21)], "a hole and an overlap");
    let last = tables.block_on(tables.store.last_reports(&["10670".to_owned()])).expect("read");
    assert_eq!((last[0].code.as_str(), last[0].at_ms), ("10670", 25_000));
}

#[test]
fn an_empty_database_answers_zeros() {
    let tables = Tables::new();
    let store = &tables.store;
    assert_eq!(tables.block_on(store.ledger_totals()).expect("read").admitted, 0);
    assert_eq!(tables.block_on(store.outcome_totals()).expect("read").decided, 0);
    assert!(tables.block_on(store.quarantine_counts()).expect("read").is_empty());
    assert!(tables.block_on(store.ledger_gaps(5)).expect("read").is_empty());
    assert!(tables.block_on(store.agency_counts()).expect("read").is_empty());
    assert!(tables.block_on(store.visits(&Scope::Country, year(), Level::Region)).is_ok());
}

fn outcome(offset: u64, agency: &str, kind: &'static str, reason: &'static str) -> DecisionRow {
    DecisionRow {
        partition: 0,
        offset,
        agency: agency.into(),
        patient: PatientId([1; 16]),
        event_id: Fact::visit(1).event_id(),
        event_type: EventType::Encounter,
        facility: "10670".into(),
        appended_at: Timestamp(0),
        kind,
        reason,
        basis: if kind == "delivered" { "statute" } else { "" },
        directive_id: String::new(),
        contract_version: 1,
        recalled: false,
    }
}

#[test]
fn what_one_record_calls_back_is_counted_by_event() {
    let tables = Tables::new();
    // Both the table and the statement may be there already.
    tables.run(include_str!("../migrations/0007_decision_recalled.sql").trim());
    let recalled = |visit, agency| DecisionRow {
        event_id: Fact::visit(visit).event_id(),
        recalled: true,
        ..outcome(7, agency, "retracted", "directive-deny")
    };
    let rows = [
        outcome(6, "phr", "delivered", ""),
        outcome(7, "", "no-candidate", ""),
        recalled(1, "phr"),
        recalled(2, "phr"),
        recalled(2, "health-link"),
    ];
    tables.inserts.write(&rows, "t").expect("insert");
    tables.inserts.write(&rows, "again").expect("insert");
    tables.run("OPTIMIZE TABLE decision FINAL");
    let totals = tables.block_on(tables.store.outcome_totals()).expect("read");
    assert_eq!((totals.decided, totals.candidates, totals.delivered), (2, 1, 1));
    assert_eq!((totals.withheld, totals.retracted), (0, 3));
    let of_phr = "SELECT count() FROM decision FINAL WHERE agency = 'phr' AND kind = 'retracted' \
                  AND recalled = event_id";
    assert_eq!(tables.number(of_phr), 2);
}

#[test]
fn outcomes_are_counted_once_a_candidate() {
    let tables = Tables::new();
    let row = outcome;
    let rows = [
        row(0, "ddc", "delivered", ""),
        row(0, "nhso", "withheld", "no-directive"),
        row(1, "ddc", "delivered", ""),
        row(2, "", "no-candidate", ""),
        row(3, "ddc", "retracted", ""),
    ];
    tables.inserts.write(&rows, "t").expect("insert");
    tables.inserts.write(&rows, "again").expect("insert");
    let totals = tables.block_on(tables.store.outcome_totals()).expect("read");
    assert_eq!((totals.decided, totals.delivered, totals.withheld, totals.retracted), (4, 2, 1, 1));
    let counts = tables.block_on(tables.store.agency_counts()).expect("read");
    let seen: Vec<_> = counts
        .iter()
        .map(|it| (it.agency.as_str(), it.kind.as_str(), it.reason.as_str(), it.n))
        .collect();
    assert_eq!(
        seen,
        [
            ("ddc", "delivered", "", 2),
            ("ddc", "retracted", "", 1),
            ("nhso", "withheld", "no-directive", 1)
        ]
    );
}

#[test]
fn a_defect_reported_twice_is_listed_once_with_its_newest_words() {
    let tables = Tables::new();
    let row = |n, line, offset, remedy: &str| QuarantineRow {
        facility: "10670".into(),
        event_id: Fact::visit(n).event_id(),
        code: "SP-1103".into(),
        source: "f43".into(),
        document: "a.zip".into(),
        file: "SERVICE.txt".into(),
        line,
        column: "DATE_SERV".into(),
        remedy: remedy.into(),
        adapter: "f43 0.1.0".into(),
        appended_at: Timestamp(5_000),
        src_partition: 0,
        src_offset: offset,
        mended: false,
    };
    tables.inserts.write(&[row(1, 3, 8, "new"), row(2, 4, 9, "x")], "t").expect("insert");
    tables.inserts.write(&[row(1, 3, 7, "old")], "late").expect("insert");
    let counts = tables.block_on(tables.store.quarantine_counts()).expect("read");
    let seen: Vec<_> =
        counts.iter().map(|it| (it.facility.as_str(), it.code.as_str(), it.n)).collect();
    assert_eq!(seen, [("10670", "SP-1103", 2)]);
    let places = tables.block_on(tables.store.quarantine_places("10670", 10)).expect("read");
    let seen: Vec<_> = places.iter().map(|it| (it.line, it.remedy.as_str(), it.at_ms)).collect();
    assert_eq!(seen, [(3, "new", 5_000), (4, "x", 5_000)]);
    tables
        .inserts
        .write(&[QuarantineRow { mended: true, ..row(1, 3, 10, "") }], "m")
        .expect("insert");
    let counts = tables.block_on(tables.store.quarantine_counts()).expect("read");
    let seen: Vec<_> = counts.iter().map(|it| (it.n, it.remedy.as_str(), it.newest_ms)).collect();
    assert_eq!(seen, [(1, "x", 5_000)], "what is mended is no longer open");
}

#[test]
fn a_server_that_does_not_answer_is_named() {
    let tables = Tables::nowhere();
    let error = tables.block_on(tables.store.ping()).expect_err("nobody listens");
    assert_eq!((error.code(), error.transient()), ("SP-1701", true));
    let error = tables.inserts.write(&[Fact::visit(1).fact()], "t").expect_err("nobody listens");
    assert!(error.failure.transient(), "{error}");
}

#[test]
fn a_missing_table_is_not_tried_again() {
    let tables = Tables::new();
    tables.run("DROP TABLE timeline");
    let rows = [Fact::visit(1).timeline()];
    let error = tables.inserts.write(&rows, "t").expect_err("no table");
    assert_eq!((error.failure.code(), error.failure.transient()), ("SP-1702", false));
}
