//! One visit or one stay with everything done in it.

use crate::private::Private;
use crate::wire_enum::wire_enum;
use crate::{Date, Timestamp};

wire_enum! {
    /// FHIR `Encounter.class`.
    pub enum EncounterClass {
        /// An out-patient visit (SERVICE).
        Ambulatory = "ambulatory",
        /// A stay that ended (ADMISSION).
        Inpatient = "inpatient",
    }
}

/// 43 files: SERVICE with DIAGNOSIS_OPD, PROCEDURE_OPD, DRUG_OPD, CHARGE_OPD, LABFU, CHRONICFU,
/// ACCIDENT; or ADMISSION with the _IPD files.
#[derive(Clone, Debug, PartialEq)]
pub struct Encounter {
    /// Visit or stay.
    pub class: EncounterClass,
    /// SEQ, the visit number inside the facility.
    pub visit_number: Private<String>,
    /// When it began: DATE_SERV with TIME_SERV, or DATETIME_ADMIT.
    pub period_start: Timestamp,
    /// DATETIME_DISCH; none on visits.
    pub period_end: Option<Timestamp>,
    /// INSTYPE, four digits.
    pub scheme: String,
    /// MAIN, main contracted unit of the card.
    pub main_facility: Option<String>,
    /// TYPEIN 1-5, how the patient came.
    pub type_in: String,
    /// REFERINHOSP.
    pub referred_from: Option<String>,
    /// CAUSEIN.
    pub cause_in: Option<String>,
    /// LOCATION, lives in the catchment: 1 yes, 2 no.
    pub location: Option<String>,
    /// INTIME: 1 in service hours, 2 outside.
    pub in_time: Option<String>,
    /// SERVPLACE: 1 in the facility, 2 outside.
    pub service_place: Option<String>,
    /// CHIEFCOMP.
    pub chief_complaint: Option<Private<String>>,
    /// Vital signs at the visit.
    pub vital_signs: VitalSigns,
    /// TYPEOUT 1-8 (DISCHSTATUS for stays), state at the end.
    pub type_out: String,
    /// REFEROUTHOSP.
    pub referred_to: Option<String>,
    /// CAUSEOUT.
    pub cause_out: Option<String>,
    /// COST, satang.
    pub cost_satang: Option<i64>,
    /// PRICE, satang.
    pub price_satang: i64,
    /// PAYPRICE, charged to the patient, satang.
    pub pay_price_satang: i64,
    /// ACTUALPAY, paid by the patient, satang.
    pub actual_pay_satang: i64,
    /// Only on stays.
    pub stay: Option<Stay>,
    /// Diagnoses, principal first.
    pub diagnoses: Vec<Diagnosis>,
    /// Procedures.
    pub procedures: Vec<Procedure>,
    /// Drugs given.
    pub medications: Vec<Medication>,
    /// Laboratory results.
    pub lab_results: Vec<LabResult>,
    /// Charge lines.
    pub charges: Vec<Charge>,
    /// Follow-up of a chronic disease in this visit (CHRONICFU).
    pub follow_ups: Vec<FollowUp>,
    /// The accident that led here (ACCIDENT).
    pub accident: Option<Accident>,
}

impl Encounter {
    /// The principal diagnosis (DIAGTYPE 1), if one was coded.
    pub fn principal(&self) -> Option<&Diagnosis> {
        self.diagnoses.iter().find(|it| it.role == "1")
    }
}

/// SERVICE columns BTEMP, SBP, DBP, PR, RR.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VitalSigns {
    /// Body temperature, degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Systolic pressure, mmHg.
    pub systolic_mmhg: Option<i32>,
    /// Diastolic pressure, mmHg.
    pub diastolic_mmhg: Option<i32>,
    /// Pulse, beats a minute.
    pub pulse_per_min: Option<i32>,
    /// Respiration, breaths a minute.
    pub respiration_per_min: Option<i32>,
}

/// What only a stay has (ADMISSION).
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// AN, admission number.
    pub admission_number: Private<String>,
    /// WARDADMIT.
    pub ward_admit: String,
    /// WARDDISCH.
    pub ward_discharge: String,
    /// DISCHTYPE, way of discharge.
    pub discharge_type: String,
    /// ADMITWEIGHT, kg.
    pub weight_kg: Option<f64>,
    /// ADMITHEIGHT, cm.
    pub height_cm: Option<i32>,
    /// DRG.
    pub drg: Option<String>,
    /// ADJRW, adjusted relative weight.
    pub adjusted_rw: Option<f64>,
}

