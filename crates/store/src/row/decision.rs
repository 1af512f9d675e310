//! Who received what: one row per record of the patient log and agency that was a candidate, and one
//! per event and agency that a change of consent called back.

use saphan_model::decision::{Decision, Outcome, OutcomeKind, Recalled};
use saphan_model::{EventId, EventType, PatientId, Timestamp};

use super::{Row, RowBuf, partition, unsigned};

/// The kind of a row whose record had no candidate at all.
pub const NO_CANDIDATE: &str = "no-candidate";

/// A row of `decision`.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRow {
    /// Partition of the patient log.
    pub partition: u16,
    /// Offset in it.
    pub offset: u64,
    /// The agency; empty when the record had no candidate.
    pub agency: String,
    /// Whose record it was.
    pub patient: PatientId,
    /// The event.
    pub event_id: EventId,
    /// Its type.
    pub event_type: EventType,
    /// Reporting facility.
    pub facility: String,
    /// The clock the decision saw.
    pub appended_at: Timestamp,
    /// `delivered`, `withheld`, `retracted` or `no-candidate`.
    pub kind: &'static str,
    /// Why withheld, else empty.
    pub reason: &'static str,
    /// On which basis delivered, else empty.
    pub basis: &'static str,
    /// The directive that decided, else empty.
    pub directive_id: String,
    /// The contract version that decided.
    pub contract_version: u32,
    /// Was it called back by a change of consent, whose record the place is of? Then event, type and
    /// facility are those of the event called back.
    pub recalled: bool,
}

impl DecisionRow {
    /// The rows of one decision about `patient` (the key of its record). Never none: a record
    /// without a candidate leaves a row too, so that every record can be counted as decided.
    pub fn from_decision(decision: &Decision, patient: PatientId) -> Vec<Self> {
        let mut rows = Vec::with_capacity(decision.outcomes.len().max(1) + decision.recalls.len());
        if decision.outcomes.is_empty() {
            rows.push(Self::without_candidate(decision, patient));
        }
        rows.extend(decision.outcomes.iter().map(|it| Self::of_outcome(decision, patient, it)));
        rows.extend(decision.recalls.iter().map(|it| Self::of_recall(decision, patient, it)));
        rows
    }

    fn of_recall(decision: &Decision, patient: PatientId, recalled: &Recalled) -> Self {
        Self {
            agency: recalled.agency.clone(),
            event_id: recalled.event_id,
            event_type: recalled.event_type,
            facility: recalled.facility.clone(),
            kind: OutcomeKind::Retracted.as_str(),
            reason: recalled.reason.as_str(),
            directive_id: recalled.directive_id.clone().unwrap_or_default(),
            contract_version: u32::try_from(recalled.contract_version).unwrap_or(0),
            recalled: true,
            ..Self::without_candidate(decision, patient)
        }
    }

    fn of_outcome(decision: &Decision, patient: PatientId, outcome: &Outcome) -> Self {
        Self {
            agency: outcome.agency.clone(),
            kind: outcome.kind.as_str(),
            reason: outcome.reason.map_or("", |it| it.as_str()),
            basis: outcome.basis.map_or("", |it| it.as_str()),
            directive_id: outcome.directive_id.clone().unwrap_or_default(),
            contract_version: u32::try_from(outcome.contract_version).unwrap_or(0),
            ..Self::without_candidate(decision, patient)
        }
    }

    fn without_candidate(decision: &Decision, patient: PatientId) -> Self {
        Self {
            partition: partition(decision.partition),
            offset: unsigned(decision.offset),
            agency: String::new(),
            patient,
            event_id: decision.event_id,
            event_type: decision.event_type,
            facility: decision.facility.clone(),
            appended_at: decision.appended_at,
            kind: NO_CANDIDATE,
            reason: "",
            basis: "",
            directive_id: String::new(),
            contract_version: 0,
            recalled: false,
        }
    }
}

impl Row for DecisionRow {
    const TABLE: &'static str = "decision";
    const COLUMNS: &'static str = "log_partition, log_offset, agency, patient, event_id, event_type, \
        facility, appended_at, kind, reason, basis, directive_id, contract_version, \
        recalled";

    fn put(&self, out: &mut RowBuf) {
        out.u16(self.partition);
        out.u64(self.offset);
        out.text(&self.agency);
        out.fixed16(&self.patient.0);
        out.fixed16(&self.event_id.0);
        out.text(self.event_type.as_str());
        out.text(&self.facility);
        out.instant(self.appended_at);
        out.text(self.kind);
        out.text(self.reason);
        out.text(self.basis);
        out.text(&self.directive_id);
        out.u32(self.contract_version);
        // Part of the key, since one record can call back many events: the event, else zeros.
        out.fixed16(if self.recalled { &self.event_id.0 } else { &[0; 16] });
    }
}
