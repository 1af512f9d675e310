//! From the receipt of a revocation to the last event delivered in spite of it, while events flow.
//!
//! People grant and revoke all the time; the bench appends each change as admit does, to the patient log
//! and with its place to `consent.revoked.v1`, and takes the moment both are acknowledged as the receipt.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use saphan_codec::SchemaIds;
use saphan_kafka::{Outbound, Position, Producer, Shutdown};
use saphan_model::admission::ConsentChange;
use saphan_model::directive::{Directive, Effect, Grantor, Method};
use saphan_model::{Body, Envelope, Event, EventId, EventType, LogRecord, Timestamp};
use saphan_topology::Names;

use super::Figure;
use super::arena::{self, Arena};
use super::backlog::Template;
use super::latency::{LONGEST, RATE, templates};
use super::metrics::Metrics;
use super::pace::{self, Arrival};
use crate::interrupt;
use crate::platform::Site;
use crate::terminal::tell;

/// Whose consent is asked, and for which type: a contract on the basis of consent.
const AGENCY: &str = "agency.health-link.encounter.v1";
/// People; each has ten events a second.
const PEOPLE: u32 = 200;
/// Between two changes of consent.
const CHANGE: Duration = Duration::from_millis(25);
/// Deliveries may still be on their way.
const SETTLE: Duration = Duration::from_secs(3);

/// One person's change: from `sent` on it may have an effect, at `receipt` it was acknowledged.
#[derive(Clone, Copy, Debug)]
struct Change {
    person: u32,
    revokes: bool,
    sent: u64,
    receipt: u64,
    offset: i64,
}

/// Measures at the pace of the latency part.
pub fn measure(arena: &Arena<'_>, small: bool) -> Result<Vec<Figure>> {
    let length = Duration::from_secs(if small { 10 } else { 40 });
    let names = Names::new("revoke.")?;
    let home = arena.stand(&names)?;
    let templates = templates(arena, |_, it| {
        it.envelope.event_type == EventType::Encounter && it.envelope.labels.is_empty()
    })?;
    let clerk = Clerk::new(arena, &names, &templates[0])?;
    for person in 0..PEOPLE {
        clerk.change(person, false)?;
    }
    let mut route = arena::start_route(&home)?;
    let granted = f64::from(PEOPLE);
    let before = arena::wait(&mut route, SETTLE * 10, |it| {
        it.value("saphan_loop_records_committed_total", &[]) >= granted
    })?;
    let seconds = length.as_secs();
    tell(&format_args!(
        "      {RATE} events a second for {seconds} s, {} changes of consent a second",
        1_000 / CHANGE.as_millis()
    ));
    let (changes, arrivals) = toggle(arena, &home, &clerk, length, &templates)?;
    let metrics = Metrics::of(&route)?;
    arena::stop(route)?;
    judge(&changes, &arrivals, (&before, &metrics))
}

/// Feeds and toggles at the same time; what was changed and what arrived.
fn toggle(
    arena: &Arena<'_>,
    home: &Site,
    clerk: &Clerk<'_>,
    length: Duration,
    templates: &[Template],
) -> Result<(Vec<Change>, Vec<Arrival>)> {
    let (listening, feeding) = (Shutdown::new(), Shutdown::new());
    let arrivals = Mutex::new(Vec::new());
    let log: Arc<str> = home.name("patient.log.v1").into();
    let changes = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let keep = |it| arrivals.lock().expect("no holder panics").push(it);
            pace::listen(&arena.kafka, &home.name(AGENCY), &listening, keep)
        });
        let toggler = scope.spawn(|| {
            let mut changes = Vec::new();
            for number in 0.. {
                if feeding.pause(CHANGE) {
                    break;
                }
                // Everybody revokes, then everybody grants again.
                changes.push(clerk.change(number % PEOPLE, (number / PEOPLE).is_multiple_of(2))?);
            }
            Ok::<_, anyhow::Error>(changes)
        });
        let pick = |number: u64| {
            let person = u32::try_from(number % u64::from(PEOPLE)).unwrap_or(0);
            (person, templates[number as usize % templates.len()].clone())
        };
        let sent = pace::send(&arena.kafka, &log, (RATE, length), pick);
        feeding.request();
        let changes = toggler.join().expect("the toggler does not panic");
        std::thread::sleep(SETTLE);
        listening.request();
        reader.join().expect("the reader does not panic")?;
        sent.and(changes)
    })?;
    interrupt::check()?;
    Ok((changes, arrivals.into_inner().expect("no holder panics")))
}

