//! The types of event that flow through the patient log.

use crate::wire_enum::wire_enum;

wire_enum! {
    /// What a record of the patient log is. New types are appended; the order is the wire order.
    pub enum EventType {
        /// Who a person is at one facility (43 files: PERSON, ADDRESS, CARD).
        Person = "person",
        /// One visit or stay with all its rows (SERVICE or ADMISSION and their children).
        Encounter = "encounter",
        /// A referral out (REFER_HISTORY and its children).
        Referral = "referral",
        /// The receiving facility's answer (REFER_RESULT).
        ReferralReply = "referral-reply",
        /// A chronic disease, a drug allergy or a disease under surveillance.
        Condition = "condition",
        /// A vaccine given (EPI).
        Immunisation = "immunisation",
        /// An antenatal visit (ANC).
        Maternity = "maternity",
        /// Screening for diabetes and hypertension (NCDSCREEN).
        Screening = "screening",
        /// An appointment (APPOINTMENT).
        Appointment = "appointment",
        /// A death (DEATH).
        Death = "death",
        /// A consent directive.
        Directive = "directive",
        /// Two pseudonyms of one person, found to be the same.
        Link = "link",
        /// An event that is no longer true.
        Retraction = "retraction",
    }
}

impl EventType {
    /// The types an agency contract may ask for: clinical facts and the person, never the
    /// platform's own records.
    pub const DELIVERABLE: &'static [Self] = &[
        Self::Person,
        Self::Encounter,
        Self::Referral,
        Self::ReferralReply,
        Self::Condition,
        Self::Immunisation,
        Self::Maternity,
        Self::Screening,
        Self::Appointment,
        Self::Death,
    ];
}
