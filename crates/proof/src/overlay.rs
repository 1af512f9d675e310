//! What the overlay withheld: a revocation may stop a delivery whose record precedes it in the log. Such
//! a withholding is borne out by a later directive of the same patient; otherwise it is unproved.

use std::collections::HashMap;

use saphan_model::{PatientId, Timestamp};

/// Withholdings that wait for their directive.
#[derive(Default)]
pub(crate) struct Claims(HashMap<PatientId, Vec<(i64, Timestamp)>>);

impl Claims {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A record was withheld by the overlay.
    pub(crate) fn make(&mut self, patient: PatientId, offset: i64, appended_at: Timestamp) {
        self.0.entry(patient).or_default().push((offset, appended_at));
    }

    /// A directive of the patient, or the end of one, follows in the log.
    pub(crate) fn bear_out(&mut self, patient: PatientId) {
        if !self.0.is_empty() {
            self.0.remove(&patient);
        }
    }

    /// What is left, in log order.
    pub(crate) fn take_open(&mut self) -> Vec<(i64, Timestamp)> {
        let mut open: Vec<_> = std::mem::take(&mut self.0).into_values().flatten().collect();
        open.sort_unstable();
        open
    }
}
