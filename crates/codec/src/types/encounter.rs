//! Encounters. `schemas/types/encounter`.

use saphan_model::body::{
    Accident, Charge, Diagnosis, Encounter, EncounterClass, FollowUp, LabResult, Medication,
    Procedure, Stay, VitalSigns,
};

use crate::wire::macros::{enums, record};

enums! {
    "th.saphan.body.EncounterClass" => EncounterClass,
}

record! {
    "th.saphan.body.Encounter" => Encounter {
        class, visit_number, period_start, period_end, scheme, main_facility, type_in,
        referred_from, cause_in, location, in_time, service_place, chief_complaint, vital_signs,
        type_out, referred_to, cause_out, cost_satang, price_satang, pay_price_satang,
        actual_pay_satang, stay, diagnoses, procedures, medications, lab_results, charges,
        follow_ups, accident,
    }
    "th.saphan.body.VitalSigns" => VitalSigns {
        temperature_c, systolic_mmhg, diastolic_mmhg, pulse_per_min, respiration_per_min,
    }
    "th.saphan.body.Stay" => Stay {
        admission_number, ward_admit, ward_discharge, discharge_type, weight_kg, height_cm, drg,
        adjusted_rw,
    }
    "th.saphan.body.Diagnosis" => Diagnosis { code, role, clinic }
    "th.saphan.body.Procedure" => Procedure { code, clinic, start, end, price_satang }
    "th.saphan.body.Medication" => Medication {
        code, name, amount, unit, usage, start_date, end_date, price_satang, cost_satang,
    }
    "th.saphan.body.LabResult" => LabResult { code, result, facility }
    "th.saphan.body.Charge" => Charge {
        group, item, scheme, quantity, cost_satang, price_satang, pay_price_satang,
    }
    "th.saphan.body.FollowUp" => FollowUp {
        weight_kg, height_cm, waist_cm, systolic_mmhg, diastolic_mmhg, foot, retina, facility,
    }
    "th.saphan.body.Accident" => Accident {
        happened_at, kind, place, road_user, vehicle, alcohol, belt, helmet, urgency,
        glasgow_coma_scale,
    }
}
