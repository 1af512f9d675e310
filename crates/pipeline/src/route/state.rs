//! Route's state as rows of `consent.state.v1`: the directives of a patient (key `c` + pseudonym) and
//! who holds an event (key `h` + pseudonym + event id).

use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::{Failure, Key, Outbound};
use saphan_model::directive::Directive;
use saphan_model::{EventId, PatientId};
use saphan_policy::{AgencySet, PatientConsent, RouteTable};

use super::consents::Consents;
use super::held::Held;
use super::index::Index;
use crate::encode::encode;
use crate::table::Table;

const CONSENT: u8 = b'c';
const HOLDING: u8 = b'h';

/// Route's state for one partition of the patient log.
#[derive(Default)]
pub struct RouteState {
    consents: Consents,
    holdings: Table<(PatientId, EventId), Held>,
    /// Where a patient's recallable events are.
    recallable: Index,
}

impl RouteState {
    /// The patient's directives; empty for somebody without one.
    pub fn consent(&mut self, patient: PatientId) -> Result<Arc<PatientConsent>, Failure> {
        self.consents.of(patient)
    }

    pub(super) fn held(&self, patient: PatientId, event_id: EventId) -> Option<&Held> {
        self.holdings.get(&(patient, event_id))
    }

    /// Who holds an event.
    pub fn holders(&self, patient: PatientId, event_id: EventId) -> AgencySet {
        self.held(patient, event_id).map_or(AgencySet::NONE, |it| it.agencies)
    }

    /// The patient's events that may have to be called back, by id; some may be no longer held.
    pub(super) fn recallable_events(&self, patient: PatientId) -> Vec<EventId> {
        self.recallable.of(patient).to_vec()
    }

    pub(super) fn put_directive(
        &mut self,
        patient: PatientId,
        event_id: EventId,
        directive: &Directive,
        offset: i64,
    ) -> Result<(), Failure> {
        let mut consent = PatientConsent::clone(&*self.consents.of(patient)?);
        consent.put(event_id, directive.clone());
        self.consents.put(patient, consent, offset);
        Ok(())
    }

    pub(super) fn retract_directive(
        &mut self,
        patient: PatientId,
        event_id: EventId,
        offset: i64,
    ) -> Result<(), Failure> {
        let mut consent = PatientConsent::clone(&*self.consents.of(patient)?);
        if consent.retract(event_id) {
            self.consents.put(patient, consent, offset);
        }
        Ok(())
    }

    /// An event nobody holds needs no row.
    pub(super) fn hold(&mut self, patient: PatientId, event_id: EventId, held: Held) {
        self.recallable.note(patient, event_id, held.recallable.is_some());
        if held.agencies.is_empty() {
            self.holdings.remove(&(patient, event_id));
        } else {
            self.holdings.put((patient, event_id), held);
        }
    }

    /// What was decided since the last call can no longer be undone: forget how.
    pub fn commit(&mut self) {
        self.consents.commit();
        self.holdings.commit();
        let holdings = &self.holdings;
        self.recallable.commit(|key| holdings.get(&key).is_some_and(|it| it.recallable.is_some()));
    }

    pub(super) fn roll_back(&mut self) {
        self.consents.roll_back();
        self.holdings.roll_back();
        self.recallable.roll_back();
    }

    /// Puts one row back.
    pub(super) fn restore(
        &mut self,
        key: &[u8],
        value: Option<&[u8]>,
        ids: &SchemaIds,
        table: &RouteTable,
    ) -> Result<(), Failure> {
        match key {
            [CONSENT, patient @ ..] => {
                let patient =
                    patient.try_into().map_err(|_| unreadable("a key of wrong length"))?;
                self.consents.restore(PatientId(patient), value, ids)?;
            }
            [HOLDING, both @ ..] if both.len() == 32 => {
                let (patient, event) = both.split_at(16);
                let key = (
                    PatientId(patient.try_into().expect("16 of 32 bytes")),
                    EventId(event.try_into().expect("16 of 32 bytes")),
                );
                let row = value.map(|it| Held::read(it, ids, table)).transpose()?;
                self.recallable
                    .restore(key, row.as_ref().is_some_and(|it| it.recallable.is_some()));
                self.holdings.restore(key, row);
            }
            _ => return Err(unreadable("an unknown key")),
        }
        Ok(())
    }

    /// State and offset were committed together, so no row can come from a record not yet applied.
    pub(super) fn check(&self, next_offset: i64) -> Result<(), Failure> {
        let consents = self.consents.applied();
        let holdings = self.holdings.values().map(|it| it.applied_offset);
        match consents.chain(holdings).max() {
            Some(latest) if latest >= next_offset => Err(Failure::fatal(
                "SP-1336",
                format!(
                    "route's state is ahead of its committed offset ({latest} >= {next_offset}): \
                     a transaction was torn; see docs/errors/SP-1336.md before starting again"
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Appends the rows the open batch changed.
    pub(super) fn changed(
        &self,
        partition: i32,
        topic: &Arc<str>,
        ids: &SchemaIds,
        table: &RouteTable,
        out: &mut Vec<Outbound>,
    ) {
        for (patient, value) in self.consents.changed(ids) {
            out.push(Outbound::state(topic.clone(), partition, consent_key(patient), value));
        }
        for (of, row) in self.holdings.changed() {
            let value = row.map(|it| encode(&it.row(table), ids));
            out.push(Outbound::state(topic.clone(), partition, holding_key(of), value));
        }
    }

    /// Every row as `consent.state.v1` must hold it: key and value.
    pub fn rows<'a>(
        &'a self,
        ids: &'a SchemaIds,
        table: &'a RouteTable,
    ) -> impl Iterator<Item = (Key, Vec<u8>)> {
        let consents = self.consents.rows(ids).map(|it| (consent_key(it.0), it.1));
        let holdings = self.holdings.iter();
        consents.chain(holdings.map(|it| (holding_key(it.0), encode(&it.1.row(table), ids))))
    }
}

fn consent_key(patient: &PatientId) -> Key {
    let mut key = Key::from_slice(&[CONSENT]);
    key.extend_from_slice(&patient.0);
    key
}

fn holding_key((patient, event_id): &(PatientId, EventId)) -> Key {
    let mut key = Key::from_slice(&[HOLDING]);
    key.extend_from_slice(&patient.0);
    key.extend_from_slice(&event_id.0);
    key
}

pub(super) fn unreadable(what: &str) -> Failure {
    Failure::fatal("SP-1337", format!("a row of route's state cannot be read: {what}"))
}