/// Late deliveries by revocation. What stands in the log after a revocation must never arrive.
fn judge(
    changes: &[Change],
    arrivals: &[Arrival],
    (before, after): (&Metrics, &Metrics),
) -> Result<Vec<Figure>> {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, LONGEST, 3)?;
    let mut late = 0;
    for (place, it) in changes.iter().enumerate().filter(|it| it.1.revokes) {
        let granted =
            changes[place..].iter().find(|next| next.person == it.person && !next.revokes);
        // Without a later grant it holds to the end.
        let (until, end) = granted.map_or((u64::MAX, i64::MAX), |next| (next.sent, next.offset));
        let theirs = || arrivals.iter().filter(|of| of.stamp.person == it.person);
        let leaked = theirs().filter(|of| of.source > it.offset && of.source < end).count();
        ensure!(leaked == 0, "{leaked} events were delivered after a revocation");
        let last = theirs().map(|of| of.at).filter(|at| *at > it.receipt && *at < until).max();
        late += u64::from(last.is_some());
        histogram.saturating_record(last.map_or(0, |at| at - it.receipt));
    }
    ensure!(!histogram.is_empty(), "nobody revoked");
    let arrived = arrivals.len();
    tell(&format_args!(
        "        {} revocations, {late} followed by a delivery from before; {arrived} deliveries",
        histogram.len()
    ));
    let stage = |stage: &str, share| {
        let name = "saphan_route_consent_change_seconds";
        after.quantile(before, name, &[&format!("stage=\"{stage}\"")], share) * 1_000.0
    };
    let p99 = histogram.value_at_quantile(0.99) as f64 / 1_000.0;
    let longest = histogram.max() as f64 / 1_000.0;
    Ok(vec![
        Figure::new("revocation to last delivery, p99", p99, "ms"),
        Figure::new("revocation to last delivery, longest", longest, "ms"),
        Figure::new("route learns of a change, p99 within", stage("foreseen", 0.99), "ms"),
        Figure::new("route has routed a change, p99 within", stage("routed", 0.99), "ms"),
    ])
}

/// Writes changes of consent.
struct Clerk<'a> {
    producer: Producer,
    ids: &'a SchemaIds,
    log: Arc<str>,
    overlay: Arc<str>,
    envelope: Envelope,
}

impl<'a> Clerk<'a> {
    fn new(arena: &'a Arena<'_>, names: &Names, template: &Template) -> Result<Self> {
        Ok(Self {
            producer: pace::producer(&arena.kafka, "bench-clerk")?,
            ids: &arena.ids,
            log: names.patient_log().into(),
            overlay: names.consent_revoked().into(),
            envelope: template.envelope.clone(),
        })
    }

    fn change(&self, person: u32, revokes: bool) -> Result<Change> {
        let sent = pace::now();
        let patient = pace::pseudonym(person);
        let event_id = EventId(patient.0);
        let envelope = Envelope {
            event_id,
            patient,
            event_type: EventType::Directive,
            sealed_citizen_id: None,
            ..self.envelope.clone()
        };
        let directive = directive(revokes, sent);
        let mut value = Vec::new();
        let event = Event::Put(Body::Directive(Box::new(directive.clone())));
        saphan_codec::encode_log(&LogRecord { envelope, event }, self.ids, &mut value);
        let place = self.append(Outbound::keyed(self.log.clone(), patient.0, value))?;
        let change = ConsentChange {
            partition: place.partition,
            offset: place.offset,
            appended_at: Timestamp(i64::try_from(pace::now() / 1_000)?),
            event_id,
            directive: Some(directive),
        };
        let mut value = Vec::new();
        saphan_codec::encode_framed(&change, self.ids, &mut value);
        let key = [patient.0, event_id.0].concat();
        self.append(Outbound::keyed(self.overlay.clone(), key, value))?;
        Ok(Change { person, revokes, sent, receipt: pace::now(), offset: place.offset })
    }

    fn append(&self, record: Outbound) -> Result<Position> {
        let results = self.producer.send(vec![record]).wait(Duration::from_secs(30));
        Ok(results.into_iter().next().context("a result")??)
    }
}

/// Everything is allowed, or nothing.
pub fn directive(revokes: bool, at: u64) -> Directive {
    Directive {
        directive_id: "bench".to_owned(),
        active: true,
        base: if revokes { Effect::Deny } else { Effect::Permit },
        provisions: Vec::new(),
        valid_from: None,
        valid_until: None,
        grantor: Grantor::Patient,
        method: Method::Electronic,
        given_at: Timestamp(i64::try_from(at / 1_000).unwrap_or(0)),
        note: None,
    }
}
