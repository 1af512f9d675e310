//! The commands on one stack: up, down, status, kill, start, reset.
//!
//! Owns their order and their promises: `up` can be repeated, data outlives `down`, a launcher killed at any
//! moment leaves nothing a later command cannot heal. Every command holds the folder's lock while it works.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::addresses::Addresses;
use crate::error::DevstackError;
use crate::fetch::Fetcher;
use crate::layout::{Layout, remove_file};
use crate::part::{Part, all_processes, port_of};
use crate::pins::Pins;
use crate::process::{self, Identity};
use crate::state::State;

mod launch;
mod plan;
mod status;

pub use plan::UpOptions;
pub use status::{PartState, PartStatus, Status};

/// How long a part may take to end by itself.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// Receives lines for the person waiting.
pub type Progress = Box<dyn Fn(&str) + Send + Sync>;

/// One stack, named by its state folder.
pub struct Dev {
    layout: Layout,
    pins: Pins,
    program: PathBuf,
    progress: Progress,
}

impl Dev {
    /// Opens the stack in `dir` (made when absent). `program` is the `saphan-dev` that serves the embedded
    /// ClickHouse; `cache` overrides where downloads are kept.
    pub fn open(
        dir: &Path,
        cache: Option<&Path>,
        program: PathBuf,
        progress: Progress,
    ) -> Result<Self, DevstackError> {
        if !cfg!(target_os = "linux") {
            let text = "the development stack runs on Linux only; use a Linux machine or container";
            return Err(DevstackError::Platform(text.to_owned()));
        }
        let layout = Layout::open(dir, cache)?;
        Ok(Self { layout, pins: Pins::embedded(), program, progress })
    }

    /// The state folder and its files.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Downloads and checks every part; starts nothing.
    pub fn fetch(&self) -> Result<(), DevstackError> {
        let _alone = self.layout.lock(&*self.progress)?;
        self.healed()?;
        self.preflight(&["kafka-1", "registry", "clickhouse"], false)?;
        let cache = self.layout.cache()?;
        let fetcher = self.fetcher(&cache);
        fetcher.kafka(&self.pins.maven, &self.pins.kafka)?;
        fetcher.registry(&self.pins.maven, &self.pins.registry)?;
        self.clickhouse_library()?;
        self.say("all parts are there and checked");
        Ok(())
    }

    /// The embedded engine's library, downloaded when absent.
    pub fn clickhouse_library(&self) -> Result<PathBuf, DevstackError> {
        let pin = &self.pins.clickhouse;
        if !cfg!(target_arch = "x86_64") {
            return Err(DevstackError::Platform(format!(
                "there is no embedded ClickHouse engine for this processor; install a ClickHouse \
                 server of at least {} so that `clickhouse` is on the PATH",
                pin.server_min
            )));
        }
        let cache = self.layout.cache()?;
        self.fetcher(&cache).clickhouse(pin)
    }

    /// Starts whatever does not run, and waits until all of it answers.
    pub fn up(&self, options: &UpOptions) -> Result<Addresses, DevstackError> {
        let _alone = self.layout.lock(&*self.progress)?;
        let mut state = plan::plan(self.healed()?, options)?;
        let wanted = plan::wanted(&state, options);
        plan::check_ports(&state, &wanted, self.layout.root())?;
        state.save(&self.layout)?;
        self.bring_up(&mut state, &wanted)?;
        let addresses = Addresses::of(self.layout.root(), &state.ports);
        addresses.write(&self.layout.env())?;
        Ok(addresses)
    }

    /// Stops everything; data stays.
    pub fn down(&self) -> Result<(), DevstackError> {
        let _alone = self.layout.lock(&*self.progress)?;
        let Some(mut state) = self.healed()? else { return Ok(()) };
        for name in all_processes(&state.ports).iter().rev() {
            if let Some(it) = state.processes.get(name) {
                self.say(&format!("{name}: stopping"));
                it.stop(name, STOP_PATIENCE)?;
                state.processes.remove(name);
                state.save(&self.layout)?;
            }
        }
        remove_file(&self.layout.env())
    }

