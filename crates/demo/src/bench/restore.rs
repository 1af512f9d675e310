//! How long route takes to start when one partition holds the consent of a million people, and what each of
//! them costs in memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use saphan_kafka::{Outbound, Producer, ProducerLimits};
use saphan_model::EventId;
use saphan_model::admission::{ConsentState, HeldDirective};
use saphan_model::directive::{Effect, Provision};
use saphan_model::label::Labels;
use saphan_topology::Names;

use super::arena::{self, Arena};
use super::pace::{self, Stamp};
use super::{Figure, backlog, latency, process, revocation};
use crate::interrupt;
use crate::terminal::tell;

/// People with a directive, full and small.
const PEOPLE: u32 = 1_000_000;
const PEOPLE_SMALL: u32 = 50_000;
/// Events that give every partition of the log a committed position.
const FIRST: u32 = 200;
const CHUNK: u32 = 10_000;

/// Starts route twice: with nearly nothing, and with everybody.
pub fn measure(arena: &Arena<'_>, small: bool) -> Result<Vec<Figure>> {
    let people = if small { PEOPLE_SMALL } else { PEOPLE };
    let names = Names::new("restore.")?;
    let home = arena.stand(&names)?;
    let log: Arc<str> = names.patient_log().into();
    let producer = Producer::new(&arena.kafka, "bench-restore", &ProducerLimits::default())?;
    let templates = latency::templates(arena, |_, _| true)?;
    let stamp = |person| Stamp { due: pace::now(), person };
    let first = (0..FIRST).map(|it| pace::event(&templates[0], stamp(it), &log)).collect();
    backlog::send(&producer, first)?;

    let mut route = arena::start_route(&home)?;
    arena::wait(&mut route, Duration::from_secs(60), |it| {
        it.value("saphan_loop_records_committed_total", &[]) >= f64::from(FIRST)
    })?;
    let before = process::resident_megabytes(route.pid())?;
    arena::stop(route)?;

    tell(&format_args!("      writing the consent of {people} people to one partition"));
    fill(arena, &names, &producer, people)?;
    let started = Instant::now();
    let route = arena::start_route(&home)?;
    let seconds = started.elapsed().as_secs_f64();
    let metrics = super::metrics::Metrics::of(&route)?;
    let rows = metrics.value("saphan_loop_state_rows_restored_total", &[]);
    ensure!(rows >= f64::from(people), "only {rows} rows were restored");
    let reading = metrics.value("saphan_loop_restore_duration_seconds_sum", &[]);
    let after = process::resident_megabytes(route.pid())?;
    arena::stop(route)?;
    let bytes = (after - before) * 1024.0 * 1024.0 / f64::from(people);
    let start = "route starts, a million consents in a partition";
    Ok(vec![
        Figure::new(start, seconds, "s").at_most(5.0),
        Figure::new("reading them, all partitions added up", reading, "s"),
        Figure::new("memory for each person's consent", bytes, "bytes"),
    ])
}

/// A row for each person: nothing is allowed but treatment by one agency.
fn fill(arena: &Arena<'_>, names: &Names, producer: &Producer, people: u32) -> Result<()> {
    let topic: Arc<str> = names.consent_state().into();
    let mut directive = revocation::directive(true, pace::now());
    directive.provisions = vec![Provision {
        effect: Effect::Permit,
        recipients: vec!["health-link".to_owned()],
        purposes: Vec::new(),
        types: Vec::new(),
        labels: Labels::NONE,
        facilities: Vec::new(),
        data_from: None,
        data_until: None,
        exceptions: Vec::new(),
    }];
    let row = |person: u32| {
        let patient = pace::pseudonym(person);
        let held = HeldDirective { event_id: EventId(patient.0), directive: directive.clone() };
        let state = ConsentState { applied_offset: 0, directives: vec![held] };
        let mut value = Vec::new();
        saphan_codec::encode_framed(&state, &arena.ids, &mut value);
        let key = [&b"c"[..], &patient.0].concat();
        Outbound::state(topic.clone(), 0, key, Some(value))
    };
    for from in (0..people).step_by(CHUNK as usize) {
        interrupt::check()?;
        backlog::send(producer, (from..people.min(from + CHUNK)).map(row).collect())?;
    }
    Ok(())
}
