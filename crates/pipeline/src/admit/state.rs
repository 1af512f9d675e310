//! Admit's state as rows of `admit.state.v1`: key `e` + event id, `p` + keyed hash of a local number, or `r` +
//! name of an event of which something was refused.

use std::sync::Arc;

use saphan_codec::{Named, SchemaIds};
use saphan_kafka::{Failure, Outbound};
use saphan_model::admission::{EventState, LinkState, RefusalState};
use saphan_model::{EventId, PatientId};

use super::admission::Admission;
use crate::encode::encode;

const EVENT: u8 = b'e';
const LINK: u8 = b'p';
const REFUSAL: u8 = b'r';

/// Puts one row back.
pub(super) fn restore(
    admission: &mut Admission,
    key: &[u8],
    value: Option<&[u8]>,
    ids: &SchemaIds,
) -> Result<(), Failure> {
    let Some((kind, id)) = split(key) else { return Err(unreadable("unknown key")) };
    match kind {
        EVENT => admission.events.restore(EventId(id), row::<EventState>(value, ids)?),
        LINK => admission.links.restore(PatientId(id), row::<LinkState>(value, ids)?),
        REFUSAL => admission.refusals.restore(EventId(id), row::<RefusalState>(value, ids)?),
        _ => return Err(unreadable("unknown key")),
    }
    Ok(())
}

fn row<T: Named>(value: Option<&[u8]>, ids: &SchemaIds) -> Result<Option<T>, Failure> {
    let read = value.map(|it| saphan_codec::decode_framed::<T>(it, ids)).transpose();
    read.map_err(|it| unreadable(&it.to_string()))
}

fn unreadable(what: &str) -> Failure {
    Failure::fatal("SP-1322", format!("a row of admit's state cannot be read: {what}"))
}

fn split(key: &[u8]) -> Option<(u8, [u8; 16])> {
    let (kind, id) = key.split_first()?;
    Some((*kind, id.try_into().ok()?))
}

/// State and offset were committed together, so no row can come from a record not yet applied.
pub(super) fn check(admission: &Admission, next_offset: i64) -> Result<(), Failure> {
    let events = admission.events.values().map(|it| it.sequence.max(it.said_at()));
    let links = admission.links.values().map(|it| it.sequence);
    let refusals = admission.refusals.values().map(|it| it.sequence);
    match events.chain(links).chain(refusals).max() {
        Some(latest) if latest >= next_offset => Err(Failure::fatal(
            "SP-1323",
            format!(
                "admit's state is ahead of its committed offset ({latest} >= {next_offset}): \
                 a transaction was torn; see docs/errors/SP-1323.md before starting again"
            ),
        )),
        _ => Ok(()),
    }
}

/// Appends the rows the open batch changed.
pub(super) fn changed(
    admission: &Admission,
    partition: i32,
    topic: &Arc<str>,
    ids: &SchemaIds,
    out: &mut Vec<Outbound>,
) {
    for (id, row) in admission.events.changed() {
        let value = row.map(|it| encode(it, ids));
        out.push(Outbound::state(topic.clone(), partition, key(EVENT, id.0), value));
    }
    for (id, row) in admission.links.changed() {
        let value = row.map(|it| encode(it, ids));
        out.push(Outbound::state(topic.clone(), partition, key(LINK, id.0), value));
    }
    for (id, row) in admission.refusals.changed() {
        let value = row.map(|it| encode(it, ids));
        out.push(Outbound::state(topic.clone(), partition, key(REFUSAL, id.0), value));
    }
}

fn key(kind: u8, id: [u8; 16]) -> Vec<u8> {
    let mut key = Vec::with_capacity(17);
    key.push(kind);
    key.extend_from_slice(&id);
    key
}
