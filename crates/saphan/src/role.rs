//! Roles: what `saphan run` starts, and how all of it stops together.

mod door;
mod loops;
mod pages;
mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use saphan_kafka::Shutdown;
use saphan_ops::config::Config;
use saphan_ops::{Metrics, Readiness, Stop};

use crate::output;

/// A role of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Receives submissions.
    Gateway,
    /// From ingest to the patient log.
    Admit,
    /// From the patient log to the agencies.
    Route,
    /// Timelines into the store.
    Timeline,
    /// Facts into the store.
    Statistics,
    /// Decisions into the store.
    Decisions,
    /// Admissions and quarantine into the store.
    Operations,
    /// Pages.
    Serve,
}

impl Role {
    /// All, in the order of an event's way.
    pub const ALL: [Self; 8] = [
        Self::Gateway,
        Self::Admit,
        Self::Route,
        Self::Timeline,
        Self::Statistics,
        Self::Decisions,
        Self::Operations,
        Self::Serve,
    ];

    /// The name on the command line, in groups and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Admit => "admit",
            Self::Route => "route",
            Self::Timeline => "timeline",
            Self::Statistics => "statistics",
            Self::Decisions => "decisions",
            Self::Operations => "operations",
            Self::Serve => "serve",
        }
    }

    fn parse(names: &[String]) -> Result<Vec<Self>> {
        if names.iter().any(|it| it == "all") {
            return Ok(Self::ALL.to_vec());
        }
        let known = Self::ALL.map(Self::as_str).join(", ");
        names
            .iter()
            .map(|name| Self::ALL.into_iter().find(|it| it.as_str() == name))
            .collect::<Option<Vec<_>>>()
            .with_context(|| format!("a role is one of: all, {known}"))
    }
}

/// What every role is given.
#[derive(Clone)]
pub struct House {
    /// Settings.
    pub config: Config,
    /// Counters.
    pub metrics: Metrics,
    /// Conditions of being ready.
    pub readiness: Readiness,
    /// The wish to stop, for futures.
    pub stop: Stop,
    /// The same wish, for loops.
    pub shutdown: Shutdown,
}

type Ended = (Role, Result<()>);

/// Runs roles until a signal, or until one of them fails.
pub fn run(names: &[String], until_stdin_closes: bool, config: &Config) -> Result<()> {
    let roles = Role::parse(names)?;
    saphan_ops::logging::init(&config.log)?;
    let house = House {
        config: config.clone(),
        metrics: Metrics::new(),
        readiness: Readiness::new(),
        stop: Stop::new(),
        shutdown: Shutdown::new(),
    };
    let shutdown = house.shutdown.clone();
    house.stop.then(move || shutdown.request());
    let limit = Duration::from_millis(config.pipeline.drain_timeout_ms);
    saphan_ops::shutdown::on_signals(&house.stop, limit)?;
    if until_stdin_closes {
        stop_with_parent(house.stop.clone());
    }
    let (sender, ends) = sync_channel::<Ended>(64);
    let mut failed = start_all(&roles, &house, &sender);
    drop(sender);
    if failed.is_err() {
        house.stop.request();
    }
    for (role, end) in ends {
        failed = failed.and(end.map_err(|it| told(role, it)));
        house.stop.request();
    }
    failed
}

/// Opens the admin port, then starts every role. Roles wait here for parts that are not there yet, which
/// must not look like a process that hangs; a signal then ends it at once, since what already runs
/// loses nothing by it.
fn start_all(roles: &[Role], house: &House, ends: &SyncSender<Ended>) -> Result<()> {
    let starting = Arc::new(AtomicBool::new(true));
    let still = starting.clone();
    house.stop.then(move || {
        if still.load(Ordering::Acquire) {
            tracing::info!("ended while starting");
            std::process::exit(i32::from(saphan_ops::exit::DONE));
        }
    });
    // Roles add their own latches as they start: without this one, none of them would be ready.
    let all = house.readiness.latch("start");
    door::admin(house)?;
    let started = roles.iter().try_fold(0, |threads, role| match start(*role, house, ends) {
        Ok(more) => Ok(threads + more),
        Err(error) => Err(told(*role, error)),
    });
    starting.store(false, Ordering::Release);
    let threads = started?;
    all.set(true);
    tracing::info!(threads, "running");
    Ok(())
}

/// Logs a failure where it is handled, and names the role for the last line.
fn told(role: Role, error: anyhow::Error) -> anyhow::Error {
    let role = role.as_str();
    tracing::error!(role, error = output::causes(&error), "role failed; stopping");
    error.context(role)
}

/// Starts a role's threads; their number.
fn start(role: Role, house: &House, ends: &SyncSender<Ended>) -> Result<usize> {
    match role {
        Role::Gateway => door::gateway(house, ends),
        Role::Serve => pages::serve(house, ends),
        Role::Admit => loops::admit(house, ends),
        Role::Route => loops::route(house, ends),
        Role::Timeline | Role::Statistics | Role::Decisions | Role::Operations => {
            loops::sink(role, house, ends)
        }
    }
}

/// Runs a role's body on a thread of its own and reports its end.
fn spawn(
    role: Role,
    name: String,
    ends: &SyncSender<Ended>,
    body: impl FnOnce() -> Result<()> + Send + 'static,
) -> Result<()> {
    let ends = ends.clone();
    std::thread::Builder::new()
        .name(name)
        .spawn(move || {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
            let end = outcome.unwrap_or_else(|_| {
                bail!("a thread of the role panicked; this is a defect of Saphan, please report it")
            });
            let _ = ends.send((role, end));
        })
        .context("start a thread")?;
    Ok(())
}

/// A child of the demo or of a test must not outlive it.
fn stop_with_parent(stop: Stop) {
    std::thread::spawn(move || {
        let mut sink = std::io::sink();
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut sink);
        stop.request();
    });
}
