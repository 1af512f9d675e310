//! Consent directives, after FHIR R4 Consent and IHE Privacy Consent on FHIR.

use crate::label::Labels;
use crate::private::Private;
use crate::wire_enum::wire_enum;
use crate::{Date, EventType, Timestamp};

wire_enum! {
    /// What a directive or provision does.
    pub enum Effect {
        /// Allows.
        Permit = "permit",
        /// Forbids.
        Deny = "deny",
    }
}

wire_enum! {
    /// HL7 PurposeOfUse: why data is asked for.
    pub enum Purpose {
        /// TREAT: treatment.
        Treatment = "TREAT",
        /// ETREAT: emergency treatment.
        EmergencyTreatment = "ETREAT",
        /// HPAYMT: payment.
        Payment = "HPAYMT",
        /// PUBHLTH: public health.
        PublicHealth = "PUBHLTH",
        /// HOPERAT: operation and planning of the health system.
        Operations = "HOPERAT",
        /// PATRQT: the patient's own request.
        PatientRequest = "PATRQT",
    }
}

wire_enum! {
    /// Who gave the directive.
    pub enum Grantor {
        /// The patient.
        Patient = "patient",
        /// Someone with authority over the patient.
        Guardian = "guardian",
    }
}

wire_enum! {
    /// How it was given.
    pub enum Method {
        /// By the grantor's own hand in an application.
        Electronic = "electronic",
        /// On paper before a witness at a facility.
        WitnessedPaper = "witnessed-paper",
    }
}

/// A patient's standing instruction. The newest revision of one directive id holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Directive {
    /// The directive's own name, chosen by the recording system; not derived from the person.
    pub directive_id: String,
    /// False once withdrawn.
    pub active: bool,
    /// What holds where no provision reaches.
    pub base: Effect,
    /// Exceptions to the base; a provision may have exceptions of its own.
    pub provisions: Vec<Provision>,
    /// In force from this instant (inclusive).
    pub valid_from: Option<Timestamp>,
    /// In force until this instant (exclusive).
    pub valid_until: Option<Timestamp>,
    /// Who gave it.
    pub grantor: Grantor,
    /// How.
    pub method: Method,
    /// FHIR `Consent.dateTime`.
    pub given_at: Timestamp,
    /// What the grantor said in words, where recorded.
    pub note: Option<Private<String>>,
}

/// One rule. An empty list means "any".
#[derive(Clone, Debug, PartialEq)]
pub struct Provision {
    /// Permit or deny what the rule reaches.
    pub effect: Effect,
    /// Agency ids.
    pub recipients: Vec<String>,
    /// Purposes.
    pub purposes: Vec<Purpose>,
    /// Event types.
    pub types: Vec<EventType>,
    /// Sensitivity labels the rule speaks of; a permit reaches a labelled event only by naming its labels.
    pub labels: Labels,
    /// Reporting facilities, 5-digit codes.
    pub facilities: Vec<String>,
    /// The data's own time: occurred on or after.
    pub data_from: Option<Date>,
    /// The data's own time: occurred on or before.
    pub data_until: Option<Date>,
    /// Exceptions inside this rule.
    pub exceptions: Vec<Provision>,
}
