//! One change of the contracts, and what it would have meant for the little log.

use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_model::contract::{BasisKind, Contract, IdentityMode, OnRevoke, Rule};
use saphan_model::label::Labels;
use saphan_model::{EventType, Timestamp};
use saphan_policy::RouteTable;
use saphan_proof::Scope;
use saphan_proof::what_if::{Change, Contrast, Count, How, Row, Stood, Versions, WhatIf};

use crate::little::{LOG, Little, TOPOLOGY, clean, recalling};

fn contracts() -> Vec<Contract> {
    TOPOLOGY.contracts().cloned().collect()
}

fn of<'c>(contracts: &'c mut [Contract], agency: &str) -> &'c mut Contract {
    contracts.iter_mut().find(|it| it.agency.as_str() == agency).expect("in the folder")
}

fn encounters(contract: &mut Contract) -> &mut Rule {
    let of_type = |it: &&mut Rule| it.event_type == EventType::Encounter;
    contract.rules.iter_mut().find(of_type).expect("it receives encounters")
}

fn contrast(proposed: Vec<Contract>, versions: Versions, scope: Scope) -> Contrast {
    let proposed = RouteTable::new(proposed).expect("contracts go together");
    between(&clean(), [TOPOLOGY.routes(), &proposed], versions, scope)
}

fn between(
    little: &Little,
    [current, proposed]: [&RouteTable; 2],
    versions: Versions,
    scope: Scope,
) -> Contrast {
    let ids = Arc::new(SchemaIds::sequential());
    let mut what_if =
        WhatIf::new(current, proposed, versions, scope, ids).expect("they go together");
    let mut partition = what_if.partition(0);
    for record in &little.topics[LOG] {
        partition.apply(&record.as_record()).expect("readable");
    }
    partition.finish();
    what_if.finish()
}

/// Changes the contracts; the rows, with their events and patients.
#[track_caller]
fn check(edit: impl FnOnce(&mut Vec<Contract>), describe: &[(&str, &str, u64, u64)]) -> Contrast {
    let mut proposed = contracts();
    edit(&mut proposed);
    let contrast = contrast(proposed, Versions::Newest, Scope::default());
    let found: Vec<_> = contrast.rows.iter().map(told).collect();
    let expected: Vec<_> =
        describe.iter().map(|it| (it.0.to_owned(), it.1.to_owned(), it.2, it.3)).collect();
    assert_eq!(found, expected);
    assert_eq!((contrast.replayed, contrast.compared), (10, 10));
    contrast
}

fn told((row, count): (&Row, &Count)) -> (String, String, u64, u64) {
    let words = match &row.change {
        Change::Delivered { was: Stood::Apart, .. } => "delivered".to_owned(),
        Change::Delivered { was: Stood::Withheld(reason), .. } => {
            format!("delivered, was {reason}")
        }
        Change::Withheld { reason, .. } => format!("withheld {reason}"),
        Change::Apart { .. } => "apart".to_owned(),
        Change::Reshaped { before, after } => {
            let list =
                |a: &saphan_proof::what_if::Shape, b| a.beyond(b).collect::<Vec<_>>().join(" ");
            format!("+[{}] -[{}]", list(after, before), list(before, after))
        }
        Change::Refused { reason } => format!("refused {reason}"),
        Change::CalledBack { reason } => format!("called back {reason}"),
        Change::Kept { reason } => format!("kept {reason}"),
    };
    (row.agency.clone(), words, count.events, count.patients)
}

#[test]
fn the_same_contracts_change_nothing() {
    let contrast = check(|_| {}, &[]);
    assert!(contrast.past.is_empty());
}

#[test]
fn fields_are_told_one_by_one_also_where_a_group_becomes_a_part() {
    let narrowed = |all: &mut Vec<Contract>| {
        let rule = encounters(of(all, "nhso"));
        rule.fields.retain(|it| it != "cost_satang");
        rule.fields.push("chief_complaint".to_owned());
        let rule = encounters(of(all, "health-link"));
        rule.fields.retain(|it| it != "diagnoses");
        rule.fields.push("diagnoses.code".to_owned());
    };
    let expected = [
        ("health-link", "+[] -[diagnoses.clinic diagnoses.role]", 2, 1),
        ("nhso", "+[chief_complaint] -[cost_satang]", 6, 2),
    ];
    check(narrowed, &expected);
}

