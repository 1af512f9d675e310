//! The commands on one stack: up, down, status, kill, start, reset.
//!
//! Owns their order and their promises: `up` can be repeated, data outlives `down`, a launcher killed at any
//! moment leaves nothing a later command cannot heal. Every command holds the folder's lock while it works.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::addresses::Addresses;
use crate::error::DevstackError;
use crate::fetch::{ClickHouseServer, Fetcher, Tool, require, server_on_path};
use crate::layout::{Layout, remove_folder, tail};
use crate::part::{Part, all_processes, port_of};
use crate::pins::Pins;
use crate::process::{self, Identity};
use crate::state::State;
use crate::{clickhouse, health, kafka, registry};

mod plan;
mod status;

pub use plan::UpOptions;
pub use status::{PartState, PartStatus, Status};

/// How long a part may take to answer; generous, for a small machine that also compiles.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// How long a part may take to end by itself.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// Receives lines for the person waiting.
pub type Progress = Box<dyn Fn(&str) + Send + Sync>;

/// A process about to be started, with the files it runs from.
enum Launch {
    Broker { node: usize, jars: PathBuf },
    Registry(PathBuf),
    ClickHouse(clickhouse::Engine),
}

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
        let env = self.layout.env();
        match fs::remove_file(&env) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(DevstackError::folder("remove", &env)(error))
            }
            _ => Ok(()),
        }
    }

    /// Stops everything and deletes data, logs and settings; downloads stay.
    pub fn reset(&self) -> Result<(), DevstackError> {
        let unreadable_state = self.down().is_err();
        if unreadable_state {
            self.end_all(process::marked(self.layout.root()))?;
        }
        for folder in ["data", "logs", "conf"] {
            remove_folder(&self.layout.root().join(folder))?;
        }
        let state = self.layout.state();
        if state.exists() {
            fs::remove_file(&state).map_err(DevstackError::folder("remove", &state))?;
        }
        Ok(())
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

    /// Starts those of `wanted` that do not run, all at once, then waits for each. What is missing on the
    /// machine is said, and what must be downloaded is, before anything is started.
    fn bring_up(&self, state: &mut State, wanted: &[String]) -> Result<(), DevstackError> {
        let stopped: Vec<&String> =
            wanted.iter().filter(|it| !state.processes.contains_key(*it)).collect();
        let server = server_on_path(&self.pins.clickhouse.server_min, &*self.progress);
        self.preflight(&stopped, server.is_some())?;
        let mut launches = Vec::new();
        for name in stopped {
            launches.push((name, self.obtain(name, server.as_ref())?));
        }
        let began = Instant::now();
        for (name, launch) in launches {
            let command = self.prepare(state, &launch)?;
            let mark = process::mark(self.layout.root(), name);
            let it = process::start(command, &self.layout.log(name), &mark)?;
            state.processes.insert(name.clone(), it);
            state.save(&self.layout)?;
            self.say(&format!("{name}: starting"));
        }
        for name in wanted {
            self.await_answer(state, name, began)?;
        }
        Ok(())
    }

    /// Names everything that must first be installed, at once.
    fn preflight(&self, stopped: &[&String], server: bool) -> Result<(), DevstackError> {
        let cache = self.layout.cache()?;
        let fetcher = self.fetcher(&cache);
        let mut needs = Vec::new();
        for name in stopped {
            match name.parse::<Part>() {
                Ok(Part::ClickHouse) if server => {}
                Ok(Part::ClickHouse) if !fetcher.has_clickhouse(&self.pins.clickhouse) => {
                    needs.push(Tool::Npm);
                }
                Ok(Part::ClickHouse) => {}
                Ok(Part::Registry) => {
                    needs.push(Tool::Java);
                    needs.extend(
                        (!fetcher.has_registry(&self.pins.registry)).then_some(Tool::Maven),
                    );
                }
                _ => {
                    needs.push(Tool::Java);
                    needs.extend((!fetcher.has_kafka(&self.pins.kafka)).then_some(Tool::Maven));
                }
            }
        }
        require(&needs)
    }

    fn obtain(
        &self,
        name: &str,
        server: Option<&ClickHouseServer>,
    ) -> Result<Launch, DevstackError> {
        let cache = self.layout.cache()?;
        let fetcher = self.fetcher(&cache);
        match (name.parse::<Part>(), server) {
            (Ok(Part::Broker(node)), _) => {
                let jars = fetcher.kafka(&self.pins.maven, &self.pins.kafka)?;
                Ok(Launch::Broker { node, jars })
            }
            (Ok(Part::Registry), _) => {
                Ok(Launch::Registry(fetcher.registry(&self.pins.maven, &self.pins.registry)?))
            }
            (Ok(Part::ClickHouse), Some(server)) => {
                self.say(&format!("{name}: using the server {} on the PATH", server.version));
                Ok(Launch::ClickHouse(clickhouse::Engine::Server(server.clone())))
            }
            (Ok(Part::ClickHouse), None) => {
                let (program, library) = (self.program.clone(), self.clickhouse_library()?);
                Ok(Launch::ClickHouse(clickhouse::Engine::Embedded { program, library }))
            }
            _ => Err(DevstackError::State(format!("there is no process {name}"))),
        }
    }

    fn prepare(&self, state: &State, launch: &Launch) -> Result<Command, DevstackError> {
        let (layout, ports) = (&self.layout, &state.ports);
        match launch {
            Launch::Broker { node, jars } => {
                kafka::prepare(layout, jars, &state.cluster_id, ports, *node)
            }
            Launch::Registry(jar) => Ok(registry::prepare(layout, jar, ports.registry)),
            Launch::ClickHouse(engine) => clickhouse::prepare(layout, engine, ports.clickhouse),
        }
    }

    fn await_answer(&self, state: &State, name: &str, began: Instant) -> Result<(), DevstackError> {
        let Some(it) = state.processes.get(name) else { return Ok(()) };
        let port = port_of(&state.ports, name).unwrap_or_default();
        loop {
            let waited = began.elapsed();
            if answers(state, name, port) {
                let seconds = waited.as_secs_f32();
                self.say(&format!("{name}: answers on 127.0.0.1:{port} ({seconds:.1} s)"));
                return Ok(());
            }
            let detail = match it.runs() {
                false => "it ended".to_owned(),
                true if waited > START_PATIENCE => {
                    format!("no answer on port {port} for {} s", waited.as_secs())
                }
                true => {
                    std::thread::sleep(Duration::from_millis(100));
                    continue;
                }
            };
            let log = self.layout.log(name);
            let tail = format!("\n{}", tail(&log, 12));
            return Err(DevstackError::NotStarted { part: name.to_owned(), detail, log, tail });
        }
    }

    fn fetcher<'a>(&'a self, cache: &'a Path) -> Fetcher<'a> {
        Fetcher { cache, owner: self.layout.root(), progress: &*self.progress }
    }

    fn say(&self, line: &str) {
        (self.progress)(line);
    }
}

/// Whether process `name` answers on `port` as its clients need it to.
fn answers(state: &State, name: &str, port: u16) -> bool {
    match name.parse() {
        Ok(Part::Registry) => health::http_ok(port, &registry::health_path()),
        Ok(Part::ClickHouse) => health::http_ok(port, "/ping"),
        _ => {
            // A broker is ready when it knows of all brokers that should be there.
            let running = state.processes.keys().filter(|it| it.starts_with("kafka-")).count();
            health::known_brokers(port).is_some_and(|known| known as usize >= running)
        }
    }
}
