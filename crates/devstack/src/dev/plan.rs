//! What `up` is about to do: which ports, which cluster, and whether that is possible. Starts nothing.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;

use crate::error::DevstackError;
use crate::kafka;
use crate::part::{Part, all_processes, port_of, port_of_mut};
use crate::ports::{self, Hold};
use crate::state::{BrokerPorts, Ports, State};

/// Ports a first stack takes when nothing else is said.
const KAFKA_PORT: u16 = 9092;
const REGISTRY_PORT: u16 = 8081;
const CLICKHOUSE_PORT: u16 = 8123;

/// What the caller of `up` asks for; what it leaves open stays as it was, or takes the default.
#[derive(Debug, Clone, Default)]
pub struct UpOptions {
    /// Client port of the first broker; further brokers take free ports.
    pub kafka_port: Option<u16>,
    /// Port of the registry.
    pub registry_port: Option<u16>,
    /// Port of ClickHouse.
    pub clickhouse_port: Option<u16>,
    /// Take free ports for all that is not named.
    pub free_ports: bool,
    /// Number of brokers, 1 or 3; cannot change once there is data.
    pub brokers: Option<usize>,
    /// Only these parts; all of them when empty.
    pub parts: Vec<Part>,
}

impl UpOptions {
    /// The port asked for process `name`.
    fn port_for(&self, name: &str) -> Option<u16> {
        match name.parse().ok()? {
            Part::Broker(1) => self.kafka_port,
            Part::Registry => self.registry_port,
            Part::ClickHouse => self.clickhouse_port,
            Part::Kafka | Part::Broker(_) => None,
        }
    }
}

/// The state to reach: an existing stack with its ports, changed as asked, or a new one.
pub(super) fn plan(existing: Option<State>, options: &UpOptions) -> Result<State, DevstackError> {
    let named = [options.kafka_port, options.registry_port, options.clickhouse_port];
    for asked in named.into_iter().flatten() {
        let _kept_from_being_picked = ports::hold(asked);
    }
    match existing {
        Some(state) => replan(state, options),
        None => {
            let brokers = options.brokers.unwrap_or(1);
            if !matches!(brokers, 1 | 3) {
                let text = format!("a stack has 1 or 3 brokers, not {brokers}");
                return Err(DevstackError::State(text));
            }
            Ok(State::new(new_cluster_id(), new_ports(options, brokers)?))
        }
    }
}

/// An existing stack keeps its ports, but for those asked for and, with `free_ports`, those that were taken by
/// others while it was down.
fn replan(mut state: State, options: &UpOptions) -> Result<State, DevstackError> {
    let n_brokers = state.ports.brokers.len();
    if options.brokers.is_some_and(|it| it != n_brokers) {
        return Err(DevstackError::State(format!(
            "this stack was made with {n_brokers} broker(s); run `saphan-dev reset` (deletes its data) first"
        )));
    }
    // Before any is picked: what one part has may not become another's.
    let theirs: Vec<u16> = every_port(&state.ports).into_iter().filter(|it| !usable(*it)).collect();
    for name in all_processes(&state.ports) {
        let Some(port) = port_of_mut(&mut state.ports, &name) else { continue };
        let runs = state.processes.contains_key(&name);
        *port = match options.port_for(&name) {
            Some(asked) if runs && asked != *port => {
                return Err(DevstackError::State(format!(
                    "{name} already runs on port {port}; run `saphan-dev down` before moving it to {asked}"
                )));
            }
            Some(asked) => asked,
            None if options.free_ports && !runs && theirs.contains(port) => ports::pick()?,
            None => *port,
        };
    }
    for (index, broker) in state.ports.brokers.iter_mut().enumerate() {
        let runs = state.processes.contains_key(&kafka::process_name(index + 1));
        if !runs && theirs.contains(&broker.controller) {
            broker.controller = ports::pick()?;
        }
    }
    Ok(state)
}

fn new_ports(options: &UpOptions, n_brokers: usize) -> Result<Ports, DevstackError> {
    let choose = |asked: Option<u16>, default: u16| match asked {
        Some(port) => Ok(port),
        None if options.free_ports => ports::pick(),
        None => Ok(default),
    };
    let first = choose(options.kafka_port, KAFKA_PORT)?;
    let registry = choose(options.registry_port, REGISTRY_PORT)?;
    let clickhouse = choose(options.clickhouse_port, CLICKHOUSE_PORT)?;
    let mut brokers = Vec::new();
    for index in 0..n_brokers {
        let client = if index == 0 { first } else { ports::pick()? };
        brokers.push(BrokerPorts { client, controller: ports::pick()? });
    }
    Ok(Ports { brokers, registry, clickhouse })
}

/// Names of the processes that the options ask for.
pub(super) fn wanted(state: &State, options: &UpOptions) -> Vec<String> {
    if options.parts.is_empty() {
        return all_processes(&state.ports);
    }
    options.parts.iter().flat_map(|it| it.processes(&state.ports)).collect()
}

