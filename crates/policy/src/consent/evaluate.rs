//! The rules of `consent`, carried out. Recursion is bounded by `PROVISION_DEPTH_MAX`.

use saphan_model::EventId;
use saphan_model::Timestamp;
use saphan_model::admission::HeldDirective;
use saphan_model::decision::WithholdReason;
use saphan_model::directive::{Directive, Effect, Provision};
use saphan_model::label::Labels;
use saphan_model::limits::{PROVISION_DEPTH_MAX, PROVISIONS_MAX};

use super::{PatientConsent, Question, Verdict};

/// Answers one question from a patient's directives.
pub fn decide<'c>(consent: &'c PatientConsent, question: &Question<'_>) -> Verdict<'c> {
    if !consent.readable() {
        return withhold(WithholdReason::Unreadable, None);
    }
    let in_force: Vec<_> =
        consent.held().iter().filter(|it| in_force(&it.directive, question.now)).collect();
    if in_force.is_empty() {
        return withhold(
            if consent.held().is_empty() {
                WithholdReason::NoDirective
            } else {
                WithholdReason::DirectiveNotInForce
            },
            None,
        );
    }
    let mut search = Search { question, best: None, uncovered: None };
    for held in &in_force {
        if !within_limits(&held.directive) {
            return withhold(WithholdReason::Unreadable, Some(held));
        }
        search.provisions(held, &held.directive.provisions, 1, Dimensions::NONE);
    }
    match search.best {
        Some(Finding { rank, held }) if rank.deny => {
            withhold(WithholdReason::DirectiveDeny, Some(held))
        }
        Some(Finding { held, .. }) => permit(held),
        None => by_base(&in_force, question.labels, search.uncovered),
    }
}

/// No provision decides: the bases do.
fn by_base<'c>(
    in_force: &[&'c HeldDirective],
    labels: Labels,
    uncovered: Option<&'c HeldDirective>,
) -> Verdict<'c> {
    if let Some(held) = uncovered {
        return withhold(WithholdReason::LabelNotPermitted, Some(held));
    }
    let newest = |base| {
        let of_base = in_force.iter().copied().filter(move |it| it.directive.base == base);
        of_base.max_by_key(|it| (it.directive.given_at, it.event_id))
    };
    match (newest(Effect::Deny), newest(Effect::Permit)) {
        (Some(held), _) => withhold(WithholdReason::DirectiveDeny, Some(held)),
        (None, Some(held)) if labels.is_empty() => permit(held),
        (None, held) => withhold(WithholdReason::LabelNotPermitted, held),
    }
}

/// The most specific provision found so far.
struct Search<'q, 'c> {
    question: &'q Question<'q>,
    best: Option<Finding<'c>>,
    /// A directive with a permit that fits but does not cover the event's labels.
    uncovered: Option<&'c HeldDirective>,
}

#[derive(Clone, Copy)]
struct Finding<'c> {
    rank: Rank,
    held: &'c HeldDirective,
}

/// Compared field by field: the greatest decides. The last two only choose which of several equal
/// directives is named.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    depth: usize,
    dimensions: u32,
    deny: bool,
    given_at: Timestamp,
    event_id: EventId,
}

impl<'c> Search<'_, 'c> {
    fn provisions(
        &mut self,
        held: &'c HeldDirective,
        provisions: &'c [Provision],
        depth: usize,
        around: Dimensions,
    ) {
        for provision in provisions {
            if !reaches(provision, self.question) {
                continue;
            }
            let named = around.and(Dimensions::of(provision));
            let deny = provision.effect == Effect::Deny;
            if deny || self.question.labels.within(provision.labels) {
                let rank = Rank {
                    depth,
                    dimensions: named.count(),
                    deny,
                    given_at: held.directive.given_at,
                    event_id: held.event_id,
                };
                let found = Finding { rank, held };
                self.best = self.best.into_iter().chain([found]).max_by_key(|it| it.rank);
            } else {
                self.uncovered = self.uncovered.or(Some(held));
            }
            self.provisions(held, &provision.exceptions, depth + 1, named);
        }
    }
}

/// Does everything the provision names fit the question? Coverage of labels is asked apart.
fn reaches(provision: &Provision, question: &Question<'_>) -> bool {
    fits(&provision.recipients, |it| it == question.recipient)
        && fits(&provision.purposes, |it| *it == question.purpose)
        && fits(&provision.types, |it| *it == question.event_type)
        && fits(&provision.facilities, |it| it == question.facility)
        && (provision.labels.is_empty() || provision.labels.meets(question.labels))
        && provision.data_from.is_none_or(|it| it <= question.occurred_on)
        && provision.data_until.is_none_or(|it| question.occurred_on <= it)
}

fn fits<T>(named: &[T], matches: impl Fn(&T) -> bool) -> bool {
    named.is_empty() || named.iter().any(matches)
}

/// Which dimensions a provision and those around it name, one bit each.
#[derive(Clone, Copy)]
struct Dimensions(u8);

impl Dimensions {
    const NONE: Self = Self(0);

    fn of(provision: &Provision) -> Self {
        let period = provision.data_from.is_some() || provision.data_until.is_some();
        let named = [
            !provision.recipients.is_empty(),
            !provision.purposes.is_empty(),
            !provision.types.is_empty(),
            !provision.labels.is_empty(),
            !provision.facilities.is_empty(),
            period,
        ];
        Self(named.iter().enumerate().map(|(bit, named)| u8::from(*named) << bit).sum())
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn count(self) -> u32 {
        self.0.count_ones()
    }
}

fn in_force(directive: &Directive, now: Timestamp) -> bool {
    directive.active
        && directive.valid_from.is_none_or(|it| it <= now)
        && directive.valid_until.is_none_or(|it| now < it)
}

fn within_limits(directive: &Directive) -> bool {
    /// The provisions in the tree, or none when it is too deep.
    fn count(provisions: &[Provision], depth: usize) -> Option<usize> {
        if provisions.is_empty() {
            return Some(0);
        }
        if depth > PROVISION_DEPTH_MAX {
            return None;
        }
        let inner = provisions.iter().map(|it| count(&it.exceptions, depth + 1));
        Some(provisions.len() + inner.sum::<Option<usize>>()?)
    }
    count(&directive.provisions, 1).is_some_and(|it| it <= PROVISIONS_MAX)
}

fn permit(held: &HeldDirective) -> Verdict<'_> {
    Verdict::Permit { directive_id: Some(&held.directive.directive_id) }
}

fn withhold(reason: WithholdReason, held: Option<&HeldDirective>) -> Verdict<'_> {
    Verdict::Withhold { reason, directive_id: held.map(|it| it.directive.directive_id.as_str()) }
}
