//! A lasting fact about a person's health: chronic disease, drug allergy, surveillance case.

use crate::Date;
use crate::private::Private;

/// FHIR Condition and AllergyIntolerance, from three of the 43 files.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// CHRONIC.
    Chronic(Chronic),
    /// DRUGALLERGY.
    Allergy(Allergy),
    /// SURVEILLANCE (report 506).
    Surveillance(Surveillance),
}

impl Condition {
    /// Every ICD-10 code it carries.
    pub fn icd10_codes(&self) -> Vec<&str> {
        match self {
            Self::Chronic(it) => vec![&it.code],
            Self::Allergy(_) => Vec::new(),
            Self::Surveillance(it) => {
                std::iter::once(it.code.as_str()).chain(it.last_code.as_deref()).collect()
            }
        }
    }
}

/// 43 files: CHRONIC.
#[derive(Clone, Debug, PartialEq)]
pub struct Chronic {
    /// CHRONIC, ICD-10.
    pub code: String,
    /// DATE_DIAG, first found.
    pub diagnosed_on: Date,
    /// HOSP_DX, first diagnosing facility.
    pub diagnosed_at: String,
    /// HOSP_RX, treating facility.
    pub treated_at: Option<String>,
    /// DATE_DISCH, closed.
    pub closed_on: Option<Date>,
    /// TYPEDISCH, why closed.
    pub close_reason: Option<String>,
}

/// 43 files: DRUGALLERGY.
#[derive(Clone, Debug, PartialEq)]
pub struct Allergy {
    /// DRUGALLERGY, 24-digit drug code.
    pub drug_code: String,
    /// DNAME.
    pub drug_name: Option<String>,
    /// DATERECORD.
    pub recorded_on: Date,
    /// TYPEDX, certainty.
    pub certainty: Option<String>,
    /// ALEVEL, severity.
    pub severity: Option<String>,
    /// SYMPTOM 01-39.
    pub symptom: Option<String>,
    /// INFORMANT.
    pub informant: String,
    /// INFORMHOSP.
    pub informed_by: Option<String>,
}

/// 43 files: SURVEILLANCE.
#[derive(Clone, Debug, PartialEq)]
pub struct Surveillance {
    /// SEQ of the visit.
    pub visit_number: Private<String>,
    /// DATE_SERV.
    pub served_on: Date,
    /// DIAGCODE, first ICD-10.
    pub code: String,
    /// CODE506.
    pub code506: String,
    /// DIAGCODELAST.
    pub last_code: Option<String>,
    /// CODE506LAST.
    pub last_code506: Option<String>,
    /// SYNDROME.
    pub syndrome: Option<String>,
    /// ILLDATE, onset.
    pub ill_on: Date,
    /// ILLCHANGWAT, ILLAMPUR, ILLTAMBON: place of onset, 6 digits (DOPA).
    pub ill_place: String,
    /// ILLVILLAGE.
    pub ill_village: String,
    /// PTSTATUS.
    pub patient_status: String,
    /// DATE_DEATH.
    pub died_on: Option<Date>,
    /// COMPLICATION.
    pub complication: Option<String>,
    /// ORGANISM.
    pub organism: Option<String>,
}
