//! Synthetic bodies.

use saphan_model::body::{
    Accident, Address, Allergy, Appointment, Charge, Chronic, ClinicalFinding, Condition, Coverage,
    Death, Diagnosis, Encounter, EncounterClass, FollowUp, Immunisation, LabResult, Maternity,
    Medication, Person, Procedure, Referral, ReferralMedication, ReferralReply, Screening, Stay,
    Surveillance, VitalSigns,
};
use saphan_model::contract::BasisKind;
use saphan_model::decision::{OutcomeKind, WithholdReason};
use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision, Purpose};
use saphan_model::envelope::RetractReason;
use saphan_model::facets::SchemeGroup;
use saphan_model::{Body, EventType};

use super::{Make, Seed, makes};

makes! { enums
    EventType, EncounterClass, SchemeGroup, RetractReason, OutcomeKind, WithholdReason, BasisKind,
    Effect, Purpose, Grantor, Method,
}

makes! {
    Encounter {
        class, visit_number, period_start, period_end, scheme, main_facility, type_in,
        referred_from, cause_in, location, in_time, service_place, chief_complaint, vital_signs,
        type_out, referred_to, cause_out, cost_satang, price_satang, pay_price_satang,
        actual_pay_satang, stay, diagnoses, procedures, medications, lab_results, charges,
        follow_ups, accident,
    }
    VitalSigns {
        temperature_c, systolic_mmhg, diastolic_mmhg, pulse_per_min, respiration_per_min,
    }
    Stay {
        admission_number, ward_admit, ward_discharge, discharge_type, weight_kg, height_cm, drg,
        adjusted_rw,
    }
    Diagnosis { code, role, clinic }
    Procedure { code, clinic, start, end, price_satang }
    Medication {
        code, name, amount, unit, usage, start_date, end_date, price_satang, cost_satang,
    }
    LabResult { code, result, facility }
    Charge { group, item, scheme, quantity, cost_satang, price_satang, pay_price_satang }
    FollowUp {
        weight_kg, height_cm, waist_cm, systolic_mmhg, diastolic_mmhg, foot, retina, facility,
    }
    Accident {
        happened_at, kind, place, road_user, vehicle, alcohol, belt, helmet, urgency,
        glasgow_coma_scale,
    }
    Person {
        pid, hn, prename, given_name, family_name, sex, birth_date, marital_status, occupation,
        nationality, education, abo_group, rh_group, labor, passport, type_area, discharge,
        discharge_date, telephone, addresses, coverages,
    }
    Address { kind, line, village, subdistrict, district, province }
    Coverage {
        scheme, card_number, start_date, end_date, main_facility, primary_facility, updated_at,
    }
    Referral {
        referral_number, province_number, visit_number, admission_number, origin_number,
        origin_facility, visited_at, referred_at, clinic, destination, chief_complaint,
        physical_exam, first_diagnosis, last_diagnosis, patient_status, patient_type, emergency,
        disease_group, cause_out, request, findings, medications,
    }
    ClinicalFinding { assessed_at, code, name, value, result }
    ReferralMedication { start, end, code, name, description }
    ReferralReply {
        referral_number, source_facility, result, arrived_at, local_id, admission_number, reason,
    }
    Chronic { code, diagnosed_on, diagnosed_at, treated_at, closed_on, close_reason }
    Allergy {
        drug_code, drug_name, recorded_on, certainty, severity, symptom, informant, informed_by,
    }
    Surveillance {
        visit_number, served_on, code, code506, last_code, last_code506, syndrome, ill_on,
        ill_place, ill_village, patient_status, died_on, complication, organism,
    }
    Immunisation { given_on, vaccine, facility }
    Maternity { visited_on, gravida, anc_number, gestation_weeks, result, facility, weight_kg }
    Screening {
        screened_on, service_place, smoke, alcohol, diabetes_in_family, hypertension_in_family,
        weight_kg, height_cm, waist_cm, systolic_1_mmhg, diastolic_1_mmhg, systolic_2_mmhg,
        diastolic_2_mmhg, blood_sugar_mg_dl, blood_sugar_test, facility,
    }
    Appointment { visit_number, made_on, due_on, clinic, kind, diagnosis }
    Death { died_on, cause, other_causes, place, facility, pregnancy }
    Directive {
        directive_id, active, base, provisions, valid_from, valid_until, grantor, method, given_at,
        note,
    }
}

impl Make for Condition {
    fn make(seed: &mut Seed) -> Self {
        match seed.below(3) {
            0 => Self::Chronic(Make::make(seed)),
            1 => Self::Allergy(Make::make(seed)),
            _ => Self::Surveillance(Make::make(seed)),
        }
    }
}

impl Make for Provision {
    fn make(seed: &mut Seed) -> Self {
        provision(seed, 3)
    }
}

/// A provision with exceptions up to `levels` deep.
pub fn provision(seed: &mut Seed, levels: usize) -> Provision {
    let n = if levels == 0 { 0 } else { seed.below(3) };
    Provision {
        effect: Make::make(seed),
        recipients: Make::make(seed),
        purposes: Make::make(seed),
        types: Make::make(seed),
        labels: Make::make(seed),
        facilities: Make::make(seed),
        data_from: Make::make(seed),
        data_until: Make::make(seed),
        exceptions: (0..n).map(|_| provision(seed, levels - 1)).collect(),
    }
}

impl Make for Body {
    fn make(seed: &mut Seed) -> Self {
        let clinical = &EventType::ALL[..11];
        let event_type = seed.pick(clinical);
        body(event_type, seed)
    }
}

/// A body of a type.
pub fn body(event_type: EventType, seed: &mut Seed) -> Body {
    match event_type {
        EventType::Person => Body::Person(Make::make(seed)),
        EventType::Encounter => Body::Encounter(Make::make(seed)),
        EventType::Referral => Body::Referral(Make::make(seed)),
        EventType::ReferralReply => Body::ReferralReply(Make::make(seed)),
        EventType::Condition => Body::Condition(Make::make(seed)),
        EventType::Immunisation => Body::Immunisation(Make::make(seed)),
        EventType::Maternity => Body::Maternity(Make::make(seed)),
        EventType::Screening => Body::Screening(Make::make(seed)),
        EventType::Appointment => Body::Appointment(Make::make(seed)),
        EventType::Death => Body::Death(Make::make(seed)),
        EventType::Directive => Body::Directive(Make::make(seed)),
        EventType::Link | EventType::Retraction => unreachable!("{event_type} has no body"),
    }
}
