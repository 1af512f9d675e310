//! The state file of a stack: which ports it has, which processes it started.
//!
//! Written after every change, before anything waits, so that a launcher killed at any moment leaves a file
//! the next command can heal from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::{Deserialize, Serialize};

use crate::error::DevstackError;
use crate::layout::{Layout, write_atomically};
use crate::process::Identity;

/// Version of the shape of the file.
const VERSION: u32 = 1;

/// Listeners of one broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerPorts {
    /// Where clients connect.
    pub client: u16,
    /// Where the controllers talk to each other.
    pub controller: u16,
}

/// All ports of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// One entry per broker, in order of their node ids (from 1).
    pub brokers: Vec<BrokerPorts>,
    /// The registry.
    pub registry: u16,
    /// ClickHouse over HTTP.
    pub clickhouse: u16,
}

/// What is known of a stack between commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    version: u32,
    /// Identifies the Kafka cluster; made once per data folder.
    pub cluster_id: String,
    /// Ports it has, also while it is down.
    pub ports: Ports,
    /// Processes that made their data folder and were not seen to answer since: what a kill leaves of such a
    /// folder may be half made.
    #[serde(default)]
    pub unfinished: BTreeSet<String>,
    /// Process name to the process started for it.
    pub processes: BTreeMap<String, Identity>,
}

impl State {
    /// A new stack with these ports, nothing running.
    pub fn new(cluster_id: String, ports: Ports) -> Self {
        let (unfinished, processes) = (BTreeSet::new(), BTreeMap::new());
        Self { version: VERSION, cluster_id, ports, unfinished, processes }
    }

    /// Reads the state file; none when there is no stack yet.
    pub fn load(layout: &Layout) -> Result<Option<Self>, DevstackError> {
        let path = layout.state();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(DevstackError::folder("read", &path)(error)),
        };
        let unreadable = |why: String| {
            let path = path.display();
            DevstackError::State(format!(
                "{path} is not a state file of this version ({why}); run `saphan-dev reset` (deletes \
                 the stack's data) and `saphan-dev up`"
            ))
        };
        let state: Self = serde_json::from_str(&text).map_err(|it| unreadable(it.to_string()))?;
        if state.version != VERSION {
            return Err(unreadable(format!("version {}", state.version)));
        }
        Ok(Some(state))
    }

    /// Writes the state file.
    pub fn save(&self, layout: &Layout) -> Result<(), DevstackError> {
        let text = serde_json::to_string_pretty(self).expect("a state has only plain values");
        write_atomically(&layout.state(), &text)
    }

    /// Forgets processes that no longer run, and returns those of `marked` that the file does not know:
    /// orphans of a launcher that died before it could write them down.
    pub fn heal(&mut self, marked: Vec<(String, Identity)>) -> Vec<(String, Identity)> {
        self.processes.retain(|_, it| it.runs());
        marked.into_iter().filter(|(name, it)| self.processes.get(name) != Some(it)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(pid: i32) -> Identity {
        Identity { pid, started_ticks: 1, boot: "a boot long ago".to_owned() }
    }

    fn state() -> State {
        let brokers = vec![BrokerPorts { client: 1, controller: 2 }];
        State::new("id".to_owned(), Ports { brokers, registry: 3, clickhouse: 4 })
    }

    #[test]
    fn a_state_is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::open(dir.path(), Some(dir.path())).unwrap();
        assert_eq!(State::load(&layout).unwrap(), None);
        let mut state = state();
        state.processes.insert("registry".to_owned(), identity(7));
        state.save(&layout).unwrap();
        assert_eq!(State::load(&layout).unwrap(), Some(state));
    }

    #[test]
    fn a_foreign_state_is_refused_with_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::open(dir.path(), Some(dir.path())).unwrap();
        let newer = serde_json::to_string(&State { version: VERSION + 1, ..state() }).unwrap();
        for text in ["", "{}", &newer] {
            fs::write(layout.state(), text).unwrap();
            let error = State::load(&layout).unwrap_err().to_string();
            assert!(error.contains("SP-1907") && error.contains("reset"), "{error}");
        }
    }

    #[test]
    fn healing_forgets_the_dead_and_names_the_orphans() {
        let mut state = state();
        state.processes.insert("registry".to_owned(), identity(7));
        let orphan = ("kafka-1".to_owned(), identity(8));
        assert_eq!(state.heal(vec![orphan.clone()]), vec![orphan]);
        assert!(state.processes.is_empty());
    }
}
