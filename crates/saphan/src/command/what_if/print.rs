//! A contrast as text and as JSON. Numbers of one to four are told as "<5" and nothing is added up, so
//! that nobody can be recognised.

use std::fmt;

use saphan_proof::what_if::{Change, Contrast, Count, How, Rewritten, Row, Shape, Stood};
use serde_json::{Value, json};

use crate::output;

/// A number that names nobody.
struct Shown(u64);

impl Shown {
    fn json(&self) -> Value {
        if self.small() { json!("<5") } else { json!(self.0) }
    }

    const fn small(&self) -> bool {
        matches!(self.0, 1..5)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.small() { f.pad("<5") } else { f.pad(&self.0.to_string()) }
    }
}

/// Prints it.
pub fn text(contrast: &Contrast) {
    output::line(&format_args!(
        "{} records of the patient log decided twice, {} of them compared",
        contrast.replayed, contrast.compared
    ));
    if contrast.rows.is_empty() {
        output::line(&"\nNothing would have been gained or lost.");
    } else {
        output::line(&format_args!(
            "\n{:<16} {:<14} {:>9} {:>9}  change",
            "agency", "type", "events", "patients"
        ));
    }
    for (Row { agency, event_type, change }, Count { events, patients }) in &contrast.rows {
        output::line(&format_args!(
            "{agency:<16} {:<14} {:>9} {:>9}  {}",
            event_type.as_str(),
            Shown(*events),
            Shown(*patients),
            words(change)
        ));
        for line in details(change) {
            output::line(&format_args!("{:<53}{line}", ""));
        }
    }
    if !contrast.past.is_empty() {
        output::line(&format_args!("\n{CODE}: the proposal decides the past otherwise:"));
    }
    for it in &contrast.past {
        output::line(&format_args!(
            "  - version {} of {}, in effect since {}, {}",
            it.version,
            it.agency,
            it.effective_from,
            how(it.how)
        ));
    }
}

/// A version that has taken effect is otherwise in the proposal.
const CODE: &str = "SP-2051";

/// One change in a few words.
fn words(change: &Change) -> String {
    match change {
        Change::Delivered { was: Stood::Apart, .. } => {
            "newly delivered; did not concern it".to_owned()
        }
        Change::Delivered { was: Stood::Withheld(reason), .. } => {
            format!("newly delivered; was withheld ({reason})")
        }
        Change::Withheld { reason, .. } => format!("newly withheld ({reason})"),
        Change::Apart { .. } => "no longer delivered; would not concern it".to_owned(),
        Change::Reshaped { .. } => "delivered as before, but otherwise".to_owned(),
        Change::Refused { reason } => format!("would concern it, and be withheld ({reason})"),
        Change::CalledBack { reason } => format!("newly called back ({reason})"),
        Change::Kept { reason } => format!("no longer called back ({reason})"),
    }
}

/// What is gained and lost, a line each.
fn details(change: &Change) -> Vec<String> {
    let listed = |what: &str, fields: Vec<&str>| {
        (!fields.is_empty()).then(|| format!("{what}: {}", fields.join(", ")))
    };
    let all = |it: &Shape| -> Vec<String> {
        let fields = it.fields.iter().map(String::as_str).collect();
        let identity = format!("identity: {}", it.identity);
        let basis = format!("basis: {}, {}, for {}", it.basis, it.basis_source, it.purpose);
        listed("fields", fields).into_iter().chain([identity, basis]).collect()
    };
    match change {
        Change::Delivered { gained: shape, .. }
        | Change::Withheld { lost: shape, .. }
        | Change::Apart { lost: shape } => all(shape),
        Change::Refused { .. } | Change::CalledBack { .. } | Change::Kept { .. } => Vec::new(),
        Change::Reshaped { before, after } => {
            let gained = listed("fields gained", after.beyond(before).collect());
            let lost = listed("fields lost", before.beyond(after).collect());
            let becomes = |what: &str, before: String, after: String| {
                (before != after).then(|| format!("{what}: {before} becomes {after}"))
            };
            let identity =
                becomes("identity", before.identity.to_string(), after.identity.to_string());
            let basis = becomes("basis", before.basis.to_string(), after.basis.to_string());
            let source = becomes("law", before.basis_source.clone(), after.basis_source.clone());
            let purpose = becomes("purpose", before.purpose.to_owned(), after.purpose.to_owned());
            [gained, lost, identity, basis, source, purpose].into_iter().flatten().collect()
        }
    }
}

