//! An antenatal visit.

use crate::Date;

/// 43 files: ANC.
#[derive(Clone, Debug, PartialEq)]
pub struct Maternity {
    /// DATE_SERV.
    pub visited_on: Date,
    /// GRAVIDA, pregnancy number.
    pub gravida: i32,
    /// ANCNO, number of the visit window.
    pub anc_number: String,
    /// GA, weeks of gestation.
    pub gestation_weeks: i32,
    /// ANCRESULT: 1 normal, 2 abnormal, 9 unknown.
    pub result: String,
    /// ANCPLACE.
    pub facility: Option<String>,
    /// WEIGHT, kg.
    pub weight_kg: Option<f64>,
}
