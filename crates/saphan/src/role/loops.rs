//! The loops: admit, route and the sinks, one thread a worker; beside route its overlay.

mod hearing;
pub mod overlay;

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use anyhow::{Result, anyhow};
use saphan_codec::SchemaIds;
use saphan_kafka::worker::{self, WorkerConfig};
use saphan_kafka::{KafkaConfig, Processor, RangeLimits, RangeSink, SinkConfig, sink};
use saphan_model::limits::AGENCIES_MAX;
use saphan_pipeline::route::Overlay;
use saphan_pipeline::{Admit, Route, admit, sinks};
use saphan_topology::Names;

use self::overlay::Gate;
use super::{Ended, House, Role, spawn};
use crate::setup;

/// From ingest to the patient log.
pub fn admit(house: &House, ends: &SyncSender<Ended>) -> Result<usize> {
    let topology = setup::topology(&house.config)?;
    let ids = setup::schema_ids(&house.config)?;
    let keys = setup::keys(&house.config)?;
    let names = setup::names(&house.config)?;
    workers(Role::Admit, house, ends, &names.ingest(), &names.admit_state(), None, || {
        let context = admit::Context { keys: keys.clone(), topology: topology.clone() };
        let tally = house.metrics.clone();
        Ok(Admit::new(context, ids.clone(), &names, Arc::new(super::tally::Tally(tally))))
    })
}

/// From the patient log to the agencies.
pub fn route(house: &House, ends: &SyncSender<Ended>) -> Result<usize> {
    let topology = setup::topology(&house.config)?;
    let ids = setup::schema_ids(&house.config)?;
    let keys = setup::keys(&house.config)?;
    let names = setup::names(&house.config)?;
    anyhow::ensure!(topology.agencies.len() <= AGENCIES_MAX, "at most {AGENCIES_MAX} agencies");
    let rule_ids = setup::rule_ids(&house.config, &topology)?;
    let revoked = Arc::new(Overlay::default());
    let gate = overlay::follow(house, ends, revoked.clone(), ids.clone())?;
    let (log, state) = (names.patient_log(), names.consent_state());
    let threads = workers(Role::Route, house, ends, &log, &state, Some(&gate), || {
        let tally = Arc::new(super::tally::Tally(house.metrics.clone()));
        let (ids, revoked) = (ids.clone(), revoked.clone());
        Ok(Route::new(&topology, &rule_ids, &keys, ids, &names, revoked, tally))
    })?;
    Ok(threads + 2)
}

fn workers<P: Processor + Send + 'static>(
    role: Role,
    house: &House,
    ends: &SyncSender<Ended>,
    input: &str,
    state: &str,
    gate: Option<&Gate>,
    stage: impl Fn() -> Result<P>,
) -> Result<usize> {
    let kafka = setup::kafka(&house.config)?;
    let settings = &house.config.pipeline;
    let workers = u32::try_from(settings.workers)?;
    for number in 0..workers {
        let mut config =
            WorkerConfig::new(group(house, role), u32::try_from(settings.ordinal)?, number, input);
        config.state = Some(state.to_owned());
        config.places = role == Role::Admit;
        config.batch.records_max = usize::try_from(settings.batch_records_max)?;
        config.batch.outbound_max = usize::try_from(settings.batch_outbound_max)?;
        config.batch.linger = Duration::from_millis(settings.batch_age_ms_max);
        let mut stage = stage()?;
        let (kafka, shutdown, gate) = (kafka.clone(), house.shutdown.clone(), gate.cloned());
        let joined = house.readiness.latch(role.as_str());
        let observer = house.metrics.of_loop(role.as_str(), number).joining(joined);
        spawn(role, format!("{}-{number}", role.as_str()), ends, move || {
            if gate.is_some_and(|it| !it.wait(&shutdown)) {
                return Ok(());
            }
            worker::run(&kafka, &config, &mut stage, &observer, &shutdown)
                .map_err(|it| coded(it.code(), &it))
        })?;
    }
    Ok(usize::try_from(workers)?)
}

/// From a topic to the store.
pub fn sink(role: Role, house: &House, ends: &SyncSender<Ended>) -> Result<usize> {
    let ids = setup::schema_ids(&house.config)?;
    let names = setup::names(&house.config)?;
    let kafka = setup::kafka(&house.config)?;
    let settings = &house.config.pipeline;
    let mut config = SinkConfig::new(
        group(house, role),
        u32::try_from(settings.ordinal)?,
        0,
        topics(role, &names),
    );
    config.limits = RangeLimits {
        rows_max: usize::try_from(settings.sink_rows_max)?,
        age_max: Duration::from_millis(settings.sink_age_ms_max),
        ..RangeLimits::default()
    };
    let house = house.clone();
    let joined = house.readiness.latch(role.as_str());
    spawn(role, role.as_str().to_owned(), ends, move || {
        let Some(mut stage) = stage(role, &house, ids, &names)? else { return Ok(()) };
        let observer = house.metrics.of_loop(role.as_str(), 0).joining(joined);
        run(&kafka, &config, stage.as_mut(), &observer, &house)
    })?;
    Ok(1)
}

fn run(
    kafka: &KafkaConfig,
    config: &SinkConfig,
    stage: &mut dyn RangeSink,
    observer: &dyn saphan_kafka::Observer,
    house: &House,
) -> Result<()> {
    sink::run(kafka, config, stage, observer, &house.shutdown).map_err(|it| coded(it.code(), &it))
}

/// A loop's last word, with its code in front.
fn coded(code: &str, error: &dyn std::error::Error) -> anyhow::Error {
    let text = error.to_string();
    if text.starts_with("SP-") { anyhow!(text) } else { anyhow!("{code}: {text}") }
}

fn stage(
    role: Role,
    house: &House,
    ids: Arc<SchemaIds>,
    names: &Names,
) -> Result<Option<Box<dyn RangeSink>>> {
    let Some(inserts) = setup::inserts(&house.config, &house.shutdown)? else { return Ok(None) };
    Ok(Some(match role {
        Role::Timeline => Box::new(sinks::Timeline::new(ids, inserts)),
        Role::Statistics => Box::new(sinks::Statistics::new(ids, inserts)),
        Role::Decisions => Box::new(sinks::Decisions::new(ids, inserts)),
        _ => Box::new(sinks::Operations::new(ids, inserts, names)),
    }))
}

fn topics(role: Role, names: &Names) -> Vec<String> {
    match role {
        Role::Decisions => vec![names.decision()],
        Role::Operations => vec![names.admission(), names.quarantine()],
        _ => vec![names.patient_log()],
    }
}

fn group(house: &House, role: Role) -> String {
    format!("{}{}", house.config.kafka.topic_prefix, role.as_str())
}