#[test]
fn a_person_known_otherwise_is_another_shape() {
    let contrast = check(
        |all| encounters(of(all, "ddc")).identity = IdentityMode::None,
        &[("ddc", "+[] -[]", 2, 2)],
    );
    let Change::Reshaped { before, after } = &contrast.rows.keys().next().expect("one").change
    else {
        panic!("{contrast:?}")
    };
    assert_eq!((before.identity, after.identity), (IdentityMode::CitizenId, IdentityMode::None));
}

#[test]
fn what_needs_consent_from_now_on_is_withheld_without_it() {
    let expected = [
        ("nhso", "withheld no-directive", 2, 2),
        ("nhso", "withheld directive-deny", 3, 1),
        ("nhso", "withheld directive-not-in-force", 1, 1),
    ];
    let contrast = check(|all| encounters(of(all, "nhso")).basis = BasisKind::Consent, &expected);
    assert!(contrast.rows.keys().all(|it| it.event_type == EventType::Encounter));
}

#[test]
fn a_lower_ceiling_and_a_wider_filter_are_told_by_reason() {
    let edit = |all: &mut Vec<Contract>| {
        encounters(of(all, "nhso")).labels = Labels::NONE;
        encounters(of(all, "ddc")).filter = Default::default();
    };
    let expected = [
        ("ddc", "delivered", 4, 1),
        ("ddc", "refused label-ceiling", 1, 1),
        ("nhso", "withheld label-ceiling", 1, 1),
    ];
    check(edit, &expected);
}

#[test]
fn an_agency_that_goes_and_one_that_comes() {
    let edit = |all: &mut Vec<Contract>| {
        let mut mine = of(all, "nhso").clone();
        all.retain(|it| it.agency.as_str() != "nhso");
        mine.agency = "nhso-new".parse().expect("an id");
        all.push(mine);
    };
    let contrast = check(edit, &[("nhso", "apart", 6, 2), ("nhso-new", "delivered", 6, 2)]);
    let past: Vec<_> = contrast.past.iter().map(|it| (it.agency.as_str(), it.how)).collect();
    assert_eq!(past, [("nhso", How::Missing), ("nhso-new", How::Backdated)]);
}

#[test]
fn a_version_to_come_is_seen_as_if_it_held_already_or_by_its_date() {
    let with_version = |effective_from| {
        let mut all = contracts();
        let mut second = of(&mut all, "nhso").clone();
        (second.version, second.effective_from) = (2, Timestamp(effective_from));
        encounters(&mut second).fields.retain(|it| it != "cost_satang");
        all.push(second);
        all
    };
    let scope = Scope::default;
    let to_come = with_version(1_790_000_000_010);
    let always = contrast(to_come.clone(), Versions::Newest, scope());
    assert_eq!(always.rows.values().collect::<Vec<_>>(), [&Count { events: 6, patients: 2 }]);
    assert!(always.past.is_empty());
    let dated = contrast(to_come, Versions::Dated, scope());
    assert!(dated.rows.is_empty() && dated.past.is_empty());
    let backdated = contrast(with_version(1_790_000_000_007), Versions::Dated, scope());
    assert_eq!(backdated.rows.values().collect::<Vec<_>>(), [&Count { events: 2, patients: 2 }]);
    assert_eq!(backdated.past[0].how, How::Backdated);
    let with_the_last = contrast(with_version(1_790_000_000_009), Versions::Dated, scope());
    assert_eq!((with_the_last.rows.len(), with_the_last.past.len()), (1, 1));
}