/// Refuses ports that somebody else holds, before anything is started.
pub(super) fn check_ports(
    state: &State,
    wanted: &[String],
    root: &Path,
) -> Result<(), DevstackError> {
    for name in wanted.iter().filter(|it| !state.processes.contains_key(*it)) {
        let Some(port) = port_of(&state.ports, name) else { continue };
        if ports::is_free(port) {
            continue;
        }
        let holder = ports::holder(port);
        let option = match name.as_str() {
            "registry" | "clickhouse" => format!("--{name}-port"),
            _ => "--kafka-port".to_owned(),
        };
        let remedy = format!(
            "stop that, or run `saphan-dev --dir {} up` with {option} <port> or --free-ports",
            root.display()
        );
        return Err(DevstackError::PortTaken { port, part: name.clone(), holder, remedy });
    }
    Ok(())
}

/// Whether a part that does not run could have `port`; from now on nobody else is given it.
fn usable(port: u16) -> bool {
    ports::hold(port) != Hold::Others && ports::is_free(port)
}

fn every_port(ports: &Ports) -> Vec<u16> {
    let brokers = ports.brokers.iter().flat_map(|it| [it.client, it.controller]);
    brokers.chain([ports.registry, ports.clickhouse]).collect()
}

/// A cluster id: 16 random bytes in URL-safe base 64 without padding (22 characters).
fn new_cluster_id() -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let random = |_| RandomState::new().build_hasher().finish();
    let [a, b] = [0, 1].map(random);
    let bits = u128::from(a) << 64 | u128::from(b);
    // The last letter carries 2 bits; the first is never '-', which tools would take for an option.
    let letter = |index: u32| {
        let shifted = if index < 21 { bits >> (122 - 6 * index) } else { bits << 4 };
        let six = (shifted & 0x3f) as usize;
        char::from(LETTERS[if index == 0 { six & 0x1f } else { six }])
    };
    (0..22).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn a_new_stack_takes_the_default_ports_and_keeps_them() {
        let state = plan(None, &UpOptions::default()).unwrap();
        assert_eq!(state.ports.brokers[0].client, KAFKA_PORT);
        assert_eq!(
            (state.ports.registry, state.ports.clickhouse),
            (REGISTRY_PORT, CLICKHOUSE_PORT)
        );
        assert_eq!(
            plan(Some(state.clone()), &UpOptions::default()).unwrap().cluster_id,
            state.cluster_id
        );
    }

    #[test]
    fn named_ports_are_taken_and_the_rest_is_free() {
        let options =
            UpOptions { registry_port: Some(1234), free_ports: true, ..UpOptions::default() };
        let state = plan(None, &options).unwrap();
        assert_eq!(state.ports.registry, 1234);
        let all = every_port(&state.ports);
        assert!(all.iter().all(|it| *it == 1234 || ports::is_free(*it)));
    }

    #[test]
    fn a_taken_port_is_refused_with_its_holder_and_remedy() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let options =
            UpOptions { registry_port: Some(port), free_ports: true, ..UpOptions::default() };
        let state = plan(None, &options).unwrap();
        let error = check_ports(&state, &["registry".to_owned()], Path::new("/stack")).unwrap_err();
        let text = error.to_string();
        for word in ["SP-1902", &port.to_string(), "process", "--registry-port", "--free-ports"] {
            assert!(text.contains(word), "{word} in {text}");
        }
    }

    #[test]
    fn a_stopped_stack_moves_from_ports_that_were_taken_when_it_may() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = listener.local_addr().unwrap().port();
        let options = UpOptions { clickhouse_port: Some(taken), ..UpOptions::default() };
        let state = plan(None, &options).unwrap();
        let stays = plan(Some(state.clone()), &UpOptions::default()).unwrap();
        assert_eq!(stays.ports.clickhouse, taken);
        let free = UpOptions { free_ports: true, ..UpOptions::default() };
        assert_ne!(plan(Some(state), &free).unwrap().ports.clickhouse, taken);
    }

    #[test]
    fn a_running_part_is_not_moved() {
        let mut state = plan(None, &UpOptions::default()).unwrap();
        let us = crate::process::Identity { pid: 1, started_ticks: 1, boot: String::new() };
        state.processes.insert("registry".to_owned(), us);
        let options = UpOptions { registry_port: Some(1), ..UpOptions::default() };
        let error = plan(Some(state), &options).unwrap_err().to_string();
        assert!(error.contains("already runs on port 8081"), "{error}");
    }

    #[test]
    fn the_number_of_brokers_is_fixed_by_the_data() {
        let three = UpOptions { brokers: Some(3), ..UpOptions::default() };
        let state = plan(None, &three).unwrap();
        assert_eq!(state.ports.brokers.len(), 3);
        let one = UpOptions { brokers: Some(1), ..UpOptions::default() };
        assert!(plan(Some(state), &one).unwrap_err().to_string().contains("reset"));
        let two = UpOptions { brokers: Some(2), ..UpOptions::default() };
        assert!(plan(None, &two).is_err());
    }

    #[test]
    fn cluster_ids_have_the_form_kafka_wants() {
        let id = new_cluster_id();
        assert_eq!(id.len(), 22);
        assert!(id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_'));
        assert_ne!(id, new_cluster_id());
    }
}
