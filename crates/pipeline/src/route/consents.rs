//! Consent by patient, kept as it is written: most people's is not asked for between two commits, and
//! unfolded it takes many times the memory.

use std::sync::Arc;

use saphan_codec::frame::FRAME_BYTES;
use saphan_codec::{Malformed, Named as _, SchemaIds};
use saphan_kafka::Failure;
use saphan_model::PatientId;
use saphan_model::admission::ConsentState;
use saphan_policy::PatientConsent;

use super::state::unreadable;
use crate::table::{Rows, Table};

#[derive(Default)]
pub(super) struct Consents {
    rows: Table<PatientId, Row>,
    /// What the open batch has asked for.
    unfolded: Rows<PatientId, Arc<PatientConsent>>,
    /// Of everybody without a directive.
    none: Arc<PatientConsent>,
}

#[derive(Clone)]
struct Row {
    applied_offset: i64,
    /// A `ConsentState` without its frame, in today's schema.
    state: Box<[u8]>,
}

impl Consents {
    /// The patient's directives, folded; none at all for somebody unknown.
    pub(super) fn of(&mut self, patient: PatientId) -> Result<Arc<PatientConsent>, Failure> {
        if let Some(consent) = self.unfolded.get(&patient) {
            return Ok(Arc::clone(consent));
        }
        let Some(row) = self.rows.get(&patient) else { return Ok(Arc::clone(&self.none)) };
        let state = saphan_codec::decode::<ConsentState>(&row.state)
            .map_err(|it| unreadable(&it.to_string()))?;
        let consent = Arc::new(PatientConsent::from_held(state.directives));
        self.unfolded.insert(patient, Arc::clone(&consent));
        Ok(consent)
    }

    /// The consent as changed by the record at `offset`.
    pub(super) fn put(&mut self, patient: PatientId, consent: PatientConsent, offset: i64) {
        let directives = consent.held().to_vec();
        let state = ConsentState { applied_offset: offset, directives };
        let row = Row { applied_offset: offset, state: saphan_codec::encode(&state).into() };
        self.rows.put(patient, row);
        self.unfolded.insert(patient, Arc::new(consent));
    }

    /// Puts one row back, read once to know that it can be.
    pub(super) fn restore(
        &mut self,
        patient: PatientId,
        value: Option<&[u8]>,
        ids: &SchemaIds,
    ) -> Result<(), Failure> {
        let row = value.map(|it| Row::read(it, ids)).transpose();
        self.rows.restore(patient, row.map_err(|it| unreadable(&it.to_string()))?);
        Ok(())
    }

    /// The rows the open batch changed, framed.
    pub(super) fn changed<'a>(
        &'a self,
        ids: &'a SchemaIds,
    ) -> impl Iterator<Item = (&'a PatientId, Option<Vec<u8>>)> {
        self.rows.changed().map(|(patient, row)| (patient, row.map(|it| it.framed(ids))))
    }

    /// All rows, framed.
    pub(super) fn rows<'a>(
        &'a self,
        ids: &'a SchemaIds,
    ) -> impl Iterator<Item = (&'a PatientId, Vec<u8>)> {
        self.rows.iter().map(|(patient, row)| (patient, row.framed(ids)))
    }

    /// Offsets of the records that last changed each row.
    pub(super) fn applied(&self) -> impl Iterator<Item = i64> {
        self.rows.values().map(|it| it.applied_offset)
    }

    pub(super) fn commit(&mut self) {
        self.rows.commit();
        self.unfolded.clear();
    }

    pub(super) fn roll_back(&mut self) {
        self.rows.roll_back();
        self.unfolded.clear();
    }
}

impl Row {
    fn read(framed: &[u8], ids: &SchemaIds) -> Result<Self, Malformed> {
        let framed = ids.current(framed)?;
        let state = saphan_codec::decode_framed::<ConsentState>(&framed, ids)?;
        let (_, payload) = saphan_codec::frame::split(&framed)?;
        Ok(Self { applied_offset: state.applied_offset, state: payload.into() })
    }

    fn framed(&self, ids: &SchemaIds) -> Vec<u8> {
        let mut framed = Vec::with_capacity(FRAME_BYTES + self.state.len());
        saphan_codec::frame::put_frame(ids.id(ConsentState::RECORD), &mut framed);
        framed.extend_from_slice(&self.state);
        framed
    }
}
