//! Counts how the submissions of the open batch ended: one ledger record per ingest partition.

use std::collections::BTreeMap;

use saphan_model::admission::{AdmissionCount, AdmissionLedger, AdmissionOutcome};
use saphan_model::{EventType, Timestamp};

/// The open batch's counts.
#[derive(Debug, Default)]
pub struct Ledger {
    partitions: BTreeMap<i32, Batch>,
}

#[derive(Debug)]
struct Batch {
    first_offset: i64,
    next_offset: i64,
    appended_at: Timestamp,
    counts: BTreeMap<(String, Option<EventType>), AdmissionCount>,
}

/// Where a submission stands in `ingest.v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Offset at which it first stood: another one where it was redriven. What the facility says of an
    /// event is ordered by it.
    pub first: i64,
    /// Log-append time.
    pub appended_at: Timestamp,
}

impl Position {
    /// The submission stood in the log before.
    pub const fn redriven(&self) -> bool {
        self.first < self.offset
    }

    /// For a row of state that keeps the offset already: where the submission first stood, if elsewhere.
    pub fn origin(&self) -> Option<i64> {
        self.redriven().then_some(self.first)
    }
}

impl Ledger {
    /// Counts one submission and the records it appended to the patient log.
    pub fn count(
        &mut self,
        at: Position,
        facility: &str,
        event_type: Option<EventType>,
        outcome: AdmissionOutcome,
        appended: usize,
    ) {
        let batch = self.partitions.entry(at.partition).or_insert_with(|| Batch {
            first_offset: at.offset,
            next_offset: at.offset,
            appended_at: at.appended_at,
            counts: BTreeMap::new(),
        });
        batch.next_offset = at.offset + 1;
        batch.appended_at = at.appended_at;
        let count = batch.counts.entry((facility.to_owned(), event_type)).or_insert_with(|| {
            AdmissionCount {
                facility: facility.to_owned(),
                event_type,
                admitted: 0,
                unchanged: 0,
                quarantined: 0,
                appended: 0,
            }
        });
        match outcome {
            AdmissionOutcome::Admitted => count.admitted += 1,
            AdmissionOutcome::Unchanged => count.unchanged += 1,
            AdmissionOutcome::Quarantined => count.quarantined += 1,
        }
        count.appended += i64::try_from(appended).expect("a batch fits i64");
    }

    /// Takes the batch's ledger records, in partition order.
    pub fn take(&mut self) -> Vec<AdmissionLedger> {
        std::mem::take(&mut self.partitions)
            .into_iter()
            .map(|(partition, batch)| AdmissionLedger {
                partition,
                first_offset: batch.first_offset,
                next_offset: batch.next_offset,
                appended_at: batch.appended_at,
                counts: batch.counts.into_values().collect(),
            })
            .collect()
    }

    /// Forgets the batch.
    pub fn clear(&mut self) {
        self.partitions.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_sums_up_by_partition_facility_and_type() {
        let mut ledger = Ledger::default();
        let at = |partition, offset| Position {
            partition,
            offset,
            first: offset,
            appended_at: Timestamp(offset),
        };
        let encounter = Some(EventType::Encounter);
        ledger.count(at(1, 10), "10001", encounter, AdmissionOutcome::Admitted, 1);
        ledger.count(at(1, 11), "10001", encounter, AdmissionOutcome::Unchanged, 0);
        ledger.count(at(1, 12), "10002", None, AdmissionOutcome::Quarantined, 0);
        ledger.count(at(0, 7), "10003", encounter, AdmissionOutcome::Admitted, 3);
        let records = ledger.take();
        assert_eq!(
            records.iter().map(|it| (it.first_offset, it.next_offset)).collect::<Vec<_>>(),
            [(7, 8), (10, 13)]
        );
        let ended: i64 =
            records[1].counts.iter().map(|it| it.admitted + it.unchanged + it.quarantined).sum();
        assert_eq!(ended, records[1].next_offset - records[1].first_offset);
        assert_eq!(records[0].counts[0].appended, 3);
        assert!(ledger.take().is_empty());
    }
}
