//! A referral out and the answer to it.

use crate::Timestamp;
use crate::private::Private;

/// 43 files: REFER_HISTORY with CLINICAL_REFER and DRUG_REFER (FHIR ServiceRequest).
#[derive(Clone, Debug, PartialEq)]
pub struct Referral {
    /// REFERID, number issued by the sending facility.
    pub referral_number: Private<String>,
    /// REFERID_PROVINCE.
    pub province_number: Option<Private<String>>,
    /// SEQ of the visit it belongs to.
    pub visit_number: Private<String>,
    /// AN of the stay it belongs to.
    pub admission_number: Option<Private<String>>,
    /// REFERID_ORIGIN: the first referral's number when this is a send-back.
    pub origin_number: Option<Private<String>>,
    /// HOSPCODE_ORIGIN.
    pub origin_facility: Option<String>,
    /// DATETIME_SERV.
    pub visited_at: Timestamp,
    /// DATETIME_REFER.
    pub referred_at: Timestamp,
    /// CLINIC_REFER.
    pub clinic: Option<String>,
    /// HOSP_DESTINATION.
    pub destination: String,
    /// CHIEFCOMP.
    pub chief_complaint: Option<Private<String>>,
    /// PHYSICALEXAM.
    pub physical_exam: Option<Private<String>>,
    /// DIAGFIRST, free text.
    pub first_diagnosis: Option<Private<String>>,
    /// DIAGLAST, free text.
    pub last_diagnosis: Private<String>,
    /// PSTATUS, condition at sending.
    pub patient_status: Private<String>,
    /// PTYPE 1-3.
    pub patient_type: String,
    /// EMERGENCY 1-5.
    pub emergency: String,
    /// PTYPEDIS 01-07, 99.
    pub disease_group: Option<String>,
    /// CAUSEOUT 1-7, purpose.
    pub cause_out: String,
    /// REQUEST, what is asked.
    pub request: Option<Private<String>>,
    /// CLINICAL_REFER rows, by time and code.
    pub findings: Vec<ClinicalFinding>,
    /// DRUG_REFER rows, by time and code.
    pub medications: Vec<ReferralMedication>,
}

/// 43 files: CLINICAL_REFER.
#[derive(Clone, Debug, PartialEq)]
pub struct ClinicalFinding {
    /// DATETIME_ASSESS.
    pub assessed_at: Timestamp,
    /// CLINICALCODE.
    pub code: String,
    /// CLINICALNAME.
    pub name: Option<String>,
    /// CLINICALVALUE.
    pub value: Option<i32>,
    /// CLINICALRESULT.
    pub result: Option<Private<String>>,
}

/// 43 files: DRUG_REFER.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferralMedication {
    /// DATETIME_DSTART.
    pub start: Timestamp,
    /// DATETIME_DFINISH.
    pub end: Option<Timestamp>,
    /// DIDSTD, 24-digit national drug code.
    pub code: String,
    /// DNAME.
    pub name: Option<String>,
    /// DDESCRIPTION, how it is used.
    pub description: Option<String>,
}

/// 43 files: REFER_RESULT, sent by the receiving facility.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferralReply {
    /// REFERID_SOURCE, the sender's REFERID.
    pub referral_number: Private<String>,
    /// HOSP_SOURCE, the sending facility.
    pub source_facility: String,
    /// REFER_RESULT 1-5.
    pub result: String,
    /// DATETIME_IN, arrival.
    pub arrived_at: Option<Timestamp>,
    /// PID_IN, PID at the receiver.
    pub local_id: Option<Private<String>>,
    /// AN_IN.
    pub admission_number: Option<Private<String>>,
    /// REASON when refused.
    pub reason: Option<Private<String>>,
}
