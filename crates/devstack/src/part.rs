//! The names of the parts, as a person types them and as processes bear them.

use std::fmt;
use std::str::FromStr;

use crate::state::Ports;
use crate::{clickhouse, kafka, registry};

/// A part of the stack that can be killed and started by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Every broker.
    Kafka,
    /// One broker, by node id (from 1).
    Broker(usize),
    /// The schema registry.
    Registry,
    /// ClickHouse.
    ClickHouse,
}

impl Part {
    /// Names of the processes that make up the part in a stack with `ports`.
    pub(crate) fn processes(self, ports: &Ports) -> Vec<String> {
        let brokers = 1..=ports.brokers.len();
        match self {
            Self::Kafka => brokers.map(kafka::process_name).collect(),
            Self::Broker(node) if brokers.contains(&node) => vec![kafka::process_name(node)],
            Self::Broker(_) => Vec::new(),
            Self::Registry => vec![registry::PROCESS.to_owned()],
            Self::ClickHouse => vec![clickhouse::PROCESS.to_owned()],
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kafka => f.write_str("kafka"),
            Self::Broker(node) => f.write_str(&kafka::process_name(*node)),
            Self::Registry => f.write_str(registry::PROCESS),
            Self::ClickHouse => f.write_str(clickhouse::PROCESS),
        }
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "kafka" => Ok(Self::Kafka),
            registry::PROCESS => Ok(Self::Registry),
            clickhouse::PROCESS => Ok(Self::ClickHouse),
            _ => {
                match text.strip_prefix("kafka-").and_then(|it| it.parse().ok()) {
                    Some(node) if node >= 1 => Ok(Self::Broker(node)),
                    _ => Err("the parts are kafka, kafka-1 (one broker), registry, clickhouse"
                        .to_owned()),
                }
            }
        }
    }
}

/// Names of all processes of a stack, in the order they are started.
pub(crate) fn all_processes(ports: &Ports) -> Vec<String> {
    [Part::Kafka, Part::Registry, Part::ClickHouse]
        .iter()
        .flat_map(|it| it.processes(ports))
        .collect()
}

/// The port process `name` listens on for clients.
pub(crate) fn port_of(ports: &Ports, name: &str) -> Option<u16> {
    match name.parse().ok()? {
        Part::Broker(node) => ports.brokers.get(node - 1).map(|it| it.client),
        Part::Registry => Some(ports.registry),
        Part::ClickHouse => Some(ports.clickhouse),
        Part::Kafka => None,
    }
}

/// As [`port_of`], to change it.
pub(crate) fn port_of_mut<'a>(ports: &'a mut Ports, name: &str) -> Option<&'a mut u16> {
    match name.parse().ok()? {
        Part::Broker(node) => ports.brokers.get_mut(node - 1).map(|it| &mut it.client),
        Part::Registry => Some(&mut ports.registry),
        Part::ClickHouse => Some(&mut ports.clickhouse),
        Part::Kafka => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_as_it_is_read() {
        for part in [Part::Kafka, Part::Broker(2), Part::Registry, Part::ClickHouse] {
            assert_eq!(part.to_string().parse(), Ok(part));
        }
        for text in ["", "kafka-", "kafka-0", "zookeeper"] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
    }
}
