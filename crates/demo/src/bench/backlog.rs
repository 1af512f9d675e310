//! A backlog for routers: the demo province's patient log, as often as gives a measurement of some length.
//!
//! A copy holds the same records about other people: the pseudonym in the envelope is changed, and with it
//! the key and the partition, so state grows as with that many patients. Event ids stay, since citizen
//! ids are sealed for them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use saphan_codec::{Peeked, SchemaIds};
use saphan_kafka::{
    Isolation, KafkaConfig, Outbound, Producer, ProducerLimits, Reader, Record, SendError,
};
use saphan_model::admission::ConsentChange;
use saphan_model::{Body, Envelope, Event, EventType, PatientId, Timestamp};
use saphan_topology::Names;

use crate::interrupt;

/// Records handed to the client before their results are waited for.
const CHUNK: usize = 10_000;

/// A record of the patient log, to be made into others.
#[derive(Clone)]
pub struct Template {
    /// The schema frame.
    frame: Vec<u8>,
    /// The envelope.
    pub envelope: Envelope,
    body: Vec<u8>,
}

impl Template {
    /// Takes a record apart.
    pub fn of(value: &[u8], ids: &SchemaIds) -> Result<Self> {
        let Peeked { envelope, body, .. } = saphan_codec::peek(value, ids)?;
        let frame = value[..saphan_codec::frame::FRAME_BYTES].to_vec();
        Ok(Self { frame, envelope, body: body.to_vec() })
    }

    /// Does it say that something is so?
    pub fn is_put(&self) -> bool {
        EventType::DELIVERABLE.contains(&self.envelope.event_type)
    }

    /// The record under another envelope, for a topic keyed by patient.
    pub fn outbound(&self, envelope: &Envelope, topic: &Arc<str>) -> Outbound {
        let mut value = self.frame.clone();
        value.extend(saphan_codec::encode(envelope));
        value.extend_from_slice(&self.body);
        Outbound::keyed(topic.clone(), envelope.patient.0, value)
    }
}

/// Copies the patient log of `from` into that of `to` until it holds at least `wanted` records, then
/// tells of every change of consent in it, as admit does. Returns the number of records.
pub fn prepare(
    kafka: &KafkaConfig,
    from: &Names,
    to: &Names,
    ids: &SchemaIds,
    wanted: usize,
) -> Result<i64> {
    let templates = templates(kafka, from, ids)?;
    ensure!(!templates.is_empty(), "the patient log is empty");
    let copies = wanted.div_ceil(templates.len());
    let producer = Producer::new(kafka, "bench-backlog", &ProducerLimits::default())?;
    let topic: Arc<str> = to.patient_log().into();
    for copy in 0..copies {
        for chunk in templates.chunks(CHUNK) {
            interrupt::check()?;
            let batch = chunk.iter().map(|it| it.outbound(&of_copy(&it.envelope, copy), &topic));
            send(&producer, batch.collect())?;
        }
    }
    let total = foretell(kafka, to, ids, &producer)?;
    ensure!(total == templates.len() * copies, "the backlog holds {total} records");
    Ok(i64::try_from(total)?)
}

fn templates(kafka: &KafkaConfig, from: &Names, ids: &SchemaIds) -> Result<Vec<Template>> {
    let reader = Reader::new(kafka, "bench-templates", Isolation::Committed)?;
    let mut templates = Vec::new();
    let mut unread = Ok(());
    reader.read_to_end(&from.patient_log(), |record| {
        match Template::of(record.value.unwrap_or_default(), ids) {
            Ok(it) => templates.push(it),
            Err(error) => unread = Err(error),
        }
    })?;
    unread.map(|()| templates)
}

/// The same envelope about another person; copy 0 is about the same one.
fn of_copy(envelope: &Envelope, copy: usize) -> Envelope {
    let mut patient = envelope.patient.0;
    let spread = (copy as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    for (byte, other) in patient.iter_mut().zip(spread) {
        *byte ^= other;
    }
    Envelope { patient: PatientId(patient), ..envelope.clone() }
}

/// Reads the log once more for the places and append times of changes of consent, and tells them.
fn foretell(
    kafka: &KafkaConfig,
    names: &Names,
    ids: &SchemaIds,
    producer: &Producer,
) -> Result<usize> {
    let reader = Reader::new(kafka, "bench-changes", Isolation::Committed)?;
    let topic: Arc<str> = names.consent_revoked().into();
    let (mut total, mut changes, mut unread) = (0, Vec::new(), Ok(()));
    reader.read_to_end(&names.patient_log(), |record| {
        total += 1;
        match change(record, ids) {
            Ok(Some((key, value))) => changes.push(Outbound::keyed(topic.clone(), key, value)),
            Ok(None) => {}
            Err(error) => unread = Err(error),
        }
    })?;
    unread?;
    for chunk in changes.chunks(CHUNK) {
        send(producer, chunk.to_vec())?;
    }
    Ok(total)
}

fn change(record: &Record<'_>, ids: &SchemaIds) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    let value = record.value.unwrap_or_default();
    let view = saphan_codec::log::view(value, ids)?;
    if !matches!(view.event_type, EventType::Directive | EventType::Retraction) {
        return Ok(None);
    }
    let read = saphan_codec::decode_log(value, ids)?;
    let directive = match read.event {
        Event::Put(Body::Directive(it)) => Some(*it),
        Event::Retract { retracted_type: EventType::Directive, .. } => None,
        _ => return Ok(None),
    };
    let change = ConsentChange {
        partition: record.partition,
        offset: record.offset,
        appended_at: Timestamp(record.append_time_ms),
        event_id: read.envelope.event_id,
        directive,
    };
    let mut bytes = Vec::new();
    saphan_codec::encode_framed(&change, ids, &mut bytes);
    Ok(Some(([read.envelope.patient.0, read.envelope.event_id.0].concat(), bytes)))
}

/// Sends and waits; a full buffer is waited for by sending less at a time.
pub fn send(producer: &Producer, batch: Vec<Outbound>) -> Result<()> {
    let results: Result<Vec<_>, SendError> =
        producer.send(batch).wait(Duration::from_secs(60)).into_iter().collect();
    results.map(drop).context("append to the bench's own topics")
}
