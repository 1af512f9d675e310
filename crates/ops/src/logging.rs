//! How log lines are written: to standard error, as text for people or JSON for machines.
//!
//! Habits the whole program keeps: static lower-case messages, facts as fields, one line where a
//! failure is handled, never a payload, citizen id, name or local number. Standard output stays free
//! for what a command was asked to print.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::{Log, LogFormat, LogLevel};

/// Logging was set up twice in one process.
#[derive(Debug, thiserror::Error)]
#[error("logging is set up already in this process")]
pub struct AlreadySet;

/// Sets up logging for the process; call once, first thing after the configuration is read.
pub fn init(log: &Log) -> Result<(), AlreadySet> {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).boxed(),
    };
    let filter = targets(level);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .map_err(|_| AlreadySet)
}

/// The Kafka client repeats every failed attempt, hundreds of lines for a broker that is away half a
/// minute. What matters of it the loops tell once, with a code; the client's own lines are for `debug`.
fn targets(level: LevelFilter) -> Targets {
    let client = if level >= LevelFilter::DEBUG { level } else { LevelFilter::OFF };
    let quiet = ["librdkafka", "rdkafka"].map(|it| (it, client));
    Targets::new().with_default(level).with_targets(quiet)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn the_kafka_client_speaks_only_when_debugging() {
        let (info, debug) = (targets(LevelFilter::INFO), targets(LevelFilter::DEBUG));
        assert!(!info.would_enable("rdkafka::client", &Level::ERROR));
        assert!(debug.would_enable("librdkafka", &Level::ERROR));
        assert!(info.would_enable("saphan_ops::metrics", &Level::INFO));
        assert!(!info.would_enable("saphan_ops::metrics", &Level::DEBUG));
    }
}
