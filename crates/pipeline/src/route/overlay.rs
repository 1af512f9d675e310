//! Changes of consent that stand in the patient log but were not routed yet. Route asks them just before
//! it delivers: what they no longer permit is withheld. They can only take away.
//!
//! A change has a place in the log, so a record knows which changes follow it, whatever order they are
//! learnt in. Once route has passed the place, the state folded from the log says the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use saphan_codec::SchemaIds;
use saphan_kafka::Failure;
use saphan_model::admission::ConsentChange;
use saphan_model::{PatientId, Timestamp};
use saphan_policy::PatientConsent;

/// What is known ahead of the log; one for all routers of a process.
#[derive(Debug, Default)]
pub struct Overlay {
    ahead: RwLock<Ahead>,
    /// Patients with a change ahead: mostly none, then nobody takes the lock.
    patients: AtomicUsize,
    /// Changes are not heard of any longer.
    deaf: AtomicBool,
}

#[derive(Debug, Default)]
struct Ahead {
    /// A patient's changes, in log order.
    changes: HashMap<PatientId, Vec<ConsentChange>>,
    /// Whose change stands where, by partition, so that what was routed is found without a search.
    places: HashMap<i32, BTreeMap<i64, PatientId>>,
    /// Next offset to be routed, by partition.
    routed: HashMap<i32, i64>,
}

/// Consent as it will be once the log is routed.
#[derive(Debug)]
pub struct Foreseen {
    /// With every change that follows the record.
    pub consent: PatientConsent,
    /// When the last of them was appended: the instant the consent is asked for.
    pub at: Timestamp,
}

impl Ahead {
    fn pass(&mut self, partition: i32, next: i64) {
        let known = self.routed.entry(partition).or_insert(next);
        *known = next.max(*known);
        let Some(places) = self.places.get_mut(&partition) else { return };
        let rest = places.split_off(&next);
        for patient in std::mem::replace(places, rest).into_values() {
            let Some(changes) = self.changes.get_mut(&patient) else { continue };
            changes.retain(|it| it.partition != partition || it.offset >= next);
            if changes.is_empty() {
                self.changes.remove(&patient);
            }
        }
    }
}

impl Overlay {
    /// Takes one record of `consent.revoked.v1`: when its change was appended, if it is still ahead.
    pub fn take(
        &self,
        key: &[u8],
        value: Option<&[u8]>,
        ids: &SchemaIds,
    ) -> Result<Option<Timestamp>, Failure> {
        let Some(value) = value else { return Ok(None) };
        let patient = key.first_chunk::<16>().ok_or_else(|| unreadable("a key of wrong length"))?;
        let change = saphan_codec::decode_framed::<ConsentChange>(value, ids)
            .map_err(|it| unreadable(&it.to_string()))?;
        let mut ahead = self.ahead.write().unwrap_or_else(PoisonError::into_inner);
        if ahead.routed.get(&change.partition).is_some_and(|next| change.offset < *next) {
            return Ok(None);
        }
        let (patient, appended_at) = (PatientId(*patient), change.appended_at);
        ahead.places.entry(change.partition).or_default().insert(change.offset, patient);
        let changes = ahead.changes.entry(patient).or_default();
        let place = changes.partition_point(|it| it.offset < change.offset);
        if changes.get(place).is_some_and(|it| it.offset == change.offset) {
            return Ok(None); // the topic is read again after trouble
        }
        changes.insert(place, change);
        self.patients.store(ahead.changes.len(), Ordering::Release);
        Ok(Some(appended_at))
    }

    /// Everything below `next` of a partition is routed for good: its changes are in route's own state.
    pub fn routed(&self, positions: impl IntoIterator<Item = (i32, i64)>) {
        let mut ahead = self.ahead.write().unwrap_or_else(PoisonError::into_inner);
        for (partition, next) in positions {
            ahead.pass(partition, next);
        }
        self.patients.store(ahead.changes.len(), Ordering::Release);
    }

    /// Says that changes are heard of no longer, or again. Meanwhile nothing is routed: it might deliver what
    /// was revoked.
    pub fn set_deaf(&self, deaf: bool) {
        self.deaf.store(deaf, Ordering::Release);
    }

    /// Fails while changes are not heard of.
    pub(super) fn hears(&self) -> Result<(), Failure> {
        if !self.deaf.load(Ordering::Acquire) {
            return Ok(());
        }
        let why = "nothing is heard of changes of consent; routing waits";
        Err(Failure::transient("SP-1339", why))
    }

    /// Nothing is ahead.
    pub fn is_empty(&self) -> bool {
        self.patients.load(Ordering::Acquire) == 0
    }

    /// Consent after the changes that follow a record of the log; `None` if none follows.
    pub(super) fn foresee(
        &self,
        patient: PatientId,
        (partition, offset): (i32, i64),
        now: &PatientConsent,
    ) -> Option<Foreseen> {
        if self.is_empty() {
            return None;
        }
        let ahead = self.ahead.read().unwrap_or_else(PoisonError::into_inner);
        let changes = ahead.changes.get(&patient)?.iter();
        let following = changes.filter(|it| it.partition == partition && it.offset > offset);
        let mut foreseen = None;
        for it in following {
            let Foreseen { consent, at } = foreseen
                .get_or_insert_with(|| Foreseen { consent: now.clone(), at: it.appended_at });
            *at = it.appended_at.max(*at);
            match &it.directive {
                Some(directive) => consent.put(it.event_id, directive.clone()),
                None => _ = consent.retract(it.event_id),
            }
        }
        foreseen
    }
}

/// Only admit writes them. Going on without one would be to send what was revoked.
fn unreadable(what: &str) -> Failure {
    Failure::fatal("SP-1338", format!("a change of consent cannot be read: {what}"))
}
