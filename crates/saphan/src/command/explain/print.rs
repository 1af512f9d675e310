//! Explanations as text and as JSON.

use saphan_model::decision::{Outcome, OutcomeKind, Recalled};
use saphan_policy::reason::{Lang, citizen_sentence};
use saphan_policy::{AgencyIndex, RouteTable};
use saphan_proof::explain::{Explainer, SumKey, Told};
use serde_json::{Value, json};

use crate::output;

/// One record of the log and what became of it.
pub fn record(told: &Told) {
    let it = &told.decision;
    let what = if told.retraction { "taken back: " } else { "" };
    let number = told.number.map_or_else(String::new, |it| format!("no. {it}  "));
    output::line(&format_args!(
        "{number}{}  {what}{}  event {:?}  facility {}  position {}:{}",
        it.appended_at, it.event_type, it.event_id, it.facility, it.partition, it.offset
    ));
    if !told.routed {
        output::line(&"    not routed yet; by the log as it is, it will be:");
    }
    if it.outcomes.is_empty() && it.recalls.is_empty() {
        output::line(&"    concerns no agency");
    }
    for (outcome, source) in it.outcomes.iter().zip(&told.sources) {
        print_outcome(outcome, source);
    }
    for recalled in &it.recalls {
        print_recall(recalled);
    }
}

fn print_recall(it: &Recalled) {
    let directive =
        it.directive_id.as_ref().map_or_else(String::new, |it| format!(", directive {it}"));
    output::line(&format_args!(
        "    {:<14} {:<10} {}  event {:?}  facility {}: {}{directive} (contract version {})",
        it.agency,
        "taken back",
        it.event_type,
        it.event_id,
        it.facility,
        it.reason,
        it.contract_version
    ));
}

fn print_outcome(it: &Outcome, source: &str) {
    let directive =
        it.directive_id.as_ref().map_or_else(String::new, |it| format!(", directive {it}"));
    let why = match (it.kind, it.basis, it.reason) {
        (_, Some(basis), _) => format!("on the basis of {basis}: {source}"),
        (_, _, Some(reason)) => format!("{reason}"),
        _ => "the event was taken back or no longer concerns the agency".to_owned(),
    };
    output::line(&format_args!(
        "    {:<14} {:<10} {why}{directive} (contract version {})",
        it.agency,
        kind(it.kind),
        it.contract_version
    ));
    if let Some(reason) = it.reason {
        for lang in [Lang::Th, Lang::En] {
            output::line(&format_args!("{:<30}{}", "", citizen_sentence(reason, lang)));
        }
    }
}

const fn kind(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Delivered => "delivered",
        OutcomeKind::Withheld => "withheld",
        OutcomeKind::Retracted => "taken back",
    }
}

/// The same as JSON.
pub fn record_json(told: &Told) -> Value {
    let it = &told.decision;
    let outcomes = it.outcomes.iter().zip(&told.sources).map(|(it, source)| {
        json!({
            "agency": it.agency, "outcome": it.kind.as_str(),
            "reason": it.reason.map(|it| it.as_str()),
            "reason_th": it.reason.map(|it| citizen_sentence(it, Lang::Th)),
            "reason_en": it.reason.map(|it| citizen_sentence(it, Lang::En)),
            "basis": it.basis.map(|it| it.as_str()), "basis_source": source,
            "directive": it.directive_id, "contract_version": it.contract_version,
        })
    });
    let recalls = it.recalls.iter().map(|it| {
        json!({
            "agency": it.agency, "event_id": it.event_id.to_hex(),
            "event_type": it.event_type.as_str(), "facility": it.facility,
            "reason": it.reason.as_str(), "directive": it.directive_id,
            "contract_version": it.contract_version,
        })
    });
    json!({
        "number": told.number, "appended_at": it.appended_at.to_string(),
        "partition": it.partition, "offset": it.offset,
        "event_id": it.event_id.to_hex(), "event_type": it.event_type.as_str(),
        "facility": it.facility, "retraction": told.retraction, "routed": told.routed,
        "outcomes": outcomes.collect::<Vec<_>>(),
        "recalls": recalls.collect::<Vec<_>>(),
    })
}

/// What an agency received, and by which contract.
pub fn agency(routes: &RouteTable, agency: AgencyIndex, explainer: &Explainer) {
    let sums = explainer.sums();
    let newest = routes.newest_contract(agency);
    output::line(&format_args!("{}  {} / {}", newest.agency, newest.name_th, newest.name_en));
    for entry in routes.rules().filter(|it| it.agency == agency) {
        let (contract, rule) = (entry.contract, entry.rule);
        output::line(&format_args!(
            "\nversion {} from {}: {} for {}, on the basis of {}: {}\n    knows the patient by: {}; \
             fields: {}",
            contract.version,
            contract.effective_from,
            rule.event_type,
            rule.purpose,
            rule.basis,
            rule.basis_source,
            rule.identity,
            rule.fields.join(", ")
        ));
    }
    output::line(&format_args!(
        "\n{:<8} {:<16} {:<11} {:<24} {:>10}  {:<25} last",
        "version", "type", "outcome", "basis or reason", "records", "first"
    ));
    for (key, sum) in sums {
        output::line(&format_args!(
            "{:<8} {:<16} {:<11} {:<24} {:>10}  {:<25} {}",
            key.contract_version,
            key.event_type.as_str(),
            kind(key.kind),
            why(key),
            sum.records,
            sum.first.to_string(),
            sum.last
        ));
    }
    if sums.is_empty() {
        output::line(&"no record of the log concerns it");
    }
    if explainer.waiting() > 0 {
        let waiting = explainer.waiting();
        output::line(&format_args!(
            "{waiting} record(s) of the log are not routed yet and not counted"
        ));
    }
}

fn why(key: &SumKey) -> &'static str {
    match (key.basis, key.reason) {
        (Some(basis), _) => basis.as_str(),
        (None, Some(reason)) => reason.as_str(),
        (None, None) => "no longer concerns it",
    }
}

/// The same as JSON.
pub fn agency_json(routes: &RouteTable, agency: AgencyIndex, explainer: &Explainer) -> Value {
    let rules = routes.rules().filter(|it| it.agency == agency).map(|it| {
        json!({
            "contract_version": it.contract.version,
            "effective_from": it.contract.effective_from.to_string(),
            "event_type": it.rule.event_type.as_str(), "purpose": it.rule.purpose.as_str(),
            "basis": it.rule.basis.as_str(), "basis_source": it.rule.basis_source,
            "identity": it.rule.identity.as_str(), "fields": it.rule.fields,
        })
    });
    let sums = explainer.sums().iter().map(|(key, sum)| {
        json!({
            "contract_version": key.contract_version, "event_type": key.event_type.as_str(),
            "outcome": key.kind.as_str(), "reason": key.reason.map(|it| it.as_str()),
            "basis": key.basis.map(|it| it.as_str()), "records": sum.records,
            "first": sum.first.to_string(), "last": sum.last.to_string(),
        })
    });
    json!({
        "agency": routes.id_of(agency).as_str(),
        "rules": rules.collect::<Vec<_>>(), "outcomes": sums.collect::<Vec<_>>(),
        "not_routed_yet": explainer.waiting(),
    })
}
