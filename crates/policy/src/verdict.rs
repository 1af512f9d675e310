//! May an agency have an event by one rule? The question behind a delivery, and behind calling one back.

use saphan_model::contract::{BasisKind, Rule};
use saphan_model::decision::WithholdReason;
use saphan_model::label::Labels;
use saphan_model::{Envelope, EventType, Timestamp};

use crate::consent::{self, PatientConsent, Question, Verdict};

/// What the answer depends on, of the event.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'e> {
    pub event_type: EventType,
    pub labels: Labels,
    pub facility: &'e str,
    pub occurred_at: Timestamp,
}

impl<'e> Facts<'e> {
    pub(crate) fn of(envelope: &'e Envelope) -> Self {
        Self {
            event_type: envelope.event_type,
            labels: envelope.labels,
            facility: &envelope.facility,
            occurred_at: envelope.occurred_at,
        }
    }
}

/// Label ceiling first, then the basis. Only consent can be refused by a directive.
pub(crate) fn verdict<'c>(
    consent: &'c PatientConsent,
    now: Timestamp,
    facts: Facts<'_>,
    recipient: &str,
    rule: &Rule,
) -> Verdict<'c> {
    if !facts.labels.within(rule.labels) {
        return Verdict::Withhold { reason: WithholdReason::LabelCeiling, directive_id: None };
    }
    match rule.basis {
        BasisKind::Statute | BasisKind::CareReferral | BasisKind::VitalInterest => {
            Verdict::Permit { directive_id: None }
        }
        BasisKind::Consent => {
            let question = Question {
                recipient,
                purpose: rule.purpose,
                event_type: facts.event_type,
                labels: facts.labels,
                facility: facts.facility,
                occurred_on: facts.occurred_at.thai_date(),
                now,
            };
            consent::decide(consent, &question)
        }
    }
}
