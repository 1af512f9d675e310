//! What a patient's consent directives say about one question: may this recipient have this event,
//! for this purpose, now? After FHIR R4 Consent and IHE Privacy Consent on FHIR.
//!
//! In plain words:
//!
//! 1. A directive is **in force** when it is active and the instant lies between `valid_from`
//!    (inclusive) and `valid_until` (exclusive). The others are set aside.
//! 2. A directive is a **base** (permit or deny) with **provisions**, the exceptions to it. A
//!    provision may hold exceptions of its own, to any depth the limits allow.
//! 3. A provision **reaches** the question when everything it names fits: recipient, purpose, type of
//!    event, facility, day of the event. What it does not name fits anything. An exception inside a
//!    provision is asked only when the outer provision reaches.
//! 4. **Labels** are stricter. A provision that names labels reaches only events with one of them. A
//!    permit covers a labelled event only when it names itself all labels of the event; a permit
//!    without labels, and a base of permit, never do. A deny without labels reaches everything.
//! 5. Of all provisions that reach, from all directives in force, **the most specific wins**: the
//!    deeper exception first, then the one that names more dimensions (recipient, purpose, type,
//!    labels, facility, period; an exception counts those of the provisions around it too).
//!    **Deny wins a tie.**
//! 6. Where none reaches, the bases speak: one base of deny among the directives in force denies;
//!    otherwise the base of permit permits.
//! 7. No directive at all: withheld. Only directives not in force: withheld. A directive beyond the
//!    limits of the platform cannot be trusted to be read whole: withheld.

mod evaluate;
mod fold;
mod remarks;

use saphan_model::decision::WithholdReason;
use saphan_model::directive::Purpose;
use saphan_model::label::Labels;
use saphan_model::{Date, EventType, Timestamp};

pub use evaluate::decide;
pub use fold::PatientConsent;
pub use remarks::{Remark, RulePath, remarks};

/// What is asked of the directives.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Who would receive the event: an agency id.
    pub recipient: &'q str,
    /// What for.
    pub purpose: Purpose,
    /// The type of the event.
    pub event_type: EventType,
    /// Its sensitivity labels.
    pub labels: Labels,
    /// The reporting facility, 5-digit code.
    pub facility: &'q str,
    /// The Thai day on which it happened.
    pub occurred_on: Date,
    /// The instant of the question: the record's append time when routing.
    pub now: Timestamp,
}

/// What they answer, with the directive that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'c> {
    /// Yes.
    Permit {
        /// None where the basis is not consent.
        directive_id: Option<&'c str>,
    },
    /// No.
    Withhold {
        /// Why.
        reason: WithholdReason,
        /// None where no single directive decided.
        directive_id: Option<&'c str>,
    },
}

impl Verdict<'_> {
    /// Is it a yes?
    pub const fn permits(&self) -> bool {
        matches!(self, Self::Permit { .. })
    }
}