/// DIAGNOSIS_OPD or DIAGNOSIS_IPD.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// DIAGCODE, ICD-10-TM without dot.
    pub code: String,
    /// DIAGTYPE 1-7; 1 is the principal one.
    pub role: String,
    /// CLINIC or WARDDIAG.
    pub clinic: Option<String>,
}

/// PROCEDURE_OPD or PROCEDURE_IPD.
#[derive(Clone, Debug, PartialEq)]
pub struct Procedure {
    /// PROCEDCODE, ICD-9-CM or ICD-10-TM.
    pub code: String,
    /// CLINIC or WARDSTAY.
    pub clinic: Option<String>,
    /// TIMESTART.
    pub start: Option<Timestamp>,
    /// TIMEFINISH.
    pub end: Option<Timestamp>,
    /// SERVICEPRICE, satang.
    pub price_satang: Option<i64>,
}

/// DRUG_OPD or DRUG_IPD (FHIR MedicationDispense).
#[derive(Clone, Debug, PartialEq)]
pub struct Medication {
    /// DIDSTD, 24-digit national drug code.
    pub code: String,
    /// DNAME.
    pub name: Option<String>,
    /// AMOUNT, in `unit`.
    pub amount: Option<f64>,
    /// UNIT code.
    pub unit: Option<String>,
    /// TYPEDRUG: 1 during the stay, 2 to take home.
    pub usage: Option<String>,
    /// DATESTART.
    pub start_date: Option<Date>,
    /// DATEFINISH.
    pub end_date: Option<Date>,
    /// DRUGPRICE, satang.
    pub price_satang: Option<i64>,
    /// DRUGCOST, satang.
    pub cost_satang: Option<i64>,
}

/// LABFU.
#[derive(Clone, Debug, PartialEq)]
pub struct LabResult {
    /// LABTEST, 7-digit code since fiscal year 2561, 2-digit before.
    pub code: String,
    /// LABRESULT as sent.
    pub result: String,
    /// LABPLACE, facility that tested.
    pub facility: Option<String>,
}

/// CHARGE_OPD or CHARGE_IPD.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// CHARGEITEM, charge group.
    pub group: String,
    /// CHARGELIST, charge line.
    pub item: String,
    /// INSTYPE that pays.
    pub scheme: String,
    /// QUANTITY.
    pub quantity: Option<i64>,
    /// COST, satang.
    pub cost_satang: Option<i64>,
    /// PRICE, satang.
    pub price_satang: i64,
    /// PAYPRICE, satang.
    pub pay_price_satang: Option<i64>,
}

/// CHRONICFU.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUp {
    /// WEIGHT, kg.
    pub weight_kg: f64,
    /// HEIGHT, cm.
    pub height_cm: i32,
    /// WAIST_CM.
    pub waist_cm: i32,
    /// SBP, mmHg.
    pub systolic_mmhg: i32,
    /// DBP, mmHg.
    pub diastolic_mmhg: i32,
    /// FOOT check.
    pub foot: String,
    /// RETINA check.
    pub retina: String,
    /// CHRONICFUPLACE.
    pub facility: Option<String>,
}

/// ACCIDENT.
#[derive(Clone, Debug, PartialEq)]
pub struct Accident {
    /// DATETIME_AE.
    pub happened_at: Option<Timestamp>,
    /// AETYPE, cause group 01-19.
    pub kind: Option<String>,
    /// AEPLACE.
    pub place: String,
    /// TRAFFIC, road user.
    pub road_user: Option<String>,
    /// VEHICLE 01-12.
    pub vehicle: Option<String>,
    /// ALCOHOL.
    pub alcohol: String,
    /// BELT.
    pub belt: Option<String>,
    /// HELMET.
    pub helmet: Option<String>,
    /// URGENCY, triage.
    pub urgency: String,
    /// COMA_EYE, COMA_SPEAK, COMA_MOVEMENT added: Glasgow coma scale 3-15.
    pub glasgow_coma_scale: Option<i32>,
}
