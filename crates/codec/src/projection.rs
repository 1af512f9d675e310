//! Projection: from an agency's rule to the Avro schema of its topic, and to a program that cuts
//! a record of the patient log down to that schema without decoding it.
//!
//! The derived record holds `event_id`, `revision`, `action`, `version`, the identity the rule gives,
//! and the fields the rule names, in nullable records `envelope` and `body`. Every projected field is
//! nullable or an array, so a contract may gain a field, and may always be narrowed, without
//! breaking a reader (`FULL_TRANSITIVE`). A retraction has neither `envelope` nor `body`: the facts
//! of a corrected event must not reach an agency that no longer qualifies for it.

mod derive;
mod error;
mod library;
mod paths;
mod program;

use saphan_model::contract::{IdentityMode, Rule};
use saphan_model::envelope::Retracted;
use saphan_model::{AgencyId, CitizenId, Envelope, EventId, EventType, Revision};

pub use error::ProjectionError;

use crate::cursor::Cursor;
use crate::malformed::{Fault, Malformed};
use crate::wire::{Wire, put_bytes};
use program::Op;

/// What an agency receives of one event type: a schema and the program that makes it.
#[derive(Clone, Debug)]
pub struct Projection {
    name: String,
    schema: String,
    event_type: EventType,
    identity: IdentityMode,
    /// Over the envelope's bytes; none if the rule names no field of it.
    envelope: Option<Vec<Op>>,
    /// Over the body's bytes.
    body: Vec<Op>,
}

/// Who the event is about, as the rule lets the agency know.
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// Nothing.
    None,
    /// The agency's own pseudonym of the patient.
    Pseudonym(&'a [u8; 16]),
    /// The citizen id; none for a person known by local number only.
    CitizenId(Option<&'a CitizenId>),
}

/// `action` symbols, by index.
const UPSERT: u8 = 0;
const RETRACT: u8 = 2;
/// Union indexes of null and of a value, zig-zag.
const ABSENT: u8 = 0;
const PRESENT: u8 = 2;

/// The projection of one rule of an agency's contract.
pub fn derive(agency: &AgencyId, rule: &Rule) -> Result<Projection, ProjectionError> {
    derive::derive(agency, rule)
}

/// Every path a rule for a type may name, sorted; empty for a type that is never delivered.
pub fn paths(event_type: EventType) -> Vec<String> {
    derive::existing_paths(event_type)
}

impl Projection {
    /// Full Avro name and registry subject, `th.saphan.agency.<agency>.<Type>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Self-contained schema, one line of JSON.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The type of event it cuts.
    pub const fn event_type(&self) -> EventType {
        self.event_type
    }

    /// How the rule lets the agency know the patient.
    pub const fn identity(&self) -> IdentityMode {
        self.identity
    }

    /// Appends the value an agency receives for an event; `body` as [`crate::peek`] gives it.
    /// On a fault nothing is appended.
    pub fn deliver(
        &self,
        envelope: &Envelope,
        body: &[u8],
        identity: Identity<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        self.deliver_encoded(envelope, &crate::encode(envelope), body, identity, out)
    }

    /// As [`Projection::deliver`], for a caller with many recipients: `encoded` is the envelope's bytes.
    pub fn deliver_encoded(
        &self,
        envelope: &Envelope,
        encoded: &[u8],
        body: &[u8],
        identity: Identity<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        if envelope.event_type != self.event_type {
            return Err(Malformed::new(Fault::TypeMismatch, 0));
        }
        let start = out.len();
        let result = self.put_delivery(envelope, encoded, body, identity, out);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    /// Appends the value that takes an event back from an agency.
    pub fn retract(
        &self,
        event: &Retracted,
        identity: Identity<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        self.check(identity)?;
        put_head((event.event_id, event.revision, event.version), RETRACT, identity, out);
        if self.envelope.is_some() {
            out.push(ABSENT);
        }
        out.push(ABSENT);
        Ok(())
    }

    fn put_delivery(
        &self,
        envelope: &Envelope,
        encoded: &[u8],
        body: &[u8],
        identity: Identity<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        self.check(identity)?;
        let head = (envelope.event_id, envelope.revision, envelope.version(true));
        put_head(head, UPSERT, identity, out);
        if let Some(ops) = &self.envelope {
            out.push(PRESENT);
            program::run(ops, &mut Cursor::new(encoded), out)?;
        }
        out.push(PRESENT);
        program::run(&self.body, &mut Cursor::new(body), out)
    }

    fn check(&self, identity: Identity<'_>) -> Result<(), Malformed> {
        let given = match identity {
            Identity::None => IdentityMode::None,
            Identity::Pseudonym(_) => IdentityMode::AgencyPseudonym,
            Identity::CitizenId(_) => IdentityMode::CitizenId,
        };
        if given == self.identity { Ok(()) } else { Err(Malformed::new(Fault::Identity, 0)) }
    }
}

fn put_head(
    (event_id, revision, version): (EventId, Revision, i64),
    action: u8,
    identity: Identity<'_>,
    out: &mut Vec<u8>,
) {
    event_id.put(out);
    revision.put(out);
    out.push(action);
    version.put(out);
    match identity {
        Identity::None => {}
        Identity::Pseudonym(bytes) => {
            out.push(PRESENT);
            out.extend_from_slice(bytes);
        }
        Identity::CitizenId(Some(id)) => {
            out.push(PRESENT);
            put_bytes(id.reveal().as_bytes(), out);
        }
        Identity::CitizenId(None) => out.push(ABSENT),
    }
}
