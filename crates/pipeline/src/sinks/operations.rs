//! The sink over `admission.v1` and `quarantine.v1`: how submissions ended, and what is to be mended.

use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::{Failure, Plan, RangeSink, RecordBuf};
use saphan_model::admission::{AdmissionLedger, Quarantined};
use saphan_store::Inserts;
use saphan_store::row::{AdmissionRow, QuarantineRow};
use saphan_topology::names::Names;

use super::{unreadable, write};

/// Builds the operator's tables.
pub struct Operations {
    ids: Arc<SchemaIds>,
    inserts: Inserts,
    admission: String,
}

impl Operations {
    /// A sink that writes through `inserts`.
    pub fn new(ids: Arc<SchemaIds>, inserts: Inserts, names: &Names) -> Self {
        Self { ids, inserts, admission: names.admission() }
    }
}

impl RangeSink for Operations {
    fn write(&mut self, plan: &Plan, records: &[RecordBuf]) -> Result<(), Failure> {
        if plan.topic == self.admission {
            let ledgers = decode::<AdmissionLedger>(records, &self.ids)?;
            let rows: Vec<_> = ledgers.iter().flat_map(AdmissionRow::from_ledger).collect();
            return write(&self.inserts, &rows, plan);
        }
        let quarantined = decode::<Quarantined>(records, &self.ids)?;
        let rows: Vec<_> = quarantined.iter().map(QuarantineRow::from_quarantined).collect();
        write(&self.inserts, &rows, plan)
    }
}

fn decode<T: saphan_codec::Wire + saphan_codec::Named>(
    records: &[RecordBuf],
    ids: &SchemaIds,
) -> Result<Vec<T>, Failure> {
    records
        .iter()
        .map(|record| {
            let value = record.value.as_deref().unwrap_or_default();
            saphan_codec::decode_framed::<T>(value, ids).map_err(|it| unreadable(record, &it))
        })
        .collect()
}
