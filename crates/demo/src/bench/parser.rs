//! Speed of the 43-file parser on one core, by its own example program.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Figure, Target};
use crate::platform::sibling;

/// Runs `parse_bench` and reads its last figure.
pub fn megabytes_per_second() -> Result<Figure> {
    let program = sibling("examples/parse_bench")?;
    let output =
        Command::new(&program).output().with_context(|| format!("run {}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = text.lines().rev().find_map(|line| {
        line.split_whitespace()
            .collect::<Vec<_>>()
            .windows(2)
            .find_map(|pair| (pair[1] == "MB/s").then(|| pair[0].parse::<f64>().ok()).flatten())
    });
    match value {
        Some(value) => Ok(Figure {
            name: "43-file parser, one core",
            value,
            unit: "MB/s",
            target: Some(Target::AtLeast(150.0)),
        }),
        None => bail!("{} printed no figure in MB/s", program.display()),
    }
}