const fn how(how: How) -> &'static str {
    match how {
        How::Missing => "is missing",
        How::Changed => "says something else",
        How::Backdated => "is new",
    }
}

/// The same as JSON.
pub fn as_json(contrast: &Contrast) -> Value {
    let past = |it: &Rewritten| {
        json!({
            "code": CODE, "agency": it.agency, "version": it.version,
            "effective_from": it.effective_from.to_string(), "what": how(it.how),
        })
    };
    json!({
        "replayed": contrast.replayed, "compared": contrast.compared,
        "changes": contrast.rows.iter().map(row_json).collect::<Vec<_>>(),
        "past_rewritten": contrast.past.iter().map(past).collect::<Vec<_>>(),
    })
}

fn row_json((row, count): (&Row, &Count)) -> Value {
    let (kind, was, reason) = match &row.change {
        Change::Delivered { was: Stood::Apart, .. } => ("delivered", None, None),
        Change::Delivered { was: Stood::Withheld(reason), .. } => ("delivered", Some(reason), None),
        Change::Withheld { reason, .. } => ("withheld", None, Some(reason)),
        Change::Apart { .. } => ("no-longer-concerned", None, None),
        Change::Reshaped { .. } => ("reshaped", None, None),
        Change::Refused { reason } => ("concerned-and-withheld", None, Some(reason)),
        Change::CalledBack { reason } => ("called-back", None, Some(reason)),
        Change::Kept { reason } => ("no-longer-called-back", None, Some(reason)),
    };
    let (before, after) = match &row.change {
        Change::Delivered { gained, .. } => (None, Some(gained)),
        Change::Withheld { lost, .. } | Change::Apart { lost } => (Some(lost), None),
        Change::Reshaped { before, after } => (Some(before), Some(after)),
        Change::Refused { .. } | Change::CalledBack { .. } | Change::Kept { .. } => (None, None),
    };
    let beyond = |a: Option<&Shape>, b: Option<&Shape>| -> Vec<String> {
        let mut fields = a.map(|it| it.fields.clone()).unwrap_or_default();
        fields.retain(|it| b.is_none_or(|b| !b.fields.contains(it)));
        fields.into_iter().collect()
    };
    json!({
        "agency": row.agency, "type": row.event_type.as_str(), "change": kind,
        "events": Shown(count.events).json(), "patients": Shown(count.patients).json(),
        "was_withheld": was.map(|it| it.as_str()), "reason": reason.map(|it| it.as_str()),
        "fields_gained": beyond(after, before), "fields_lost": beyond(before, after),
        "before": before.map(grounds), "after": after.map(grounds),
    })
}

fn grounds(it: &Shape) -> Value {
    json!({
        "identity": it.identity.as_str(), "basis": it.basis.as_str(),
        "basis_source": it.basis_source, "purpose": it.purpose,
    })
}

#[cfg(test)]
mod tests {
    use saphan_model::EventType;
    use saphan_model::decision::WithholdReason;

    use super::*;

    #[test]
    fn small_numbers_are_hidden_in_text_and_json() {
        for (number, text, value) in [
            (0, "  0", json!(0)),
            (1, " <5", json!("<5")),
            (4, " <5", json!("<5")),
            (5, "  5", json!(5)),
            (123, "123", json!(123)),
        ] {
            assert_eq!(format!("{:>3}", Shown(number)), text);
            assert_eq!(Shown(number).json(), value);
        }
    }

    #[test]
    fn what_is_called_back_or_left_is_told_with_its_reason() {
        let reason = WithholdReason::DirectiveDeny;
        for (change, text, kind) in [
            (Change::CalledBack { reason }, "newly called back", "called-back"),
            (Change::Kept { reason }, "no longer called back", "no-longer-called-back"),
        ] {
            assert_eq!(words(&change), format!("{text} (directive-deny)"));
            assert!(details(&change).is_empty());
            let row = Row { agency: "phr".to_owned(), event_type: EventType::Encounter, change };
            let json = row_json((&row, &Count { events: 7, patients: 3 }));
            let told = ["change", "reason", "events", "patients"].map(|it| json[it].clone());
            assert_eq!(told, [json!(kind), json!("directive-deny"), json!(7), json!("<5")]);
        }
    }
}
