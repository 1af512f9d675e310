//! Speed of the 43-file parser on one core, by its own example program: a line for each data set tried.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Figure;
use crate::platform::sibling;

/// Runs `parse_bench`; the slowest of its data sets counts.
pub fn megabytes_per_second() -> Result<Figure> {
    let program = sibling("examples/parse_bench")?;
    let output =
        Command::new(&program).output().with_context(|| format!("run {}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let slowest = text.lines().filter_map(speed).min_by(f64::total_cmp);
    match slowest {
        Some(value) => Ok(Figure::new("43-file parser, one core, slowest data set", value, "MB/s")
            .at_least(150.0)),
        None => bail!("{} printed no figure in MB/s", program.display()),
    }
}

/// The number before `MB/s`.
fn speed(line: &str) -> Option<f64> {
    let before = line.split(" MB/s").next().filter(|it| *it != line)?;
    before.split_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_speed_is_read_and_others_are_not() {
        assert_eq!(speed("SERVICE           211 MB/s   0.84 million rows/s"), Some(211.0));
        assert_eq!(speed("0.84 million rows/s"), None);
    }
}
