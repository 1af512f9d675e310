//! An appointment.

use crate::Date;
use crate::private::Private;

/// 43 files: APPOINTMENT.
#[derive(Clone, Debug, PartialEq)]
pub struct Appointment {
    /// SEQ of the visit in which it was made.
    pub visit_number: Private<String>,
    /// DATE_SERV of that visit.
    pub made_on: Date,
    /// APDATE.
    pub due_on: Date,
    /// CLINIC.
    pub clinic: String,
    /// APTYPE.
    pub kind: String,
    /// APDIAG, ICD-10.
    pub diagnosis: Option<String>,
}
