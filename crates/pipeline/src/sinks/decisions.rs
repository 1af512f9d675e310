//! The sink over `decision.v1`: who received what, and why not.

use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::{Failure, Plan, RangeSink, RecordBuf};
use saphan_model::PatientId;
use saphan_model::decision::Decision;
use saphan_store::Inserts;
use saphan_store::row::DecisionRow;

use super::{unreadable, write};

/// Builds the history of decisions.
pub struct Decisions {
    ids: Arc<SchemaIds>,
    inserts: Inserts,
}

impl Decisions {
    /// A sink that writes through `inserts`.
    pub fn new(ids: Arc<SchemaIds>, inserts: Inserts) -> Self {
        Self { ids, inserts }
    }
}

impl RangeSink for Decisions {
    fn write(&mut self, plan: &Plan, records: &[RecordBuf]) -> Result<(), Failure> {
        let mut rows = Vec::with_capacity(records.len() * 2);
        for record in records {
            let value = record.value.as_deref().unwrap_or_default();
            let decision = saphan_codec::decode_framed::<Decision>(value, &self.ids)
                .map_err(|it| unreadable(record, &it))?;
            rows.extend(DecisionRow::from_decision(&decision, patient(record)?));
        }
        write(&self.inserts, &rows, plan)
    }
}

fn patient(record: &RecordBuf) -> Result<PatientId, Failure> {
    let key = record.key.as_deref().unwrap_or_default();
    key.try_into().map(PatientId).map_err(|_| {
        let place = format!("{}/{}/{}", record.topic, record.partition, record.offset);
        Failure::fatal("SP-1341", format!("{place} has no pseudonym as its key"))
    })
}
