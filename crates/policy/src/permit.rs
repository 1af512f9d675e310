//! The two values that open an agency topic. Only [`crate::plan`] and [`crate::recalls`] make them.

use saphan_model::contract::BasisKind;
use saphan_model::decision::WithholdReason;
use saphan_model::envelope::Retracted;
use saphan_model::{Envelope, EventType};

use crate::agencies::AgencyIndex;
use crate::table::RuleId;

/// Proof that one agency may receive one record, and why. Whoever writes to an agency topic must
/// hold one; it cannot be made outside this crate, copied, or carried to another record.
///
/// Reading one is free:
/// ```
/// fn recipient(permitted: &saphan_policy::Permitted<'_>) -> saphan_policy::AgencyIndex {
///     permitted.agency()
/// }
/// ```
/// Making one does not compile, since its fields are private:
/// ```compile_fail,E0451
/// fn forge<'e>(
///     from: &saphan_policy::Permitted<'_>,
///     envelope: &'e saphan_model::Envelope,
/// ) -> saphan_policy::Permitted<'e> {
///     saphan_policy::Permitted {
///         envelope,
///         agency: from.agency(),
///         rule: from.rule(),
///         contract_version: from.contract_version(),
///         basis: from.basis(),
///         directive_id: None,
///     }
/// }
/// ```
/// Nor does using one twice:
/// ```compile_fail,E0308
/// fn twice(permitted: &saphan_policy::Permitted<'_>) -> saphan_policy::Permitted<'_> {
///     permitted.clone()
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Permitted<'e> {
    pub(crate) envelope: &'e Envelope,
    pub(crate) agency: AgencyIndex,
    pub(crate) rule: RuleId,
    pub(crate) contract_version: u32,
    pub(crate) basis: BasisKind,
    pub(crate) directive_id: Option<String>,
}

impl<'e> Permitted<'e> {
    /// The record it was made for.
    pub const fn envelope(&self) -> &'e Envelope {
        self.envelope
    }
    /// The recipient.
    pub const fn agency(&self) -> AgencyIndex {
        self.agency
    }
    /// The rule that allows it: its fields and identity are the shape of the delivery.
    pub const fn rule(&self) -> RuleId {
        self.rule
    }
    /// The contract version that decided.
    pub const fn contract_version(&self) -> u32 {
        self.contract_version
    }
    /// What it rests on.
    pub const fn basis(&self) -> BasisKind {
        self.basis
    }
    /// The directive that permitted, where the basis is consent.
    pub fn directive_id(&self) -> Option<&str> {
        self.directive_id.as_deref()
    }
}

/// Proof that one agency holds an event it must be told to drop. Carries no data of the event, so
/// a retraction tells the agency only what it held before.
///
/// ```compile_fail,E0451
/// fn forge(from: &saphan_policy::Recall) -> saphan_policy::Recall {
///     saphan_policy::Recall {
///         event: *from.event(),
///         event_type: from.event_type(),
///         agency: from.agency(),
///         rule: from.rule(),
///         contract_version: from.contract_version(),
///         reason: None,
///         directive_id: None,
///     }
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Recall {
    pub(crate) event: Retracted,
    pub(crate) event_type: EventType,
    pub(crate) agency: AgencyIndex,
    pub(crate) rule: RuleId,
    pub(crate) contract_version: u32,
    pub(crate) reason: Option<WithholdReason>,
    pub(crate) directive_id: Option<String>,
}

impl Recall {
    /// The event to drop.
    pub const fn event(&self) -> &Retracted {
        &self.event
    }
    /// Its type.
    pub const fn event_type(&self) -> EventType {
        self.event_type
    }
    /// The holder.
    pub const fn agency(&self) -> AgencyIndex {
        self.agency
    }
    /// The rule by which it received the event: gives topic, schema and identity.
    pub const fn rule(&self) -> RuleId {
        self.rule
    }
    /// The contract version of that rule.
    pub const fn contract_version(&self) -> u32 {
        self.contract_version
    }
    /// Set when the holder may no longer have the event; none when the event was taken back or no
    /// longer concerns the agency.
    pub const fn reason(&self) -> Option<WithholdReason> {
        self.reason
    }
    /// The directive that denied, where consent did.
    pub fn directive_id(&self) -> Option<&str> {
        self.directive_id.as_deref()
    }
}