#[test]
fn the_past_is_told_apart_from_what_is_to_come() {
    let mut all = contracts();
    encounters(of(&mut all, "nhso")).filter.regions = vec![1];
    of(&mut all, "ddc").name_en = "Another name".to_owned();
    let contrast = contrast(all, Versions::Newest, Scope::default());
    let past: Vec<_> =
        contrast.past.iter().map(|it| (it.agency.as_str(), it.version, it.how)).collect();
    assert_eq!(past, [("nhso", 1, How::Changed)]);
}

#[test]
fn only_what_is_asked_for_is_compared_but_all_of_the_log_decides() {
    let mut all = contracts();
    for agency in ["nhso", "health-link"] {
        encounters(of(&mut all, agency)).identity = IdentityMode::None;
    }
    let scope = Scope {
        agency: Some("health-link".parse().expect("an id")),
        since: Some(Timestamp(1_790_000_000_003)),
        ..Scope::default()
    };
    let contrast = contrast(all, Versions::Newest, scope);
    let told: Vec<_> = contrast.rows.iter().map(told).collect();
    assert_eq!(told, [("health-link".to_owned(), "+[] -[]".to_owned(), 2, 1)]);
    assert_eq!((contrast.replayed, contrast.compared), (10, 7));
}

#[test]
fn what_was_withheld_and_would_be_delivered_says_why_it_was() {
    let expected = [
        ("health-link", "delivered, was no-directive", 2, 2),
        ("health-link", "delivered, was directive-not-in-force", 1, 1),
        ("health-link", "delivered, was label-not-permitted", 1, 1),
        ("health-link", "+[] -[]", 2, 1),
    ];
    let edit = |all: &mut Vec<Contract>| {
        encounters(of(all, "health-link")).basis = BasisKind::Statute;
    };
    check(edit, &expected);
}

#[test]
fn what_a_withdrawal_would_call_back_or_leave_is_told_for_the_events_themselves() {
    let mut all = contracts();
    encounters(of(&mut all, "phr")).on_revoke = OnRevoke::Keep;
    let keeping = RouteTable::new(all).expect("contracts go together");
    let retracting = TOPOLOGY.routes();
    let check = |sides, scope, words: &[&str]| {
        let contrast = between(&recalling(), sides, Versions::Newest, scope);
        let found: Vec<_> = contrast.rows.iter().map(told).collect();
        let expected = |it: &&str| ("phr".to_owned(), (*it).to_owned(), 2, 1);
        assert_eq!(found, words.iter().map(expected).collect::<Vec<_>>());
        assert!(contrast.rows.keys().all(|it| it.event_type == EventType::Encounter));
    };
    let all = Scope::default;
    check([retracting, &keeping], all(), &["kept directive-not-in-force"]);
    check([&keeping, retracting], all(), &["called back directive-not-in-force"]);
    check([retracting, retracting], all(), &[]);
    // The visits lie before, the withdrawal after.
    let since = Some(Timestamp(1_790_000_000_003));
    check([retracting, &keeping], Scope { since, ..all() }, &["kept directive-not-in-force"]);
    let agency = Some("nhso".parse().expect("an id"));
    check([retracting, &keeping], Scope { agency, ..all() }, &[]);
}

#[test]
fn what_was_never_delivered_is_not_told_as_called_back_or_kept() {
    let gone = |all: &mut Vec<Contract>| all.retain(|it| it.agency.as_str() != "phr");
    let elsewhere = |all: &mut Vec<Contract>| encounters(of(all, "phr")).filter.regions = vec![1];
    for narrow in [&gone as &dyn Fn(&mut Vec<Contract>), &elsewhere] {
        let mut all = contracts();
        narrow(&mut all);
        let narrowed = RouteTable::new(all).expect("contracts go together");
        for (both, words) in [
            ([TOPOLOGY.routes(), &narrowed], "apart"),
            ([&narrowed, TOPOLOGY.routes()], "delivered"),
        ] {
            let contrast = between(&recalling(), both, Versions::Newest, Scope::default());
            let found: Vec<_> = contrast.rows.iter().map(told).map(|it| it.1).collect();
            assert_eq!(found, [words]);
        }
    }
}
