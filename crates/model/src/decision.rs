//! What the platform decided about one record, for each agency that was a candidate.

use crate::contract::BasisKind;
use crate::ids::{EventId, Revision};
use crate::wire_enum::wire_enum;
use crate::{EventType, Timestamp};

wire_enum! {
    /// Why a candidate did not receive a record. Closed; each has a page, a sentence for the citizen
    /// and one for the agency.
    pub enum WithholdReason {
        /// The event carries a sensitivity label the contract may never see.
        LabelCeiling = "label-ceiling",
        /// The basis is consent and no directive speaks of it.
        NoDirective = "no-directive",
        /// A directive denies it.
        DirectiveDeny = "directive-deny",
        /// Directives exist, but all are expired, withdrawn or not yet in force.
        DirectiveNotInForce = "directive-not-in-force",
        /// A permit exists, but not for the event's sensitivity label.
        LabelNotPermitted = "label-not-permitted",
        /// Revoked after the record was appended and before it was sent.
        RevokedOverlay = "revoked-overlay",
        /// Something needed for the decision could not be read.
        Unreadable = "unreadable",
    }
}

wire_enum! {
    /// What was done for one candidate.
    pub enum OutcomeKind {
        /// The event was written to the agency's topic.
        Delivered = "delivered",
        /// Nothing was written.
        Withheld = "withheld",
        /// The agency held an earlier revision and received a retraction.
        Retracted = "retracted",
    }
}

/// One candidate's outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The agency.
    pub agency: String,
    /// What was done.
    pub kind: OutcomeKind,
    /// Set when withheld; also when retracted because it is now withheld.
    pub reason: Option<WithholdReason>,
    /// Set when delivered.
    pub basis: Option<BasisKind>,
    /// The directive that decided, where consent did.
    pub directive_id: Option<String>,
    /// The contract version that decided.
    pub contract_version: i32,
}

/// An event called back from an agency because of a change of consent: another event than the one
/// the decision is about, which is the directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// The event the agency held.
    pub event_id: EventId,
    /// Its type.
    pub event_type: EventType,
    /// The facility that reported it.
    pub facility: String,
    /// The agency told to drop it.
    pub agency: String,
    /// Why it may no longer have it.
    pub reason: WithholdReason,
    /// The directive that decided, where one did.
    pub directive_id: Option<String>,
    /// The contract version that decided.
    pub contract_version: i32,
}

/// One record of `decision.v1`: exactly one per record of the patient log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Partition of `patient.log.v1`.
    pub partition: i32,
    /// Offset in it.
    pub offset: i64,
    /// Log-append time of the record: the clock the decision saw.
    pub appended_at: Timestamp,
    /// The event.
    pub event_id: EventId,
    /// Its content.
    pub revision: Revision,
    /// The type decided about: the retracted one for a retraction.
    pub event_type: EventType,
    /// Reporting facility.
    pub facility: String,
    /// One per candidate or former holder, by agency id.
    pub outcomes: Vec<Outcome>,
    /// What a change of consent called back, by event and agency; none but for directives.
    pub recalls: Vec<Recalled>,
}
