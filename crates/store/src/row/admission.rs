//! The ledger of admit: what became of each batch of `ingest.v1`.

use saphan_model::Timestamp;
use saphan_model::admission::{AdmissionCount, AdmissionLedger};

use super::{Row, RowBuf, partition, unsigned};

/// A row of `admission`: one facility and type in one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmissionRow {
    /// Partition of `ingest.v1`.
    pub partition: u16,
    /// First offset of the batch.
    pub first_offset: u64,
    /// Offset after its last.
    pub next_offset: u64,
    /// Facility, empty when it could not be read.
    pub facility: String,
    /// Event type, empty for defects and unreadable records.
    pub event_type: &'static str,
    /// Append time of the last record of the batch.
    pub appended_at: Timestamp,
    /// Submissions admitted.
    pub admitted: u64,
    /// Submissions with nothing new.
    pub unchanged: u64,
    /// Submissions quarantined.
    pub quarantined: u64,
    /// Records appended to the patient log.
    pub appended: u64,
}

impl AdmissionRow {
    /// The rows of one ledger record. Counts of the same facility and type are added up, since they
    /// would share a key.
    pub fn from_ledger(ledger: &AdmissionLedger) -> Vec<Self> {
        let mut rows: Vec<Self> = Vec::with_capacity(ledger.counts.len());
        for count in &ledger.counts {
            let row = Self::of_count(ledger, count);
            let same =
                |it: &&mut Self| it.facility == row.facility && it.event_type == row.event_type;
            match rows.iter_mut().find(same) {
                Some(it) => it.add(&row),
                None => rows.push(row),
            }
        }
        rows
    }

    fn of_count(ledger: &AdmissionLedger, count: &AdmissionCount) -> Self {
        Self {
            partition: partition(ledger.partition),
            first_offset: unsigned(ledger.first_offset),
            next_offset: unsigned(ledger.next_offset),
            facility: count.facility.clone(),
            event_type: count.event_type.map_or("", |it| it.as_str()),
            appended_at: ledger.appended_at,
            admitted: unsigned(count.admitted),
            unchanged: unsigned(count.unchanged),
            quarantined: unsigned(count.quarantined),
            appended: unsigned(count.appended),
        }
    }

    fn add(&mut self, other: &Self) {
        self.admitted += other.admitted;
        self.unchanged += other.unchanged;
        self.quarantined += other.quarantined;
        self.appended += other.appended;
    }
}

impl Row for AdmissionRow {
    const TABLE: &'static str = "admission";
    const COLUMNS: &'static str = "ingest_partition, first_offset, next_offset, facility, event_type, \
        appended_at, admitted, unchanged, quarantined, appended";

    fn put(&self, out: &mut RowBuf) {
        out.u16(self.partition);
        out.u64(self.first_offset);
        out.u64(self.next_offset);
        out.text(&self.facility);
        out.text(self.event_type);
        out.instant(self.appended_at);
        out.u64(self.admitted);
        out.u64(self.unchanged);
        out.u64(self.quarantined);
        out.u64(self.appended);
    }
}
