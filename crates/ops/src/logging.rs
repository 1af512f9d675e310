//! How log lines are written: to standard error, as text for people or JSON for machines.
//!
//! Habits the whole program keeps: static lower-case messages, facts as fields, one line where a
//! failure is handled, never a payload, citizen id, name or local number. Standard output stays free
//! for what a command was asked to print.

use tracing_subscriber::filter::LevelFilter;

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
    let lines = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).try_init(),
    }
    .map_err(|_| AlreadySet)
}
