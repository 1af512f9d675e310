//! A vaccine given.

use crate::Date;

/// 43 files: EPI.
#[derive(Clone, Debug, PartialEq)]
pub struct Immunisation {
    /// DATE_SERV.
    pub given_on: Date,
    /// VACCINETYPE, vaccine and dose.
    pub vaccine: String,
    /// VACCINEPLACE, facility that gave it.
    pub facility: Option<String>,
}
