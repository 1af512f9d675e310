//! What is to be done with one record of the patient log, for every agency it concerns.

use saphan_model::contract::BasisKind;
use saphan_model::decision::{Outcome, OutcomeKind, WithholdReason};
use saphan_model::envelope::Retracted;
use saphan_model::{Envelope, EventType, Timestamp};

use crate::agencies::{AgencyIndex, AgencySet};
use crate::consent::{PatientConsent, Verdict};
use crate::filter;
use crate::permit::{Permitted, Recall};
use crate::table::{RouteTable, RuleEntry};
use crate::verdict::{Facts, verdict};

/// What a decision reads of a record: never its body.
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'e> {
    /// The envelope.
    pub envelope: &'e Envelope,
    /// Whether it says that something is so, or no longer so.
    pub kind: RecordKind,
}

/// The two kinds of record. Directives and links are puts that no agency receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// The event is so.
    Put,
    /// The event is no longer so.
    Retract {
        /// What it was.
        retracted_type: EventType,
    },
}

impl RecordView<'_> {
    /// The type decided about: the retracted one for a retraction.
    pub const fn decided_type(&self) -> EventType {
        match self.kind {
            RecordKind::Put => self.envelope.event_type,
            RecordKind::Retract { retracted_type } => retracted_type,
        }
    }
}

/// What is done for one agency.
#[derive(Debug, PartialEq, Eq)]
pub enum Action<'e> {
    /// Write the event to its topic.
    Deliver(Permitted<'e>),
    /// Write nothing: it is a candidate, but may not have it.
    Withhold(Withheld),
    /// Write a retraction to its topic: it holds the event and shall no longer.
    Retract(Recall),
}

/// A lawful no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Who does not receive it.
    pub agency: AgencyIndex,
    /// Why.
    pub reason: WithholdReason,
    /// The directive that denied, where consent did.
    pub directive_id: Option<String>,
    /// The contract version that decided.
    pub contract_version: u32,
}

/// Everything to be done with a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan<'e> {
    /// At most one per agency, by agency id.
    pub actions: Vec<Action<'e>>,
    /// Who holds the event afterwards: exactly those delivered to.
    pub held_after: AgencySet,
    held_before: AgencySet,
}

/// Decides one record.
///
/// A put reaches every agency whose contract in effect at `now` (the record's append time) has a
/// rule for the type whose filter the record satisfies. A holder that is no longer such a candidate,
/// or may no longer have the event, receives a retraction. A retraction record reaches every holder
/// and nobody else. `held` comes from [`RouteTable::holders`] or an earlier plan of the same event.
pub fn plan<'e>(
    table: &RouteTable,
    consent: &PatientConsent,
    held: AgencySet,
    now: Timestamp,
    record: RecordView<'e>,
) -> Plan<'e> {
    let mut plan = Plan { actions: Vec::new(), held_after: AgencySet::NONE, held_before: held };
    let decided_type = record.decided_type();
    // Every holder is among them: it received the event by a rule for its type.
    for agency in table.agencies_for(decided_type).iter() {
        let candidate = match record.kind {
            RecordKind::Put => table
                .rule_at(agency, decided_type, now)
                .filter(|it| filter::admits(&it.rule.filter, record.envelope)),
            RecordKind::Retract { .. } => None,
        };
        let action = match candidate {
            Some(entry) => Some(decide(table, consent, held, now, record.envelope, &entry)),
            None => recall(table, held, agency, decided_type, now, record.envelope),
        };
        if matches!(action, Some(Action::Deliver(_))) {
            plan.held_after = plan.held_after.with(agency);
        }
        plan.actions.extend(action);
    }
    plan
}

/// The action for a candidate.
fn decide<'e>(
    table: &RouteTable,
    consent: &PatientConsent,
    held: AgencySet,
    now: Timestamp,
    envelope: &'e Envelope,
    entry: &RuleEntry<'_>,
) -> Action<'e> {
    let recipient = table.id_of(entry.agency).as_str();
    let (agency, contract_version) = (entry.agency, entry.contract.version);
    let (reason, directive_id) =
        match verdict(consent, now, Facts::of(envelope), recipient, entry.rule) {
            Verdict::Permit { directive_id } => {
                return Action::Deliver(Permitted {
                    envelope,
                    agency,
                    rule: entry.id,
                    contract_version,
                    basis: entry.rule.basis,
                    directive_id: directive_id.map(str::to_owned),
                });
            }
            Verdict::Withhold { reason, directive_id } => (reason, directive_id.map(str::to_owned)),
        };
    if held.contains(agency) {
        let reason = Some(reason);
        Action::Retract(Recall {
            event: Retracted::by(envelope),
            event_type: envelope.event_type,
            agency,
            rule: entry.id,
            contract_version,
            reason,
            directive_id,
        })
    } else {
        Action::Withhold(Withheld { agency, reason, directive_id, contract_version })
    }
}

