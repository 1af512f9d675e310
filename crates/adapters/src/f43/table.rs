//! The files of the standard by name: those carried, and those known but not carried.

macro_rules! tables {
    ($($(#[$meta:meta])* $variant:ident = $name:literal,)+) => {
        /// A file of the standard that becomes events.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $($(#[$meta])* $variant,)+ }

        impl Table {
            /// Every carried file.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name, without extension.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

tables! {
    /// Who is registered.
    Person = "PERSON",
    /// Their addresses.
    Address = "ADDRESS",
    /// Their payment schemes.
    Card = "CARD",
    /// Out-patient visits.
    Service = "SERVICE",
    /// Diagnoses of visits.
    DiagnosisOpd = "DIAGNOSIS_OPD",
    /// Procedures of visits.
    ProcedureOpd = "PROCEDURE_OPD",
    /// Drugs of visits.
    DrugOpd = "DRUG_OPD",
    /// Charges of visits.
    ChargeOpd = "CHARGE_OPD",
    /// Laboratory results of visits.
    Labfu = "LABFU",
    /// Follow-up of chronic disease in visits.
    Chronicfu = "CHRONICFU",
    /// Accidents that led to visits.
    Accident = "ACCIDENT",
    /// Stays that ended.
    Admission = "ADMISSION",
    /// Diagnoses of stays.
    DiagnosisIpd = "DIAGNOSIS_IPD",
    /// Procedures of stays.
    ProcedureIpd = "PROCEDURE_IPD",
    /// Drugs of stays.
    DrugIpd = "DRUG_IPD",
    /// Charges of stays.
    ChargeIpd = "CHARGE_IPD",
    /// Referrals out.
    ReferHistory = "REFER_HISTORY",
    /// Clinical findings sent with a referral.
    ClinicalRefer = "CLINICAL_REFER",
    /// Drugs sent with a referral.
    DrugRefer = "DRUG_REFER",
    /// Answers to referrals.
    ReferResult = "REFER_RESULT",
    /// Deaths.
    Death = "DEATH",
    /// Drug allergies.
    Drugallergy = "DRUGALLERGY",
    /// Chronic diseases.
    Chronic = "CHRONIC",
    /// Diseases under surveillance.
    Surveillance = "SURVEILLANCE",
    /// Screening for diabetes and hypertension.
    Ncdscreen = "NCDSCREEN",
    /// Vaccines given.
    Epi = "EPI",
    /// Antenatal visits.
    Anc = "ANC",
    /// Appointments.
    Appointment = "APPOINTMENT",
    /// Deletions.
    DataCorrect = "DATA_CORRECT",
}

/// Files of the 43-file set, its refer files and 43-Plus that carry nothing the platform has a
/// purpose for today; skipped with a note.
pub const NOT_CARRIED: &[&str] = &[
    "CANCER",
    "CARE_REFER",
    "CHARGE",
    "CHARGE_ADP",
    "COMMUNITY_ACTIVITY",
    "COMMUNITY_SERVICE",
    "DENTAL",
    "DIAGNOSIS",
    "DIAGNOSIS_REFER",
    "DISABILITY",
    "DRUG",
    "FP",
    "FUNCTIONAL",
    "HOME",
    "ICF",
    "INVESTIGATION_REFER",
    "LABOR",
    "LEAVE_DAY",
    "NEWBORN",
    "NEWBORNCARE",
    "NUTRITION",
    "PERSON_CONTACT",
    "PERSON_DRUG",
    "POLICY",
    "POSTNATAL",
    "PRENATAL",
    "PROCEDURE",
    "PROCEDURE_REFER",
    "PROVIDER",
    "REHABILITATION",
    "SPECIALPP",
    "VILLAGE",
    "WOMEN",
];

/// What a file name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A file that is read.
    Carried(Table),
    /// A file of the standard that is skipped.
    NotCarried,
    /// No file of the standard.
    Unknown,
}

impl Named {
    /// Reads a file name, any case, `.txt` at its end.
    pub fn of_file(name: &str) -> Self {
        let stem = name.len().checked_sub(4).and_then(|at| name.split_at_checked(at));
        match stem {
            Some((stem, ending)) if ending.eq_ignore_ascii_case(".txt") => Self::of_table(stem),
            _ => Self::Unknown,
        }
    }

    /// Reads a table name, any case.
    pub fn of_table(name: &str) -> Self {
        let carried = Table::ALL.iter().find(|it| it.name().eq_ignore_ascii_case(name));
        match carried {
            Some(table) => Self::Carried(*table),
            None if NOT_CARRIED.iter().any(|it| it.eq_ignore_ascii_case(name)) => Self::NotCarried,
            None => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, Table};

    #[test]
    fn file_names_are_read_in_any_case() {
        for (name, expected) in [
            ("SERVICE.txt", Named::Carried(Table::Service)),
            ("service.TXT", Named::Carried(Table::Service)),
            ("Diagnosis_Opd.Txt", Named::Carried(Table::DiagnosisOpd)),
            ("home.txt", Named::NotCarried),
            ("SERVICE.csv", Named::Unknown),
            ("readme.txt", Named::Unknown),
            ("txt", Named::Unknown),
            ("ก.txt", Named::Unknown),
            ("กขค", Named::Unknown),
        ] {
            assert_eq!(Named::of_file(name), expected, "{name}");
        }
    }
}
