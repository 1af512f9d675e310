//! From the patient log to an agency at a steady pace, and how the batch grows when a backlog comes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use saphan_kafka::{Isolation, Reader, Shutdown};
use saphan_topology::Names;

use super::Figure;
use super::arena::{self, Arena};
use super::backlog::{self, Template};
use super::metrics::Metrics;
use super::pace::{self, Arrival, Stamp};
use crate::terminal::tell;

/// Events a second.
pub const RATE: u32 = 2_000;
/// Not measured: the first events wait for connections.
const WARM_UP: Duration = Duration::from_secs(3);
/// How long the last events may be on their way.
const ARRIVE: Duration = Duration::from_secs(30);
/// Longest time told apart, microseconds: ten minutes.
pub const LONGEST: u64 = 600_000_000;
/// Different events to choose from.
const TEMPLATES: usize = 500;
/// People they are about.
const PEOPLE: u32 = 1_000_000;
/// Records of the backlog that follows.
const BACKLOG: u32 = 400_000;

/// Measures at the pace, then pours a backlog in.
pub fn measure(arena: &Arena<'_>, small: bool) -> Result<Vec<Figure>> {
    let length = Duration::from_secs(if small { 8 } else { 33 });
    let (agency, templates) = busiest(arena)?;
    let names = Names::new("pace.")?;
    let home = arena.stand(&names)?;
    let topic: Arc<str> = names.patient_log().into();
    let route = arena::start_route(&home)?;
    let seconds = length.as_secs();
    tell(&format_args!("      {RATE} events a second for {seconds} s, read at {agency}"));
    let listened = format!("{}{agency}", names.prefix());
    let histogram = at_pace(arena, &topic, &listened, length, &templates)?;
    let calm = Metrics::of(&route)?;
    arena::stop(route)?;
    let backlog = if small { BACKLOG / 10 } else { BACKLOG };
    tell(&format_args!("      a backlog of {backlog} records follows"));
    pour(arena, &topic, backlog, &templates)?;
    let mut route = arena::start_route(&home)?;
    let busy = arena::wait(&mut route, Duration::from_secs(120), |it| {
        it.value("saphan_loop_records_committed_total", &[]) >= f64::from(backlog)
    })?;
    arena::stop(route)?;
    let millis = |share: f64| histogram.value_at_quantile(share) as f64 / 1_000.0;
    Ok(vec![
        Figure::new("latency at 2,000 events/s, p50", millis(0.5), "ms").at_most(60.0),
        Figure::new("latency at 2,000 events/s, p99", millis(0.99), "ms").at_most(250.0),
        Figure::new("latency at 2,000 events/s, p99.9", millis(0.999), "ms"),
        Figure::new("records a transaction, 2,000 events/s", records_a_batch(&calm), "records"),
        Figure::new("records a transaction, backlog", records_a_batch(&busy), "records"),
    ])
}

/// The agency topic that received most in the province, and records of the log that went there.
fn busiest(arena: &Arena<'_>) -> Result<(String, Vec<Template>)> {
    let province = arena.province()?;
    let reader = Reader::new(&arena.kafka, "bench-busiest", Isolation::Committed)?;
    let mut most: Option<(usize, String, BTreeSet<String>)> = None;
    for topic in super::outputs::topics(&arena.topology, &province) {
        if topic == province.decision() {
            continue;
        }
        let mut sources = BTreeSet::new();
        reader.read_to_end(&topic, |record| {
            if !pace::is_delivery(record.value.unwrap_or_default()) {
                return;
            }
            let source = record.headers.get("src").unwrap_or_default();
            sources.insert(String::from_utf8_lossy(source).into_owned());
        })?;
        if most.as_ref().is_none_or(|it| it.0 < sources.len()) {
            most = Some((sources.len(), topic, sources));
        }
    }
    let (_, topic, sources) = most.context("agency topics")?;
    let templates = templates(arena, |source, _| sources.contains(source))?;
    Ok((topic.strip_prefix(province.prefix()).unwrap_or(&topic).to_owned(), templates))
}

/// Puts of the province's log that `fits` chooses by source and content.
pub fn templates(
    arena: &Arena<'_>,
    fits: impl Fn(&str, &Template) -> bool,
) -> Result<Vec<Template>> {
    let log = arena.province()?.patient_log();
    let reader = Reader::new(&arena.kafka, "bench-templates", Isolation::Committed)?;
    let (mut templates, mut unread) = (Vec::new(), Ok(()));
    reader.read_to_end(&log, |record| {
        if templates.len() == TEMPLATES {
            return;
        }
        let source = format!("{log}/{}/{}", record.partition, record.offset);
        match Template::of(record.value.unwrap_or_default(), &arena.ids) {
            Ok(it) if it.is_put() && fits(&source, &it) => templates.push(it),
            Ok(_) => {}
            Err(error) => unread = Err(error),
        }
    })?;
    unread?;
    ensure!(!templates.is_empty(), "the province has no event to begin with");
    Ok(templates)
}

fn at_pace(
    arena: &Arena<'_>,
    log: &Arc<str>,
    agency: &str,
    length: Duration,
    templates: &[Template],
) -> Result<Histogram<u64>> {
    let shutdown = Shutdown::new();
    let measured_from = pace::now() + u64::try_from(WARM_UP.as_micros())?;
    let seen = Mutex::new((0, Histogram::<u64>::new_with_bounds(1, LONGEST, 3)?));
    let see = |it: Arrival| {
        let mut seen = seen.lock().expect("no holder panics");
        seen.0 += 1;
        if it.stamp.due >= measured_from {
            seen.1.saturating_record(it.at.saturating_sub(it.stamp.due));
        }
    };
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| pace::listen(&arena.kafka, agency, &shutdown, see));
        let pick = |number: u64| {
            let person = u32::try_from(number * 7_919 % u64::from(PEOPLE)).unwrap_or(0);
            (person, templates[number as usize % templates.len()].clone())
        };
        let sent = pace::send(&arena.kafka, log, (RATE, length), pick);
        let arrived = || seen.lock().expect("no holder panics").0;
        let deadline = Instant::now() + ARRIVE;
        while arrived() < *sent.as_ref().unwrap_or(&0) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        shutdown.request();
        reader.join().expect("the reader does not panic")?;
        let (sent, arrived) = (sent?, arrived());
        ensure!(arrived == sent, "{arrived} of {sent} events came to {agency}");
        Ok(())
    })?;
    Ok(seen.into_inner().expect("no holder panics").1)
}

fn pour(arena: &Arena<'_>, log: &Arc<str>, records: u32, templates: &[Template]) -> Result<()> {
    let producer = pace::producer(&arena.kafka, "bench-pour")?;
    for from in (0..records).step_by(10_000) {
        let batch = (from..records.min(from + 10_000)).map(|number| {
            let template = &templates[number as usize % templates.len()];
            pace::event(template, Stamp { due: pace::now(), person: number }, log)
        });
        backlog::send(&producer, batch.collect())?;
    }
    Ok(())
}

/// Average of all transactions since the process began.
fn records_a_batch(metrics: &Metrics) -> f64 {
    let total = |name: &str| metrics.value(&format!("saphan_loop_batch_records_{name}"), &[]);
    total("sum") / total("count")
}