/// Would this consent, asked at `now`, permit the delivery as well? Always, where the basis is not
/// consent.
pub fn still_permits(
    table: &RouteTable,
    consent: &PatientConsent,
    permitted: &Permitted<'_>,
    now: Timestamp,
) -> bool {
    let recipient = table.id_of(permitted.agency).as_str();
    let rule = table.entry(permitted.rule).rule;
    verdict(consent, now, Facts::of(permitted.envelope), recipient, rule).permits()
}

/// The action for an agency the record does not concern: nothing, or a retraction to a holder.
fn recall<'e>(
    table: &RouteTable,
    held: AgencySet,
    agency: AgencyIndex,
    decided_type: EventType,
    now: Timestamp,
    envelope: &'e Envelope,
) -> Option<Action<'e>> {
    if !held.contains(agency) {
        return None;
    }
    let entry = table.rule_for_recall(agency, decided_type, now)?;
    Some(Action::Retract(Recall {
        event: Retracted::by(envelope),
        event_type: decided_type,
        agency,
        rule: entry.id,
        contract_version: entry.contract.version,
        reason: None,
        directive_id: None,
    }))
}

impl<'e> Plan<'e> {
    /// Withholds what the caller knows to be revoked since the record was appended. It can only
    /// take away: a delivery that rests on consent and for which `revoked` is true becomes a
    /// retraction for a holder and a withholding for anyone else.
    #[must_use]
    pub fn revoke(mut self, revoked: impl Fn(&Permitted<'e>) -> bool) -> Self {
        let mut actions = Vec::with_capacity(self.actions.len());
        for action in self.actions {
            actions.push(match action {
                Action::Deliver(it) if it.basis == BasisKind::Consent && revoked(&it) => {
                    self.held_after = self.held_after.without(it.agency);
                    take_back(it, self.held_before)
                }
                other => other,
            });
        }
        self.actions = actions;
        self
    }

    /// Of those who hold the event afterwards, the ones whose rule calls it back when consent no
    /// longer permits it.
    pub fn recallable(&self, table: &RouteTable) -> AgencySet {
        let delivered = self.actions.iter().filter_map(|it| match it {
            Action::Deliver(it) => Some(it),
            Action::Withhold(_) | Action::Retract(_) => None,
        });
        let calls_back = |it: &&Permitted<'_>| table.entry(it.rule).rule.calls_back();
        delivered.filter(calls_back).map(|it| it.agency).collect()
    }

    /// What `decision.v1` says of the plan, in the same order.
    pub fn outcomes(&self, table: &RouteTable) -> Vec<Outcome> {
        self.actions.iter().map(|it| it.outcome(table)).collect()
    }
}

fn take_back(it: Permitted<'_>, held_before: AgencySet) -> Action<'_> {
    let reason = WithholdReason::RevokedOverlay;
    let Permitted { envelope, agency, rule, contract_version, directive_id, .. } = it;
    if held_before.contains(agency) {
        Action::Retract(Recall {
            event: Retracted::by(envelope),
            event_type: envelope.event_type,
            agency,
            rule,
            contract_version,
            reason: Some(reason),
            directive_id,
        })
    } else {
        Action::Withhold(Withheld { agency, reason, directive_id, contract_version })
    }
}

impl Action<'_> {
    /// The agency it is about.
    pub const fn agency(&self) -> AgencyIndex {
        match self {
            Self::Deliver(it) => it.agency,
            Self::Withhold(it) => it.agency,
            Self::Retract(it) => it.agency,
        }
    }

    /// What `decision.v1` says of it.
    pub fn outcome(&self, table: &RouteTable) -> Outcome {
        let (kind, reason, basis, directive_id, version) = match self {
            Self::Deliver(it) => (
                OutcomeKind::Delivered,
                None,
                Some(it.basis),
                &it.directive_id,
                it.contract_version,
            ),
            Self::Withhold(it) => (
                OutcomeKind::Withheld,
                Some(it.reason),
                None,
                &it.directive_id,
                it.contract_version,
            ),
            Self::Retract(it) => {
                (OutcomeKind::Retracted, it.reason, None, &it.directive_id, it.contract_version)
            }
        };
        Outcome {
            agency: table.id_of(self.agency()).as_str().to_owned(),
            kind,
            reason,
            basis,
            directive_id: directive_id.clone(),
            contract_version: i32::try_from(version).unwrap_or(i32::MAX),
        }
    }
}
