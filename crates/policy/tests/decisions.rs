//! Truth tables: every `decisions/*.toml` holds agencies, a base event and cases that change one fact
//! each. A case names the outcome of every agency it concerns, and no other outcome may occur.

#[path = "support/decision_file.rs"]
mod decision_file;

use std::collections::BTreeMap;
use std::path::Path;

use decision_file::{Case, DecisionFile};
use saphan_model::decision::{Outcome, OutcomeKind};
use saphan_policy::{AgencySet, PatientConsent, RouteTable, plan};

#[test]
fn every_case_ends_as_its_table_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of tables") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a table");
        let file: DecisionFile =
            toml::from_str(&text).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
        let table = RouteTable::new(file.contracts()).expect("contracts that go together");
        for case in &file.cases {
            check(&format!("{}: {}", path.display(), case.name), &table, &file, case);
            cases += 1;
        }
    }
    assert!(cases >= 70, "only {cases} cases were found");
}

#[track_caller]
fn check(name: &str, table: &RouteTable, file: &DecisionFile, case: &Case) {
    let facts = file.facts(case);
    let envelope = facts.envelope();
    let mut consent = PatientConsent::default();
    for (event_id, directive) in file.directives(case) {
        consent.put(event_id, directive);
    }
    let held: AgencySet = table
        .holders(facts.decided_type(), case.held.iter().map(String::as_str))
        .unwrap_or_else(|it| panic!("{name}: {it}"));
    let plan = plan(table, &consent, held, facts.now(), facts.view(&envelope));
    let outcomes = plan.outcomes(table);
    let found: BTreeMap<_, _> =
        outcomes.iter().map(|it| (it.agency.clone(), sentence(it))).collect();
    assert_eq!(found, case.expect, "{name}");
    assert_eq!(found.len(), outcomes.len(), "{name}: two outcomes for one agency");
    assert!(outcomes.is_sorted_by_key(|it| &it.agency), "{name}: not in the order of agencies");
    let delivered = outcomes.iter().filter(|it| it.kind == OutcomeKind::Delivered);
    let delivered: Vec<_> = delivered.map(|it| it.agency.clone()).collect();
    assert_eq!(table.ids_of(plan.held_after), delivered, "{name}: who holds it afterwards");
}

/// `delivered statute v1`, `withheld directive-deny by letter v2`, `retracted v1`.
fn sentence(outcome: &Outcome) -> String {
    let mut words = vec![outcome.kind.to_string()];
    words.extend(outcome.reason.map(|it| it.to_string()));
    words.extend(outcome.basis.map(|it| it.to_string()));
    words.extend(outcome.directive_id.as_ref().map(|it| format!("by {it}")));
    if outcome.contract_version != 1 {
        words.push(format!("v{}", outcome.contract_version));
    }
    words.join(" ")
}
