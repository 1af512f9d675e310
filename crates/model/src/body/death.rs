//! A death.

use crate::Date;

/// 43 files: DEATH.
#[derive(Clone, Debug, PartialEq)]
pub struct Death {
    /// DDEATH.
    pub died_on: Date,
    /// CDEATH, underlying cause, ICD-10.
    pub cause: String,
    /// CDEATH_A to CDEATH_D and ODISEASE, in that order, without the empty ones.
    pub other_causes: Vec<String>,
    /// PDEATH: 1 in a facility, 2 elsewhere.
    pub place: String,
    /// HOSPDEATH.
    pub facility: Option<String>,
    /// PREGDEATH.
    pub pregnancy: Option<String>,
}

impl Death {
    /// Every ICD-10 code it carries.
    pub fn icd10_codes(&self) -> Vec<&str> {
        std::iter::once(&self.cause).chain(&self.other_causes).map(String::as_str).collect()
    }
}
