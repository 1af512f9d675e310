//! From the stages' committed counts to metrics.

use saphan_model::admission::{AdmissionLedger, AdmissionOutcome};
use saphan_model::{EventType, Timestamp};
use saphan_ops::Metrics;
use saphan_pipeline::tally::{self, OutcomeKey};

use super::loops::overlay::age;

/// Counts into the process's metrics.
pub struct Tally(pub Metrics);

impl tally::Tally for Tally {
    fn admitted(&self, ledger: &AdmissionLedger) {
        for it in &ledger.counts {
            for (outcome, count) in [
                (AdmissionOutcome::Admitted, it.admitted),
                (AdmissionOutcome::Unchanged, it.unchanged),
                (AdmissionOutcome::Quarantined, it.quarantined),
            ] {
                if count > 0 {
                    self.0.admit_ended(it.event_type, outcome, count.unsigned_abs());
                }
            }
            if let Some(event_type) = it.event_type.filter(|_| it.appended > 0) {
                self.0.admit_appended(event_type, it.appended.unsigned_abs());
            }
        }
    }

    fn quarantined(&self, code: &str, submissions: u64) {
        self.0.admit_quarantined(code, submissions);
    }

    fn decided(&self, event_type: EventType, records: u64) {
        self.0.route_received(event_type, records);
    }

    fn enforced(&self, appended_at: Timestamp) {
        self.0.route_consent_change("routed", age(appended_at));
    }

    fn ended(&self, of: &OutcomeKey, records: u64) {
        self.0.route_candidates(&of.agency, of.event_type, records);
        self.0.route_ended(&of.agency, of.event_type, of.kind, of.reason, records);
    }
}
