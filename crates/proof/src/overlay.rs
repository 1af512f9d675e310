//! Changes of consent that follow a record in the log. Route hears of them before it comes to them, and
//! withholds what they no longer permit: here it is asked, by the same rule, which withholdings they bear
//! out, and which deliveries left although route must have heard.

use std::collections::{HashMap, VecDeque};

use saphan_codec::SchemaIds;
use saphan_kafka::Record;
use saphan_model::directive::Directive;
use saphan_model::{Body, Event, EventId, EventType, PatientId, Timestamp};
use saphan_policy::{PatientConsent, Permitted, RouteTable, still_permits};

/// Every change of consent in a partition of the log, read ahead of the replay. Those the replay has
/// passed are dropped.
#[derive(Default)]
pub struct Changes(HashMap<PatientId, VecDeque<Change>>);

struct Change {
    offset: i64,
    appended_at: Timestamp,
    event_id: EventId,
    /// As it becomes; none once it was taken back.
    directive: Option<Directive>,
}

/// What a person permits after each of the changes that follow a record, in their order.
pub(crate) struct Foreseen(Vec<Step>);

struct Step {
    offset: i64,
    appended_at: Timestamp,
    consent: PatientConsent,
    /// The instant consent is asked for: the latest append time so far.
    at: Timestamp,
}

impl Changes {
    /// Takes the next record of the partition. One that cannot be read is the replay's finding.
    pub fn see(&mut self, record: &Record<'_>, ids: &SchemaIds) {
        if let Some((patient, change)) = change(record, ids) {
            self.0.entry(patient).or_default().push_back(change);
        }
    }

    /// Is there none?
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The replay is at this offset of the patient: what stands there or before lies behind it.
    pub(crate) fn pass(&mut self, patient: PatientId, offset: i64) {
        let Some(changes) = self.0.get_mut(&patient) else { return };
        while changes.front().is_some_and(|it| it.offset <= offset) {
            changes.pop_front();
        }
        if changes.is_empty() {
            self.0.remove(&patient);
        }
    }

    /// What follows, seen from the consent at this point of the replay; none if nothing does.
    pub(crate) fn foresee(&self, patient: PatientId, now: &PatientConsent) -> Option<Foreseen> {
        let mut consent = now.clone();
        let mut at = Timestamp(i64::MIN);
        let steps = self.0.get(&patient)?.iter().map(|it| {
            match &it.directive {
                Some(directive) => consent.put(it.event_id, directive.clone()),
                None => _ = consent.retract(it.event_id),
            }
            at = it.appended_at.max(at);
            let (offset, appended_at) = (it.offset, it.appended_at);
            Step { offset, appended_at, consent: consent.clone(), at }
        });
        Some(Foreseen(steps.collect()))
    }
}

impl Foreseen {
    /// Could the overlay withhold the delivery? By any of the changes: route hears of them one by one.
    pub(crate) fn may_withhold(&self, table: &RouteTable, it: &Permitted<'_>) -> bool {
        self.0.iter().any(|step| !step.permits(table, it))
    }

    /// Had the overlay to withhold what left at that instant? It had when the consent route had heard of
    /// for certain, `grace_ms` after its append, forbids it, and so does all it may have heard of since:
    /// the offset and append time of the change it had heard of for certain.
    pub(crate) fn had_to_withhold(
        &self,
        table: &RouteTable,
        it: &Permitted<'_>,
        left_at: i64,
        grace_ms: i64,
    ) -> Option<(i64, Timestamp)> {
        let heard = |within: i64| {
            let before = |step: &&Step| step.appended_at.0.saturating_add(within) < left_at;
            self.0.iter().take_while(before).count()
        };
        let (certain, possible) = (heard(grace_ms), heard(0));
        let last = &self.0[certain.checked_sub(1)?];
        let since = &self.0[certain - 1..possible.max(certain)];
        let forbidden = since.iter().all(|step| !step.permits(table, it));
        forbidden.then_some((last.offset, last.appended_at))
    }
}

impl Step {
    fn permits(&self, table: &RouteTable, it: &Permitted<'_>) -> bool {
        still_permits(table, &self.consent, it, self.at)
    }
}

fn change(record: &Record<'_>, ids: &SchemaIds) -> Option<(PatientId, Change)> {
    let value = ids.current(record.value?).ok()?;
    let view = saphan_codec::log::view(&value, ids).ok()?;
    if !matches!(view.event_type, EventType::Directive | EventType::Retraction) {
        return None;
    }
    let peeked = saphan_codec::peek(&value, ids).ok()?;
    let directive = match saphan_codec::log::decode_event(peeked.event_type, peeked.body).ok()? {
        Event::Put(Body::Directive(it)) => Some(*it),
        Event::Retract { retracted_type: EventType::Directive, .. } => None,
        Event::Put(_) | Event::Retract { .. } | Event::Link { .. } => return None,
    };
    let (event_id, appended_at) = (peeked.envelope.event_id, Timestamp(record.append_time_ms));
    let change = Change { offset: record.offset, appended_at, event_id, directive };
    Some((peeked.envelope.patient, change))
}
