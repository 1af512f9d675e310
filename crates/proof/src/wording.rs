//! Sentences of findings. They name agencies, types, reasons and positions; never a person or content.

use std::collections::BTreeMap;

use saphan_model::EventType;
use saphan_model::decision::{Decision, Outcome, OutcomeKind, Recalled};
use saphan_policy::reason::{Lang, citizen_sentence};

use crate::finding::{Kind, Place};

pub(crate) const UNBACKED: &str =
    "it names as its source a position at which the patient log holds no record";
pub(crate) const SOURCELESS: &str =
    "the record does not say from which record of the patient log it was made";
pub(crate) const SUBMISSIONLESS: &str =
    "the record of the patient log names no submission that it came from";
pub(crate) const APPENDED_AGAIN: &str = "the patient log holds the record, or what came after it from the \
     same submissions, before: it was appended a second time";
pub(crate) const STATE_DIFFERS: &str = "the row of route's state is not what the log leads to";
pub(crate) const STATE_MISSING: &str = "route's state lacks a row that the log leads to";
pub(crate) const MORE_HEADERS: &str = "it carries headers beside the one that names its source";
pub(crate) const LOG_MISPLACED: &str = "a record of the patient log stands in another partition than its \
     person's, so that what the person permits is not asked";
pub(crate) const DECISION_LATE: &str = "it stands behind the decision about a later record";
pub(crate) const DELIVERY_LATE: &str = "it stands behind a later record of the same person";

pub(crate) fn overlay_ignored(agency: &str, seconds: i64, change: &Place) -> String {
    format!(
        "it left to {agency} {seconds} s after a change of consent that no longer permits it stood in the \
         log at {change}"
    )
}

pub(crate) fn ahead(claimed: i64) -> String {
    format!("it was made from a record at or after offset {claimed}, which route has not committed")
}

/// What one difference says.
pub(crate) fn difference(
    kind: Kind,
    decision: &Decision,
    recalled: Option<&Recalled>,
    agency: Option<&str>,
    meant_for: Option<&str>,
) -> String {
    let what = recalled.map_or(decision.event_type, |it| it.event_type);
    let who = agency.unwrap_or("nobody's contract");
    let outcome =
        |id: Option<&str>| decision.outcomes.iter().find(|it| Some(it.agency.as_str()) == id);
    match kind {
        Kind::Leak if decision.event_type == EventType::Directive => {
            format!(
                "{who} holds a record made from a change of consent that calls back nothing of it"
            )
        }
        Kind::Leak => format!("{who} holds an event of type {what}; {}", why_not(outcome(agency))),
        Kind::Loss => {
            let due = match recalled {
                Some(_) => DROP,
                None => outcome(agency).map_or("a record", due),
            };
            format!("{due} for an event of type {what} is due to {who} and is not in its topic")
        }
        Kind::Duplicate => format!("{who} holds the same event of type {what} once more"),
        Kind::WrongContent => format!(
            "what {who} holds of an event of type {what} is not what its contract makes of the record"
        ),
        Kind::WrongAgency => format!(
            "an event of type {what} meant for {} stands in the topic of {who}",
            meant_for.unwrap_or("another agency")
        ),
        Kind::WrongKey => {
            format!("{who} knows the person of an event of type {what} by another key than its own")
        }
        Kind::WrongPartition => format!(
            "{} of an event of type {what} stands in another partition than its key's",
            agency.map_or_else(|| "the decision".to_owned(), |it| format!("what {it} holds"))
        ),
        Kind::DecisionMissing => format!("no decision about an event of type {what} is on record"),
        Kind::DecisionDiffers => {
            format!("the replay decides otherwise: {}", summary(decision))
        }
        Kind::DecisionDoubled => format!("a further decision about the same event of type {what}"),
        Kind::TornTransaction => {
            format!("an event of type {what} was delivered, but its decision is not on record")
        }
        _ => kind.meaning().to_owned(),
    }
}

const DROP: &str = "an order to drop what it holds";

fn due(outcome: &Outcome) -> &'static str {
    match outcome.kind {
        OutcomeKind::Retracted => DROP,
        OutcomeKind::Delivered | OutcomeKind::Withheld => "a delivery",
    }
}

fn why_not(outcome: Option<&Outcome>) -> String {
    match outcome.and_then(|it| it.reason) {
        Some(reason) => {
            format!("the log withholds it ({reason}): {}", citizen_sentence(reason, Lang::En))
        }
        None => "no contract in effect makes it a recipient".to_owned(),
    }
}

/// `ddc delivered, phr withheld (no-directive)`; of a directive, who is told to drop how many events.
pub(crate) fn summary(decision: &Decision) -> String {
    let mut words: Vec<String> = decision
        .outcomes
        .iter()
        .map(|it| match it.reason {
            Some(reason) => format!("{} {} ({reason})", it.agency, it.kind),
            None => format!("{} {}", it.agency, it.kind),
        })
        .collect();
    let mut called_back: BTreeMap<&str, usize> = BTreeMap::new();
    for it in &decision.recalls {
        *called_back.entry(&it.agency).or_default() += 1;
    }
    words.extend(called_back.iter().map(|(agency, n)| format!("{n} called back from {agency}")));
    if words.is_empty() { "no agency is concerned".to_owned() } else { words.join(", ") }
}
