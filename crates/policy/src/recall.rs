//! What is to be called back after a change of consent: events an agency received under a rule that
//! says so, and that the patient's directives no longer permit it.

use saphan_model::contract::BasisKind;
use saphan_model::decision::Recalled;
use saphan_model::envelope::Retracted;
use saphan_model::label::Labels;
use saphan_model::{EventType, Timestamp};

use crate::agencies::AgencySet;
use crate::consent::{PatientConsent, Verdict};
use crate::permit::Recall;
use crate::table::RouteTable;
use crate::verdict::{Facts, verdict};

/// An event as its holders received it.
#[derive(Clone, Copy, Debug)]
pub struct HeldEvent<'h> {
    /// What a retraction would say of it.
    pub event: Retracted,
    /// Its type.
    pub event_type: EventType,
    /// The reporting facility, 5-digit code.
    pub facility: &'h str,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Its sensitivity labels.
    pub labels: Labels,
    /// Who received it by a rule that calls it back, from [`crate::Plan::recallable`].
    pub recallable: AgencySet,
}

/// Asks again, for each agency that would be told, whether it may have the event: at most one recall
/// an agency, by agency id. Asked is the rule of today (`now`), or the last one before it that named
/// the type; a right that rests on consent no longer is not the patient's to end, so nothing is called
/// back then.
pub fn recalls(
    table: &RouteTable,
    consent: &PatientConsent,
    now: Timestamp,
    held: &HeldEvent<'_>,
) -> Vec<Recall> {
    let HeldEvent { event, event_type, facility, occurred_at, labels, recallable } = *held;
    let facts = Facts { event_type, labels, facility, occurred_at };
    let refused = recallable.iter().filter_map(|agency| {
        let entry = table.rule_for_recall(agency, event_type, now)?;
        if entry.rule.basis != BasisKind::Consent {
            return None;
        }
        let recipient = table.id_of(agency).as_str();
        match verdict(consent, now, facts, recipient, entry.rule) {
            Verdict::Permit { .. } => None,
            Verdict::Withhold { reason, directive_id } => Some(Recall {
                event,
                event_type,
                agency,
                rule: entry.id,
                contract_version: entry.contract.version,
                reason: Some(reason),
                directive_id: directive_id.map(str::to_owned),
            }),
        }
    });
    refused.collect()
}

impl Recall {
    /// What `decision.v1` says of a recall from [`recalls`]; `facility` reported the event. None for a
    /// retraction that has another cause than consent.
    pub fn recalled(&self, table: &RouteTable, facility: &str) -> Option<Recalled> {
        Some(Recalled {
            event_id: self.event.event_id,
            event_type: self.event_type,
            facility: facility.to_owned(),
            agency: table.id_of(self.agency).as_str().to_owned(),
            reason: self.reason?,
            directive_id: self.directive_id.clone(),
            contract_version: i32::try_from(self.contract_version).unwrap_or(i32::MAX),
        })
    }
}
