//! What a process used, as Linux tells it in `/proc`.

use anyhow::{Context, Result};

/// Ticks of a second in `/proc/<pid>/stat`, the same on every Linux.
const TICKS: f64 = 100.0;

/// Processor time of all its threads so far, seconds.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse_cpu(&text).context("processor times in /proc/<pid>/stat")
}

/// The name in brackets may hold spaces; user and system time are the 12th and 13th field after it.
fn parse_cpu(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

/// Memory in use, megabytes.
pub fn resident_megabytes(pid: u32) -> Result<f64> {
    memory(pid, "VmRSS:")
}

/// The most memory ever in use, megabytes.
pub fn peak_megabytes(pid: u32) -> Result<f64> {
    memory(pid, "VmHWM:")
}

fn memory(pid: u32, name: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|it| it.starts_with(name)).context("a memory line")?;
    let kib: f64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
    Ok(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_user_and_system() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4 1 0 0 0 150 50 0 0 20 0 3 0 99 1 1";
        assert_eq!(parse_cpu(stat), Some(2.0));
        assert_eq!(parse_cpu("7 (a"), None);
    }
}
