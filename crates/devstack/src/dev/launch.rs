//! Starting processes: what they need, getting it, running them, waiting until they answer.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::Dev;
use crate::error::DevstackError;
use crate::fetch::{ClickHouseServer, Tool, require, server_on_path};
use crate::layout::{set_aside, tail};
use crate::part::{Part, port_of};
use crate::process;
use crate::state::State;
use crate::{clickhouse, health, kafka, registry};

/// How long a part may take to answer; generous, for a small machine that also compiles.
const START_PATIENCE: Duration = Duration::from_secs(180);
/// How often it is asked.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// A process about to be started, with the files it runs from.
enum Launch {
    Broker { node: usize, jars: PathBuf },
    Registry(PathBuf),
    ClickHouse(clickhouse::Engine),
}

impl Dev {
    /// Starts those of `wanted` that do not run, all at once, then waits for each. What is missing on the
    /// machine is said, and what must be downloaded is, before anything is started.
    pub(super) fn bring_up(
        &self,
        state: &mut State,
        wanted: &[String],
    ) -> Result<(), DevstackError> {
        self.layout.make_folders()?;
        let stops = |it: &&String| !state.processes.contains_key(*it);
        let stopped: Vec<&str> = wanted.iter().filter(stops).map(String::as_str).collect();
        let server = server_on_path(&self.pins.clickhouse.server_min, &*self.progress);
        self.preflight(&stopped, server.is_some())?;
        let mut launches = Vec::new();
        for name in stopped {
            launches.push((name, self.obtain(name, server.as_ref())?));
        }
        let began = Instant::now();
        for (name, launch) in launches {
            self.begin_anew_if_unfinished(state, name)?;
            let command = self.prepare(state, &launch)?;
            let mark = process::mark(self.layout.root(), name);
            let it = process::start(command, &self.layout.log(name), &mark)?;
            state.processes.insert(name.to_owned(), it);
            state.save(&self.layout)?;
            self.say(&format!("{name}: starting"));
        }
        for name in wanted {
            self.await_answer(state, name, began)?;
            state.unfinished.remove(name);
        }
        state.save(&self.layout)?;
        Ok(())
    }

    /// A registry killed while it makes its tables can never start on them again: until it was seen to answer,
    /// it begins with a new folder. Brokers and ClickHouse mend what a kill left of them.
    fn begin_anew_if_unfinished(&self, state: &mut State, name: &str) -> Result<(), DevstackError> {
        if name != registry::PROCESS {
            return Ok(());
        }
        let data = self.layout.data(name);
        if !data.exists() {
            state.unfinished.insert(name.to_owned());
            return state.save(&self.layout);
        }
        if state.unfinished.contains(name) {
            let aside = set_aside(&data)?;
            let aside = aside.display();
            self.say(&format!(
                "{name}: its first start was not finished; beginning anew ({aside})"
            ));
        }
        Ok(())
    }

    /// Names everything that must first be installed to start the processes `names`, at once. `server`: there
    /// is a ClickHouse server to use.
    pub(super) fn preflight(&self, names: &[&str], server: bool) -> Result<(), DevstackError> {
        let cache = self.layout.cache()?;
        let fetcher = self.fetcher(&cache);
        let mut needs = Vec::new();
        for name in names {
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
                    std::thread::sleep(ASK_AGAIN);
                    continue;
                }
            };
            let log = self.layout.log(name);
            let tail = format!("\n{}", tail(&log, 12));
            return Err(DevstackError::NotStarted { part: name.to_owned(), detail, log, tail });
        }
    }
}

/// Whether process `name` answers on `port` as its clients need it to.
pub(super) fn answers(state: &State, name: &str, port: u16) -> bool {
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
