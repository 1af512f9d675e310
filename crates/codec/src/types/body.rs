//! Bodies other than encounters and directives. `schemas/types`.

use saphan_model::body::{
    Address, Allergy, Appointment, Chronic, ClinicalFinding, Condition, Coverage, Death,
    Immunisation, Maternity, Person, Referral, ReferralMedication, ReferralReply, Screening,
    Surveillance,
};

use crate::wire::macros::{one_of, record};

record! {
    "th.saphan.body.Person" => Person {
        pid, hn, prename, given_name, family_name, sex, birth_date, marital_status, occupation,
        nationality, education, abo_group, rh_group, labor, passport, type_area, discharge,
        discharge_date, telephone, addresses, coverages,
    }
    "th.saphan.body.Address" => Address { kind, line, village, subdistrict, district, province }
    "th.saphan.body.Coverage" => Coverage {
        scheme, card_number, start_date, end_date, main_facility, primary_facility, updated_at,
    }
}

record! {
    "th.saphan.body.Referral" => Referral {
        referral_number, province_number, visit_number, admission_number, origin_number,
        origin_facility, visited_at, referred_at, clinic, destination, chief_complaint,
        physical_exam, first_diagnosis, last_diagnosis, patient_status, patient_type, emergency,
        disease_group, cause_out, request, findings, medications,
    }
    "th.saphan.body.ClinicalFinding" => ClinicalFinding { assessed_at, code, name, value, result }
    "th.saphan.body.ReferralMedication" => ReferralMedication { start, end, code, name, description }
    "th.saphan.body.ReferralReply" => ReferralReply {
        referral_number, source_facility, result, arrived_at, local_id, admission_number, reason,
    }
}

one_of! {
    "th.saphan.body.Condition" => Condition, it {
        chronic: Chronic = [Condition::Chronic(it)],
        allergy: Allergy = [Condition::Allergy(it)],
        surveillance: Surveillance = [Condition::Surveillance(it)],
    }
}

record! {
    "th.saphan.body.Chronic" => Chronic {
        code, diagnosed_on, diagnosed_at, treated_at, closed_on, close_reason,
    }
    "th.saphan.body.Allergy" => Allergy {
        drug_code, drug_name, recorded_on, certainty, severity, symptom, informant, informed_by,
    }
    "th.saphan.body.Surveillance" => Surveillance {
        visit_number, served_on, code, code506, last_code, last_code506, syndrome, ill_on,
        ill_place, ill_village, patient_status, died_on, complication, organism,
    }
}

record! {
    "th.saphan.body.Immunisation" => Immunisation { given_on, vaccine, facility }
    "th.saphan.body.Maternity" => Maternity {
        visited_on, gravida, anc_number, gestation_weeks, result, facility, weight_kg,
    }
    "th.saphan.body.Screening" => Screening {
        screened_on, service_place, smoke, alcohol, diabetes_in_family, hypertension_in_family,
        weight_kg, height_cm, waist_cm, systolic_1_mmhg, diastolic_1_mmhg, systolic_2_mmhg,
        diastolic_2_mmhg, blood_sugar_mg_dl, blood_sugar_test, facility,
    }
    "th.saphan.body.Appointment" => Appointment {
        visit_number, made_on, due_on, clinic, kind, diagnosis,
    }
    "th.saphan.body.Death" => Death { died_on, cause, other_causes, place, facility, pregnancy }
}
