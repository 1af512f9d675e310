//! What a person's directives say about one delivery.
//!
//! The templates of this generator never leave two provisions of different effect equally
//! specific, so a plain reading suffices: of the provisions that reach, an exception beats the
//! provision it stands in, a deny beats a permit, and where none reaches the base speaks. A permit
//! or a base of permit covers a labelled event only by naming its labels; a base names none.

use crate::consent::{Directive, Effect, Provision, Validity};
use crate::feed::EventType;

/// One delivery in question.
pub struct Question<'q> {
    /// The agency.
    pub recipient: &'q str,
    /// Its purpose.
    pub purpose: &'q str,
    /// The event's type.
    pub event_type: EventType,
    /// The event's labels.
    pub labels: &'q [&'static str],
}

/// Is it permitted? Without a directive in force it is not.
pub fn permits<'d>(
    directives: impl Iterator<Item = &'d Directive>,
    question: &Question<'_>,
) -> bool {
    let mut permitted = false;
    for directive in directives {
        if !directive.active || directive.validity == Validity::Over {
            continue;
        }
        let covered = question.labels.is_empty();
        let base = match directive.base {
            Effect::Permit if covered => Effect::Permit,
            _ => Effect::Deny,
        };
        match among(&directive.provisions, question).unwrap_or(base) {
            Effect::Permit => permitted = true,
            Effect::Deny => return false,
        }
    }
    permitted
}

fn among(provisions: &[Provision], question: &Question<'_>) -> Option<Effect> {
    let effects = provisions.iter().filter_map(|it| effect(it, question));
    effects.reduce(|one, other| if one == Effect::Deny { one } else { other })
}

/// The effect of a provision that reaches, its exceptions heard.
fn effect(provision: &Provision, question: &Question<'_>) -> Option<Effect> {
    let any = |named: &[&str], it: &str| named.is_empty() || named.contains(&it);
    let reaches = any(&provision.recipients, question.recipient)
        && any(&provision.purposes, question.purpose)
        && (provision.types.is_empty() || provision.types.contains(&question.event_type));
    if !reaches {
        return None;
    }
    let exception = among(&provision.exceptions, question);
    let labels = &provision.labels;
    let own = match provision.effect {
        Effect::Permit => {
            question.labels.iter().all(|it| labels.contains(it))
                && (labels.is_empty() || !question.labels.is_empty())
        }
        Effect::Deny => labels.is_empty() || question.labels.iter().any(|it| labels.contains(it)),
    };
    exception.or(own.then_some(provision.effect))
}
