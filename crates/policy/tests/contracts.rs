//! Contracts that do not go together are refused, and stored holders must be addressable.

use saphan_model::contract::{BasisKind, Contract, Filter, IdentityMode, OnRevoke, Rule};
use saphan_model::directive::Purpose;
use saphan_model::label::Labels;
use saphan_model::limits::AGENCIES_MAX;
use saphan_model::{EventType, Timestamp};
use saphan_policy::{RouteTable, RouteTableError};

fn contract(agency: &str, version: u32, from: i64, types: &[EventType]) -> Contract {
    let rule = |event_type: &EventType| Rule {
        event_type: *event_type,
        purpose: Purpose::Operations,
        basis: BasisKind::Statute,
        basis_source: String::new(),
        filter: Filter::default(),
        fields: Vec::new(),
        identity: IdentityMode::None,
        labels: Labels::NONE,
        on_revoke: OnRevoke::Keep,
    };
    Contract {
        agency: agency.parse().expect("an id"),
        name_th: String::new(),
        name_en: String::new(),
        version,
        effective_from: Timestamp(from),
        rules: types.iter().map(rule).collect(),
    }
}

#[track_caller]
fn check(contracts: Vec<Contract>, expected: Option<RouteTableError>) {
    assert_eq!(RouteTable::new(contracts).err(), expected);
}

#[test]
fn what_goes_together_and_what_does_not() {
    let encounter = [EventType::Encounter];
    let agency = || "north".parse().expect("an id");
    check(Vec::new(), None);
    check(vec![contract("north", 1, 0, &encounter), contract("south", 1, 0, &encounter)], None);
    check(vec![contract("north", 2, 5, &[]), contract("north", 1, 0, &encounter)], None);
    check(
        vec![contract("north", 1, 0, &encounter), contract("north", 1, 5, &encounter)],
        Some(RouteTableError::DuplicateVersion { agency: agency(), version: 1 }),
    );
    check(
        vec![contract("north", 1, 5, &encounter), contract("north", 2, 5, &encounter)],
        Some(RouteTableError::VersionsOutOfOrder { agency: agency(), version: 2 }),
    );
    let event_type = EventType::Encounter;
    check(
        vec![contract("north", 1, 0, &[event_type, event_type])],
        Some(RouteTableError::DuplicateRule { agency: agency(), version: 1, event_type }),
    );
    for event_type in [EventType::Directive, EventType::Link, EventType::Retraction] {
        check(
            vec![contract("north", 1, 0, &[event_type])],
            Some(RouteTableError::NotDeliverable { agency: agency(), version: 1, event_type }),
        );
    }
}

#[test]
fn there_is_room_for_so_many_agencies_and_no_more() {
    let agencies = |count: usize| -> Vec<_> {
        (0..count).map(|it| contract(&format!("a{it}"), 1, 0, &[EventType::Encounter])).collect()
    };
    let table = RouteTable::new(agencies(AGENCIES_MAX)).expect("room");
    let all: Vec<_> = table.agencies().map(|(index, id)| (index, id.as_str())).collect();
    assert!(all.is_sorted_by_key(|it| it.1));
    assert!(all.iter().all(|(index, id)| table.index_of(id) == Some(*index)));
    let set = table.holders(EventType::Encounter, all.iter().map(|it| it.1)).expect("holders");
    assert_eq!(set.len(), AGENCIES_MAX);
    check(agencies(AGENCIES_MAX + 1), Some(RouteTableError::TooManyAgencies(AGENCIES_MAX + 1)));
}

#[test]
fn a_holder_nobody_could_address_is_refused() {
    let contracts = vec![
        contract("north", 1, 0, &[EventType::Encounter]),
        contract("north", 2, 5, &[]),
        contract("south", 1, 0, &[EventType::Referral]),
    ];
    let table = RouteTable::new(contracts).expect("contracts that go together");
    let holders = |ids: &[&str]| table.holders(EventType::Encounter, ids.iter().copied());
    let set = holders(&["north"]).expect("an earlier version names the type");
    assert_eq!(table.ids_of(set), ["north"]);
    assert_eq!(holders(&["north", "north"]), Ok(set), "named twice is held once");
    for (ids, refused) in [(&["north", "south"][..], "south"), (&["gone"], "gone")] {
        assert_eq!(holders(ids).expect_err("refused").agency, refused);
    }
}

#[test]
fn rules_are_numbered_without_gaps() {
    let contracts = vec![
        contract("south", 1, 0, &[EventType::Referral]),
        contract("north", 2, 5, &[EventType::Referral]),
        contract("north", 1, 0, &[EventType::Encounter, EventType::Referral]),
    ];
    let table = RouteTable::new(contracts).expect("contracts that go together");
    let rules: Vec<_> = table.rules().collect();
    let told: Vec<_> = rules
        .iter()
        .map(|it| {
            (it.id.get(), it.contract.agency.as_str(), it.contract.version, it.rule.event_type)
        })
        .collect();
    assert_eq!(
        told,
        [
            (0, "north", 1, EventType::Encounter),
            (1, "north", 1, EventType::Referral),
            (2, "north", 2, EventType::Referral),
            (3, "south", 1, EventType::Referral),
        ]
    );
    let versions: Vec<_> = table.contracts().map(|it| (it.agency.as_str(), it.version)).collect();
    assert_eq!(versions, [("north", 1), ("north", 2), ("south", 1)]);
    let north = table.index_of("north").expect("an agency");
    assert_eq!(table.newest_contract(north).version, 2);
    for rule in rules {
        let now = rule.contract.effective_from;
        let found = table.rule_at(rule.agency, rule.rule.event_type, now).expect("in effect");
        assert_eq!(found.id, rule.id);
    }
}
