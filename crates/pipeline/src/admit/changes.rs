//! Changes of consent, told to every router in the transaction that appends them to the patient log:
//! once there with the record, once in `consent.revoked.v1` with the record's place.

use std::num::NonZeroU32;
use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::processor::Placed;
use saphan_kafka::{Failure, Header, Outbound};
use saphan_model::admission::ConsentChange;
use saphan_model::directive::Directive;
use saphan_model::{Body, Event, EventType, LogRecord, Timestamp};

use crate::encode::encode;

/// The open batch's changes, in the order of their marks.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<Change>);

#[derive(Debug)]
struct Change {
    key: Vec<u8>,
    /// The submission it came with: whoever sent that finds the change by it, without any key.
    source: Header,
    record: ConsentChange,
}

impl Changes {
    /// Notes a record if it changes consent: the mark by which its place is told. `source` names the
    /// submission it came with.
    pub(super) fn note(&mut self, record: &LogRecord, source: &Header) -> Option<NonZeroU32> {
        let directive = changed(&record.event)?;
        let envelope = &record.envelope;
        let record = ConsentChange {
            partition: 0,
            offset: 0,
            appended_at: Timestamp(0),
            event_id: envelope.event_id,
            directive,
        };
        let key = key(envelope.patient.0, envelope.event_id.0);
        self.0.push(Change { key, source: source.clone(), record });
        u32::try_from(self.0.len()).ok().and_then(NonZeroU32::new)
    }

    /// Their records, now that their places are known.
    pub(super) fn placed(
        &self,
        places: &[Placed],
        topic: &Arc<str>,
        ids: &SchemaIds,
        out: &mut Vec<Outbound>,
    ) -> Result<(), Failure> {
        if places.len() != self.0.len() {
            let told = format!("{} changes of consent, {} places", self.0.len(), places.len());
            return Err(Failure::fatal("SP-1324", told));
        }
        for (change, place) in self.0.iter().zip(places) {
            let record = ConsentChange {
                partition: place.partition,
                offset: place.offset,
                appended_at: Timestamp(place.append_time_ms),
                ..change.record.clone()
            };
            let told = Outbound::keyed(topic.clone(), &change.key, encode(&record, ids));
            out.push(told.with(change.source.clone()));
        }
        Ok(())
    }

    /// The batch ended.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// A person's changes of one directive follow each other under one key, so that only the last is kept.
fn key(patient: [u8; 16], event_id: [u8; 16]) -> Vec<u8> {
    [patient, event_id].concat()
}

/// The directive as it becomes, `Some(None)` once taken back; `None` if the record is about no directive.
/// Whether a change takes away is not asked: admit does not know what was permitted before.
fn changed(event: &Event) -> Option<Option<Directive>> {
    match event {
        Event::Put(Body::Directive(it)) => Some(Some(Directive { note: None, ..(**it).clone() })),
        Event::Retract { retracted_type: EventType::Directive, .. } => Some(None),
        Event::Put(_) | Event::Retract { .. } | Event::Link { .. } => None,
    }
}
