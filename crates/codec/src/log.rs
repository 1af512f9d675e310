//! Records of `patient.log.v1`: an envelope, then a body whose type the schema id tells.

use saphan_model::{Body, Envelope, Event, EventType, LogRecord};

use crate::cursor::Cursor;
use crate::frame::{FRAME_BYTES, SchemaIds, put_frame};
use crate::malformed::{Fault, Malformed};
use crate::record::Record;
use crate::shape::Shape;
use crate::types::{LinkBody, RetractionBody};
use crate::view::EnvelopeView;
use crate::wire::{Wire, decode};

/// The envelope of a record, with its body still in bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Peeked<'a> {
    /// What the record is.
    pub event_type: EventType,
    /// Its envelope, whole.
    pub envelope: Envelope,
    /// Its body, not decoded, not even checked.
    pub body: &'a [u8],
}

/// The event type of what a record says.
pub const fn event_type(event: &Event) -> EventType {
    match event {
        Event::Put(body) => body.event_type(),
        Event::Retract { .. } => EventType::Retraction,
        Event::Link { .. } => EventType::Link,
    }
}

/// Appends a framed record. The type is taken from the event; `envelope.event_type` must agree.
pub fn encode_log(record: &LogRecord, ids: &SchemaIds, out: &mut Vec<u8>) {
    let event_type = event_type(&record.event);
    debug_assert_eq!(event_type, record.envelope.event_type, "envelope and event agree");
    put_frame(ids.id(Record::of_log(event_type)), out);
    record.envelope.put(out);
    put_event(&record.event, out);
}

/// Reads a framed record whole, of today's or an older version.
pub fn decode_log(framed: &[u8], ids: &SchemaIds) -> Result<LogRecord, Malformed> {
    let framed = ids.current(framed)?;
    let Peeked { event_type, envelope, body } = peek(&framed, ids)?;
    let start = framed.len() - body.len();
    let event = decode_event(event_type, body).map_err(|it| it.shifted(start))?;
    Ok(LogRecord { envelope, event })
}

/// Reads the envelope of a framed record of today's version ([`SchemaIds::current`]) and stops.
pub fn peek<'a>(framed: &'a [u8], ids: &SchemaIds) -> Result<Peeked<'a>, Malformed> {
    let (event_type, payload) = open(framed, ids)?;
    let mut cursor = Cursor::new(payload);
    let envelope = Envelope::get(&mut cursor).map_err(|it| it.shifted(FRAME_BYTES))?;
    if envelope.event_type != event_type {
        return Err(Malformed::new(Fault::TypeMismatch, FRAME_BYTES));
    }
    Ok(Peeked { event_type, envelope, body: cursor.rest() })
}

/// Reads the leading fields of a framed record's envelope without copying any.
pub fn view<'a>(framed: &'a [u8], ids: &SchemaIds) -> Result<EnvelopeView<'a>, Malformed> {
    let (event_type, payload) = open(framed, ids)?;
    crate::view::of_type(payload, event_type).map_err(|it| it.shifted(FRAME_BYTES))
}

/// Takes off the frame of a record that must be one of the patient log.
fn open<'a>(framed: &'a [u8], ids: &SchemaIds) -> Result<(EventType, &'a [u8]), Malformed> {
    let (record, payload) = ids.open(framed)?;
    match record.event_type() {
        Some(event_type) => Ok((event_type, payload)),
        None => Err(Malformed::new(Fault::OtherRecord, 1)),
    }
}

/// Reads what a record says, given its type.
pub fn decode_event(event_type: EventType, body: &[u8]) -> Result<Event, Malformed> {
    Ok(match event_type {
        EventType::Link => {
            let LinkBody { former } = decode(body)?;
            Event::Link { former }
        }
        EventType::Retraction => {
            let RetractionBody { retracted_type, reason } = decode(body)?;
            Event::Retract { retracted_type, reason }
        }
        EventType::Person => Event::Put(Body::Person(decode(body)?)),
        EventType::Encounter => Event::Put(Body::Encounter(decode(body)?)),
        EventType::Referral => Event::Put(Body::Referral(decode(body)?)),
        EventType::ReferralReply => Event::Put(Body::ReferralReply(decode(body)?)),
        EventType::Condition => Event::Put(Body::Condition(decode(body)?)),
        EventType::Immunisation => Event::Put(Body::Immunisation(decode(body)?)),
        EventType::Maternity => Event::Put(Body::Maternity(decode(body)?)),
        EventType::Screening => Event::Put(Body::Screening(decode(body)?)),
        EventType::Appointment => Event::Put(Body::Appointment(decode(body)?)),
        EventType::Death => Event::Put(Body::Death(decode(body)?)),
        EventType::Directive => Event::Put(Body::Directive(decode(body)?)),
    })
}

/// Canonical bytes of a body, for content hashing: equal bodies give equal bytes. They do not say
/// of which type they are; hash the type too.
pub fn body_bytes(body: &Body) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    put_body(body, &mut out);
    out
}

/// Shape of a link's body, for the test that compares shapes with schemas.
pub fn link_shape() -> Shape {
    LinkBody::shape()
}

/// Shape of a retraction's body.
pub fn retraction_shape() -> Shape {
    RetractionBody::shape()
}

fn put_event(event: &Event, out: &mut Vec<u8>) {
    match event {
        Event::Put(body) => put_body(body, out),
        Event::Retract { retracted_type, reason } => {
            RetractionBody { retracted_type: *retracted_type, reason: *reason }.put(out);
        }
        Event::Link { former } => LinkBody { former: *former }.put(out),
    }
}

fn put_body(body: &Body, out: &mut Vec<u8>) {
    match body {
        Body::Person(it) => it.put(out),
        Body::Encounter(it) => it.put(out),
        Body::Referral(it) => it.put(out),
        Body::ReferralReply(it) => it.put(out),
        Body::Condition(it) => it.put(out),
        Body::Immunisation(it) => it.put(out),
        Body::Maternity(it) => it.put(out),
        Body::Screening(it) => it.put(out),
        Body::Appointment(it) => it.put(out),
        Body::Death(it) => it.put(out),
        Body::Directive(it) => it.put(out),
    }
}

impl std::fmt::Debug for Peeked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peeked")
            .field("envelope", &self.envelope)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
