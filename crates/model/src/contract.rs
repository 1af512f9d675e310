//! Agency contracts: what an agency may receive, why, and in which shape.

use crate::directive::Purpose;
use crate::facets::SchemeGroup;
use crate::ids::AgencyId;
use crate::label::Labels;
use crate::wire_enum::wire_enum;
use crate::{EventType, Timestamp};

wire_enum! {
    /// What the law rests a delivery on.
    pub enum BasisKind {
        /// The patient's consent (PDPA s.26; National Health Act s.7).
        Consent = "consent",
        /// A law that orders it; the contract names law and section.
        Statute = "statute",
        /// A referral in the patient's care, to the facility addressed.
        CareReferral = "care-referral",
        /// Danger to life while the person cannot consent (PDPA s.26(1)).
        VitalInterest = "vital-interest",
    }
}

wire_enum! {
    /// How a recipient may know the patient.
    pub enum IdentityMode {
        /// Not at all.
        None = "none",
        /// By a pseudonym no other agency shares.
        AgencyPseudonym = "agency-pseudonym",
        /// By citizen id, opened for this delivery only.
        CitizenId = "citizen-id",
    }
}

wire_enum! {
    /// What becomes of an event an agency received by consent once consent no longer permits it.
    pub enum OnRevoke {
        /// The agency keeps it until the event itself changes.
        Keep = "keep",
        /// The agency is told at once to drop it.
        Retract = "retract",
    }
}

/// One version of one agency's contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    /// The recipient.
    pub agency: AgencyId,
    /// Its name in Thai and English, for pages.
    pub name_th: String,
    /// English name.
    pub name_en: String,
    /// Counts up with each change.
    pub version: u32,
    /// Compared with a record's append time, never with a wall clock.
    pub effective_from: Timestamp,
    /// What it receives, one rule per event type.
    pub rules: Vec<Rule>,
}

/// What a contract says about one event type.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The type.
    pub event_type: EventType,
    /// Why the agency receives it.
    pub purpose: Purpose,
    /// On which basis.
    pub basis: BasisKind,
    /// The law and section, or the agreement, behind the basis.
    pub basis_source: String,
    /// Which events of the type.
    pub filter: Filter,
    /// Paths of the body's fields it receives, e.g. `diagnoses.code`; envelope fields as `envelope.facility`.
    pub fields: Vec<String>,
    /// How it may know the patient.
    pub identity: IdentityMode,
    /// Sensitivity labels it may ever see.
    pub labels: Labels,
    /// What a change of consent does to events the agency received by this rule.
    pub on_revoke: OnRevoke,
}

impl Rule {
    /// Is what the rule delivers called back when consent no longer permits it?
    pub fn calls_back(&self) -> bool {
        self.basis == BasisKind::Consent && self.on_revoke == OnRevoke::Retract
    }
}

/// Conditions over facets; all that are given must hold, an empty list means "any".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Health regions of the reporting facility.
    pub regions: Vec<i32>,
    /// Reporting facilities.
    pub facilities: Vec<String>,
    /// Payment schemes.
    pub schemes: Vec<SchemeGroup>,
    /// Only events that show a notifiable disease.
    pub notifiable: bool,
    /// Only these report-506 codes (implies `notifiable`).
    pub notifiable_codes: Vec<String>,
    /// Only referrals or replies whose counterpart is one of these facilities.
    pub counterparts: Vec<String>,
}
