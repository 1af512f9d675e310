//! `make bench`: the figures of the README's claims, taken on this machine in one run.
//!
//! Writes `target/bench/latest.json`, a list of `{name, value, unit, peer, ratio}`: `peer` names the target
//! or the program measured beside, and `ratio` above 1 is better. docs/guides/bench.md says what is measured.

mod arena;
mod backlog;
mod copy;
mod drain;
mod figure;
mod latency;
mod metrics;
mod outputs;
mod pace;
mod parser;
mod process;
mod restore;
mod revocation;
mod route;
mod streams;
mod timeline;

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::feed::Order;
use crate::scenario::{Fed, Scenario};
use crate::terminal::{say, tell};

use figure::Figure;

/// A part of the bench that can be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The 43-file parser on one core.
    Parser,
    /// From adapters to agency topics and sinks.
    Platform,
    /// One patient's timeline out of five million rows.
    Timeline,
    /// Route draining a backlog, against a raw copy and Kafka Streams.
    Route,
    /// From the patient log to an agency at 2,000 events a second.
    Latency,
    /// From a revocation to the last delivery in spite of it.
    Revocation,
    /// Starting with a million people's consent.
    Restore,
}

impl Part {
    const ALL: &'static [Self] = &[
        Self::Parser,
        Self::Platform,
        Self::Timeline,
        Self::Latency,
        Self::Revocation,
        Self::Restore,
        Self::Route,
    ];

    /// All but one begin with the synthetic province on a running platform.
    const fn needs_feed(self) -> bool {
        !matches!(self, Self::Parser)
    }
}

/// How much to measure.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// In seconds, to try it; proves nothing.
    pub small: bool,
    /// Records of route's backlog, at least; the usual number otherwise.
    pub records: Option<usize>,
}

/// Measures the parts (all when empty) and prints the table.
pub fn run(scenario: &Scenario, parts: &[Part], size: Size) -> Result<bool> {
    let parts = if parts.is_empty() { Part::ALL } else { parts };
    let mut figures = Vec::new();
    let mut equal = true;
    if parts.contains(&Part::Parser) {
        tell(&"parser");
        figures.push(parser::megabytes_per_second()?);
    }
    if parts.iter().any(|it| it.needs_feed()) {
        tell(&"platform: feeding the province");
        let fed = scenario.feed()?;
        equal = on_platform(&fed, parts, &mut figures)?;
        on_broker(fed, parts, size, &mut figures)?;
    }
    say(&Figure::heading());
    figures.iter().for_each(|it| say(&it.line()));
    write(&figures, Path::new("target/bench/latest.json"))?;
    Ok(equal)
}

/// Parts that ask the running platform.
fn on_platform(fed: &Fed, parts: &[Part], figures: &mut Vec<Figure>) -> Result<bool> {
    let mut equal = true;
    if parts.contains(&Part::Platform) {
        equal = fed.compare(Order::Forward)?;
        let name = "adapter to agency topics and all sinks";
        figures.push(Figure::new(name, fed.rate, "events/s").at_least(3_500.0));
        let pid = fed.platform.lock().expect("no holder panics").roles[0].pid();
        let memory = process::resident_megabytes(pid)?;
        figures.push(Figure::new("memory of all roles in one process", memory, "MB"));
    }
    if parts.contains(&Part::Timeline) {
        tell(&"timeline: filling a store of its own");
        let site = fed.platform.lock().expect("no holder panics").site.clone();
        figures.extend(timeline::latencies(&site)?);
    }
    Ok(equal)
}

/// Parts that have the broker for themselves: the platform is stopped first.
fn on_broker(fed: Fed, parts: &[Part], size: Size, figures: &mut Vec<Figure>) -> Result<()> {
    let (site, stack) = fed.stop_roles()?;
    let arena = arena::Arena::open(&site)?;
    if parts.contains(&Part::Latency) {
        tell(&"latency: a steady pace, then a backlog");
        figures.extend(latency::measure(&arena, size.small)?);
    }
    if parts.contains(&Part::Revocation) {
        tell(&"revocation: changes of consent in a steady flow");
        figures.extend(revocation::measure(&arena, size.small)?);
    }
    if parts.contains(&Part::Restore) {
        tell(&"restore: starting with everybody's consent");
        figures.extend(restore::measure(&arena, size.small)?);
    }
    if parts.contains(&Part::Route) {
        tell(&"route: three programs, one backlog, one broker");
        figures.extend(route::compare(&arena, size)?);
    }
    drop(stack);
    Ok(())
}

fn write(figures: &[Figure], file: &Path) -> Result<()> {
    std::fs::create_dir_all(file.parent().context("a folder")?)?;
    let list: Vec<Value> = figures.iter().map(Figure::json).collect();
    std::fs::write(file, serde_json::to_string_pretty(&list)? + "\n")?;
    say(&format_args!("\nwrote {}", file.display()));
    Ok(())
}