    /// Stops everything and deletes data, logs and settings; downloads stay.
    pub fn reset(&self) -> Result<(), DevstackError> {
        match self.down() {
            Ok(()) => {}
            // A state file that cannot be read is what a reset is for; the marks tell what runs.
            Err(DevstackError::State(_)) => self.end_all(process::marked(self.layout.root()))?,
            Err(other) => return Err(other),
        }
        self.layout.remove_all_but_downloads()
    }

    /// Kills a part as a crash would (SIGKILL), and returns when it is gone.
    pub fn kill(&self, part: Part) -> Result<(), DevstackError> {
        let _alone = self.layout.lock(&*self.progress)?;
        let mut state = self.existing()?;
        for name in self.processes_of(part, &state)? {
            match state.processes.remove(&name) {
                Some(it) => {
                    it.kill(&name)?;
                    self.say(&format!("{name}: killed"));
                }
                None => self.say(&format!("{name}: does not run")),
            }
        }
        state.save(&self.layout)
    }

    /// Stops a part where it stands (SIGSTOP), or lets it go on.
    pub fn suspend(&self, part: Part, suspended: bool) -> Result<(), DevstackError> {
        let _alone = self.layout.lock(&*self.progress)?;
        let state = self.existing()?;
        for name in self.processes_of(part, &state)? {
            if let Some(it) = state.processes.get(&name) {
                it.suspend(suspended);
                self.say(&format!("{name}: {}", if suspended { "suspended" } else { "goes on" }));
            }
        }
        Ok(())
    }

    /// Starts a part that was killed, and waits until it answers.
    pub fn start(&self, part: Part) -> Result<(), DevstackError> {
        let _alone = self.layout.lock(&*self.progress)?;
        let mut state = self.existing()?;
        let wanted = self.processes_of(part, &state)?;
        plan::check_ports(&state, &wanted, self.layout.root())?;
        self.bring_up(&mut state, &wanted)
    }

    /// What runs where.
    pub fn status(&self) -> Result<Status, DevstackError> {
        let state = State::load(&self.layout)?;
        Ok(status::status(&self.layout, state.as_ref()))
    }

    /// The state without dead processes, after ending processes the file does not know.
    fn healed(&self) -> Result<Option<State>, DevstackError> {
        let marked = process::marked(self.layout.root());
        let Some(mut state) = State::load(&self.layout)? else {
            self.end_all(marked)?;
            return Ok(None);
        };
        self.end_all(state.heal(marked))?;
        // Who waited for its answer may have been killed: what it holds by now is somebody's.
        let unfinished = std::mem::take(&mut state.unfinished);
        let answers = |it: &String| {
            let port = port_of(&state.ports, it).unwrap_or_default();
            state.processes.contains_key(it) && launch::answers(&state, it, port)
        };
        state.unfinished = unfinished.into_iter().filter(|it| !answers(it)).collect();
        state.save(&self.layout)?;
        Ok(Some(state))
    }

    fn end_all(&self, orphans: Vec<(String, Identity)>) -> Result<(), DevstackError> {
        for (name, it) in orphans {
            self.say(&format!("{name}: ending process {} of an earlier, broken run", it.pid));
            it.stop(&name, STOP_PATIENCE)?;
        }
        Ok(())
    }

    fn existing(&self) -> Result<State, DevstackError> {
        self.healed()?.ok_or_else(|| {
            let root = self.layout.root().display();
            DevstackError::NotRunning(format!("there is no stack in {root}; run `saphan-dev up`"))
        })
    }

    fn processes_of(&self, part: Part, state: &State) -> Result<Vec<String>, DevstackError> {
        let names = part.processes(&state.ports);
        if names.is_empty() {
            let n = state.ports.brokers.len();
            return Err(DevstackError::State(format!("there is no {part}; brokers are 1 to {n}")));
        }
        Ok(names)
    }

    fn fetcher<'a>(&'a self, cache: &'a Path) -> Fetcher<'a> {
        Fetcher { cache, owner: self.layout.root(), progress: &*self.progress }
    }

    fn say(&self, line: &str) {
        (self.progress)(line);
    }
}
