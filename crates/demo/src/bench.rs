//! `make bench`: the figures of the README's claims, taken on this machine in one run.
//!
//! Writes `target/bench/latest.json`, a list of `{name, value, unit, peer, ratio}`; where a target is
//! known, `peer` names it and `ratio` is value against target, above 1 being better.

mod parser;
mod timeline;

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::feed::Order;
use crate::scenario::Scenario;
use crate::terminal::say;

/// One measured figure.
#[derive(Debug)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// The target it is held against.
    pub target: Option<Target>,
}

/// A target: at least, or at most.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// More is better.
    AtLeast(f64),
    /// Less is better.
    AtMost(f64),
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        self.target.map(|it| match it {
            Target::AtLeast(least) => self.value / least,
            Target::AtMost(most) => most / self.value,
        })
    }

    fn peer(&self) -> String {
        match self.target {
            Some(Target::AtLeast(least)) => format!("target: at least {least} {}", self.unit),
            Some(Target::AtMost(most)) => format!("target: at most {most} {}", self.unit),
            None => "none".to_owned(),
        }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer(),
            "ratio": self.ratio(),
        })
    }
}

/// Measures everything and prints the table.
pub fn run(scenario: &Scenario) -> Result<bool> {
    let mut figures = vec![parser::megabytes_per_second()?];
    let fed = scenario.feed()?;
    let equal = fed.compare(Order::Forward)?;
    figures.push(Figure {
        name: "adapter to agency topics and all sinks",
        value: fed.rate,
        unit: "events/s",
        target: Some(Target::AtLeast(3_500.0)),
    });
    let pid = fed.platform.lock().expect("no holder panics").roles[0].pid();
    figures.push(Figure {
        name: "memory of all roles in one process",
        value: resident_megabytes(pid)?,
        unit: "MB",
        target: None,
    });
    let site = fed.platform.lock().expect("no holder panics").site.clone();
    figures.extend(timeline::latencies(&site)?);
    fed.stop()?;
    print(&figures);
    write(&figures, Path::new("target/bench/latest.json"))?;
    Ok(equal)
}

fn print(figures: &[Figure]) {
    say(&format_args!(
        "\n{:<44} {:>12} {:<9} {:>7}  {}",
        "bench", "value", "unit", "ratio", "against"
    ));
    for it in figures {
        let ratio = it.ratio().map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        say(&format_args!(
            "{:<44} {:>12.1} {:<9} {ratio:>7}  {}",
            it.name,
            it.value,
            it.unit,
            it.peer()
        ));
    }
}

fn write(figures: &[Figure], file: &Path) -> Result<()> {
    std::fs::create_dir_all(file.parent().context("a folder")?)?;
    let list: Vec<Value> = figures.iter().map(Figure::json).collect();
    std::fs::write(file, serde_json::to_string_pretty(&list)? + "\n")?;
    say(&format_args!("\nwrote {}", file.display()));
    Ok(())
}

fn resident_megabytes(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).context("a VmRSS line")?;
    let kib: f64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
    Ok(kib / 1024.0)
}
