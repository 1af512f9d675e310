//! The answer of `status`, for people and for programs.

use serde::Serialize;

use super::launch::answers;
use crate::addresses::Addresses;
use crate::layout::Layout;
use crate::part::{Part, all_processes, port_of};
use crate::state::State;

/// How a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartState {
    /// It answers.
    Running,
    /// The process is there but does not answer (yet).
    NotAnswering,
    /// There is no such process.
    Stopped,
}

/// One process of the stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartStatus {
    /// Its name: `kafka-1`, `registry`, `clickhouse`.
    pub name: String,
    /// How it is.
    pub state: PartState,
    /// Its process id while it runs.
    pub pid: Option<i32>,
    /// The port its clients use.
    pub port: Option<u16>,
    /// Its log file.
    pub log: String,
}

/// The whole stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Every part answers.
    pub running: bool,
    /// Where it is reached; none when there was never an `up`.
    #[serde(flatten)]
    pub addresses: Option<Addresses>,
    /// Its processes.
    pub parts: Vec<PartStatus>,
}

impl Status {
    /// Whether every process of `parts` answers; of all parts when empty.
    pub fn runs(&self, parts: &[Part]) -> bool {
        let asked = |it: &&PartStatus| {
            let own: Option<Part> = it.name.parse().ok();
            let broker = matches!(own, Some(Part::Broker(_)));
            parts.iter().any(|part| own == Some(*part) || (broker && *part == Part::Kafka))
        };
        match parts {
            [] => self.running,
            _ => self.parts.iter().filter(asked).all(|it| it.state == PartState::Running),
        }
    }
}

pub(super) fn status(layout: &Layout, state: Option<&State>) -> Status {
    let Some(state) = state else {
        return Status { running: false, addresses: None, parts: Vec::new() };
    };
    let part = |name: String| {
        let process = state.processes.get(&name).filter(|it| it.runs());
        let port = port_of(&state.ports, &name);
        let part_state = match process {
            None => PartState::Stopped,
            Some(_) if answers(state, &name, port.unwrap_or_default()) => PartState::Running,
            Some(_) => PartState::NotAnswering,
        };
        let log = layout.log(&name).display().to_string();
        PartStatus { name, state: part_state, pid: process.map(|it| it.pid), port, log }
    };
    let parts: Vec<PartStatus> = all_processes(&state.ports).into_iter().map(part).collect();
    let running = parts.iter().all(|it| it.state == PartState::Running);
    Status { running, addresses: Some(Addresses::of(layout.root(), &state.ports)), parts }
}
