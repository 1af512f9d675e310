//! A paced feed of admitted events: the producer appends on schedule to the patient log, a reader with
//! `read_committed` sees what arrives at one agency. The moment an event was due is in its `revision`,
//! which every agency receives, so nothing has to be matched and a late producer hides nothing.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use saphan_codec::frame::FRAME_BYTES;
use saphan_kafka::{
    Delivery, Isolation, KafkaConfig, Outbound, Producer, ProducerLimits, Reader, Record, Shutdown,
    Tail, TailFrom,
};
use saphan_model::{Envelope, PatientId, Revision};

use super::backlog::Template;
use crate::interrupt;

/// Between two sendings.
const TICK: Duration = Duration::from_millis(2);

/// What an event carries in its revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When it was due, microseconds since 1970.
    pub due: u64,
    /// Whose it is, a number of the bench's own.
    pub person: u32,
}

/// An event as the agency saw it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// From the event.
    pub stamp: Stamp,
    /// When it was read, microseconds since 1970.
    pub at: u64,
    /// Offset of its record in the patient log.
    pub source: i64,
}

impl Stamp {
    fn revision(self) -> Revision {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.due.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.person.to_be_bytes());
        Revision(bytes)
    }

    /// From an agency's record: event id, then revision.
    fn of(value: &[u8]) -> Option<Self> {
        let revision = value.get(FRAME_BYTES + 16..)?.first_chunk::<16>()?;
        let (due, rest) = revision.split_first_chunk::<8>()?;
        let person = rest.first_chunk::<4>()?;
        Some(Self { due: u64::from_be_bytes(*due), person: u32::from_be_bytes(*person) })
    }
}

/// The pseudonym of a person of the bench.
pub fn pseudonym(person: u32) -> PatientId {
    let spread = u64::from(person).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [0xbe; 16];
    bytes[..8].copy_from_slice(&spread.to_be_bytes());
    bytes[8..12].copy_from_slice(&person.to_be_bytes());
    PatientId(bytes)
}

/// An event about a person of the bench.
pub fn event(template: &Template, stamp: Stamp, topic: &Arc<str>) -> Outbound {
    let envelope = Envelope {
        patient: pseudonym(stamp.person),
        revision: stamp.revision(),
        ..template.envelope.clone()
    };
    template.outbound(&envelope, topic)
}

/// Microseconds since 1970 by this machine's clock.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// A producer that waits little.
pub fn producer(kafka: &KafkaConfig, part: &str) -> Result<Producer> {
    let limits = ProducerLimits { linger: Duration::from_millis(1), ..ProducerLimits::default() };
    Ok(Producer::new(kafka, part, &limits)?)
}

/// Appends `rate` events a second for `length`, `person` and `template` by running number; waits until all
/// are acknowledged. Returns how many.
pub fn send(
    kafka: &KafkaConfig,
    topic: &Arc<str>,
    (rate, length): (u32, Duration),
    pick: impl Fn(u64) -> (u32, Template),
) -> Result<u64> {
    let producer = producer(kafka, "bench-pace")?;
    let (begun, epoch) = (Instant::now(), now());
    let mut sent = 0;
    let mut open: Vec<Delivery> = Vec::new();
    while begun.elapsed() < length {
        interrupt::check()?;
        let due = (begun.elapsed().as_secs_f64() * f64::from(rate)) as u64;
        let batch: Vec<Outbound> = (sent..due)
            .map(|number| {
                let (person, template) = pick(number);
                let after = number * 1_000_000 / u64::from(rate);
                event(&template, Stamp { due: epoch + after, person }, topic)
            })
            .collect();
        sent = due;
        open.push(producer.send(batch));
        std::thread::sleep(TICK);
    }
    for it in open {
        let refused = it.wait(Duration::from_secs(30)).into_iter().find_map(Result::err);
        ensure!(refused.is_none(), "an event was not appended: {refused:?}");
    }
    Ok(sent)
}

/// Reads a topic from its beginning on until `shutdown`.
pub fn listen(
    kafka: &KafkaConfig,
    topic: &str,
    shutdown: &Shutdown,
    mut visit: impl FnMut(Arrival),
) -> Result<()> {
    let reader = Reader::new(kafka, "bench-agency", Isolation::Committed)?;
    let mut unread = Ok(());
    reader.tail(topic, TailFrom::Beginning, shutdown, |it| {
        let Tail::Record(record) = it else { return ControlFlow::Continue(()) };
        match arrival(&record) {
            Ok(Some(arrival)) => visit(arrival),
            Ok(None) => {}
            Err(error) => {
                unread = Err(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    unread
}

/// Does an agency's record say "upsert"? `action` stands behind event id and revision.
pub fn is_delivery(value: &[u8]) -> bool {
    value.get(FRAME_BYTES + 32) == Some(&0)
}

/// None for a retraction.
fn arrival(record: &Record<'_>) -> Result<Option<Arrival>> {
    let at = now();
    let value = record.value.unwrap_or_default();
    if !is_delivery(value) {
        return Ok(None);
    }
    let stamp = Stamp::of(value).context("an agency's record")?;
    let source = record.headers.get("src").and_then(|it| std::str::from_utf8(it).ok());
    let offset = source.and_then(|it| it.rsplit('/').next()).context("a src header")?;
    Ok(Some(Arrival { stamp, at, source: offset.parse()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_comes_back_from_the_agency() {
        let stamp = Stamp { due: 1_234_567, person: 89 };
        let mut value = vec![0; FRAME_BYTES + 16];
        value.extend(stamp.revision().0);
        assert_eq!(Stamp::of(&value), Some(stamp));
        assert_eq!(Stamp::of(&value[..20]), None);
    }

    #[test]
    fn people_have_pseudonyms_of_their_own() {
        assert_ne!(pseudonym(1), pseudonym(2));
        assert_eq!(pseudonym(1), pseudonym(1));
    }
}
