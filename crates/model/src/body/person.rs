//! A person as one facility registers them: PERSON, with ADDRESS and CARD rows.

use crate::private::Private;
use crate::{Date, Timestamp};

/// 43 files: PERSON. The numbers of father, mother and spouse are not carried: nobody downstream
/// has a purpose for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// PID, the number inside the facility.
    pub pid: Private<String>,
    /// HN, the hospital number.
    pub hn: Option<Private<String>>,
    /// PRENAME, title code.
    pub prename: String,
    /// NAME, first name (FHIR `name.given`).
    pub given_name: Private<String>,
    /// LNAME, family name.
    pub family_name: Private<String>,
    /// SEX: 1 male, 2 female.
    pub sex: String,
    /// BIRTH; unknown day or month is sent as 1 January.
    pub birth_date: Date,
    /// MSTATUS, marital status.
    pub marital_status: Option<String>,
    /// OCCUPATION_NEW.
    pub occupation: Option<String>,
    /// NATION, nationality; 099 is Thai.
    pub nationality: String,
    /// EDUCATION.
    pub education: Option<String>,
    /// ABOGROUP.
    pub abo_group: Option<String>,
    /// RHGROUP.
    pub rh_group: Option<String>,
    /// LABOR, class of foreigner.
    pub labor: Option<String>,
    /// PASSPORT.
    pub passport: Option<Private<String>>,
    /// TYPEAREA, residence class 1-5; every denominator depends on it.
    pub type_area: String,
    /// DISCHARGE, why removed from the register; 9 is not removed.
    pub discharge: Option<String>,
    /// DDISCHARGE.
    pub discharge_date: Option<Date>,
    /// TELEPHONE or MOBILE.
    pub telephone: Option<Private<String>>,
    /// ADDRESS rows, sorted by address type.
    pub addresses: Vec<Address>,
    /// CARD rows, sorted by scheme.
    pub coverages: Vec<Coverage>,
}

/// 43 files: ADDRESS.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// ADDRESSTYPE.
    pub kind: String,
    /// House number, lanes, road, village name, in one line as Thai addresses are written.
    pub line: Private<String>,
    /// VILLAGE, moo number, 2 digits.
    pub village: String,
    /// TAMBON, 2 digits.
    pub subdistrict: String,
    /// AMPUR, 2 digits.
    pub district: String,
    /// CHANGWAT, 2 digits.
    pub province: String,
}

/// 43 files: CARD (FHIR Coverage).
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// INSTYPE_NEW, four digits.
    pub scheme: String,
    /// INSID, card number.
    pub card_number: Option<Private<String>>,
    /// STARTDATE.
    pub start_date: Option<Date>,
    /// EXPIREDATE.
    pub end_date: Option<Date>,
    /// MAIN, main contracted unit.
    pub main_facility: Option<String>,
    /// SUB, primary contracted unit.
    pub primary_facility: Option<String>,
    /// D_UPDATE of the row.
    pub updated_at: Option<Timestamp>,
}
