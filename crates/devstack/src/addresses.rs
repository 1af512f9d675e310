//! The addresses of a stack, and the `env` file that carries them between programs.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::DevstackError;
use crate::layout::write_atomically;
use crate::state::Ports;
use crate::{clickhouse, kafka, registry};

const BOOTSTRAP: &str = "SAPHAN_KAFKA_BOOTSTRAP";
const REGISTRY: &str = "SAPHAN_REGISTRY_URL";
const CLICKHOUSE: &str = "SAPHAN_CLICKHOUSE_URL";

/// Environment variable that names a running stack: its state folder, or its `env` file.
pub const STACK_VARIABLE: &str = "SAPHAN_STACK";

/// Where a stack is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// The state folder.
    pub dir: PathBuf,
    /// Kafka, `host:port` joined by commas.
    pub kafka_bootstrap: String,
    /// Base URL of the registry, with the path of the Confluent-compatible API.
    pub registry_url: String,
    /// Base URL of ClickHouse's HTTP interface.
    pub clickhouse_url: String,
}

impl Addresses {
    pub(crate) fn of(dir: &Path, ports: &Ports) -> Self {
        Self {
            dir: dir.to_owned(),
            kafka_bootstrap: kafka::bootstrap(ports),
            registry_url: registry::url(ports.registry),
            clickhouse_url: clickhouse::url(ports.clickhouse),
        }
    }

    /// Writes the `env` file.
    pub(crate) fn write(&self, path: &Path) -> Result<(), DevstackError> {
        let Self { dir, kafka_bootstrap, registry_url, clickhouse_url } = self;
        let dir = dir.display();
        let text = format!(
            "{STACK_VARIABLE}={dir}\n{BOOTSTRAP}={kafka_bootstrap}\n{REGISTRY}={registry_url}\n\
             {CLICKHOUSE}={clickhouse_url}\n"
        );
        write_atomically(path, &text)
    }

    /// Reads the addresses of a running stack; `place` is its state folder or its `env` file.
    pub fn read(place: &Path) -> Result<Self, DevstackError> {
        let file = if place.is_dir() { place.join("env") } else { place.to_owned() };
        let missing = |what: &str| {
            DevstackError::NotRunning(format!(
                "{} {what}; start that stack with `saphan-dev up`, or unset {STACK_VARIABLE}",
                file.display()
            ))
        };
        let text = fs::read_to_string(&file).map_err(|_| missing("cannot be read"))?;
        let value = |name: &str| {
            let lines = text.lines().filter_map(|it| it.split_once('='));
            let found = lines.filter(|(key, _)| *key == name).map(|(_, it)| it.to_owned()).next();
            found.ok_or_else(|| missing(&format!("names no {name}")))
        };
        Ok(Self {
            dir: value(STACK_VARIABLE)?.into(),
            kafka_bootstrap: value(BOOTSTRAP)?,
            registry_url: value(REGISTRY)?,
            clickhouse_url: value(CLICKHOUSE)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_were_written() {
        let dir = tempfile::tempdir().unwrap();
        let addresses = Addresses {
            dir: dir.path().to_owned(),
            kafka_bootstrap: "127.0.0.1:1,127.0.0.1:2".to_owned(),
            registry_url: registry::url(3),
            clickhouse_url: clickhouse::url(4),
        };
        let file = dir.path().join("env");
        addresses.write(&file).unwrap();
        assert_eq!(Addresses::read(&file).unwrap(), addresses);
        assert_eq!(Addresses::read(dir.path()).unwrap(), addresses);
    }

    #[test]
    fn a_stack_that_is_down_is_said_to_be() {
        let dir = tempfile::tempdir().unwrap();
        let error = Addresses::read(dir.path()).unwrap_err().to_string();
        assert!(error.contains("SP-1908") && error.contains("saphan-dev up"), "{error}");
    }
}
