//! Screening for diabetes and hypertension.

use crate::Date;

/// 43 files: NCDSCREEN.
#[derive(Clone, Debug, PartialEq)]
pub struct Screening {
    /// DATE_SERV.
    pub screened_on: Date,
    /// SERVPLACE.
    pub service_place: String,
    /// SMOKE.
    pub smoke: Option<String>,
    /// ALCOHOL.
    pub alcohol: Option<String>,
    /// DMFAMILY.
    pub diabetes_in_family: Option<String>,
    /// HTFAMILY.
    pub hypertension_in_family: Option<String>,
    /// WEIGHT, kg.
    pub weight_kg: f64,
    /// HEIGHT, cm.
    pub height_cm: i32,
    /// WAIST_CM.
    pub waist_cm: i32,
    /// SBP_1, mmHg.
    pub systolic_1_mmhg: i32,
    /// DBP_1, mmHg.
    pub diastolic_1_mmhg: i32,
    /// SBP_2, mmHg.
    pub systolic_2_mmhg: Option<i32>,
    /// DBP_2, mmHg.
    pub diastolic_2_mmhg: Option<i32>,
    /// BSLEVEL, blood sugar, mg/dL.
    pub blood_sugar_mg_dl: Option<i32>,
    /// BSTEST, how measured.
    pub blood_sugar_test: Option<String>,
    /// SCREENPLACE.
    pub facility: Option<String>,
}
