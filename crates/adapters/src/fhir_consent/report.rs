//! What one reading of a consent document found.

use std::collections::BTreeMap;

use crate::outcome::DefectCount;

/// The outcome of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The name of the file.
    pub document: String,
    /// Directives submitted, withdrawn ones included.
    pub directives: u64,
    /// Retractions submitted: directives entered in error.
    pub retractions: u64,
    /// Defects by code.
    pub defects: BTreeMap<&'static str, DefectCount>,
    /// Lines refused without a defect being submitted: whose they are is not known either.
    pub unattributed: DefectCount,
}
