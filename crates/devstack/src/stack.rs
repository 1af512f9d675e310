//! A stack for tests and the demonstration: started for the caller, or attached to when one already runs.
//!
//! What a [`Stack`] starts ends with it: a small helper process holds the other end of a pipe, and takes the
//! stack down when the pipe closes, whether the owner dropped it, panicked or was killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use std::os::unix::process::CommandExt;

use crate::addresses::{Addresses, STACK_VARIABLE};
use crate::dev::{Dev, UpOptions};
use crate::error::DevstackError;
use crate::part::Part;
use crate::program;

/// How a stack for a test is wanted.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// State folder; without one, a temporary folder that is removed at the end.
    pub dir: Option<PathBuf>,
    /// Number of brokers, 1 or 3; 1 when left out.
    pub brokers: Option<usize>,
    /// Only these parts; all of them when empty.
    pub parts: Vec<Part>,
    /// Never attach to the stack named by `SAPHAN_STACK`: for tests that kill parts.
    pub private: bool,
}

impl StackOptions {
    /// A stack of one's own, for tests that kill parts.
    pub fn private() -> Self {
        Self { private: true, ..Self::default() }
    }

    /// Only `parts`: ClickHouse by itself is there in a third of a second, Kafka takes some.
    pub fn only(self, parts: impl IntoIterator<Item = Part>) -> Self {
        Self { parts: parts.into_iter().collect(), ..self }
    }
}

/// A running stack.
pub struct Stack {
    addresses: Addresses,
    dev: Dev,
    /// Takes the stack down when its standard input closes; none when we only attached.
    reaper: Option<Child>,
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl Stack {
    /// Attaches to the stack that `SAPHAN_STACK` names (its state folder or `env` file), or starts one on free
    /// ports. Blocks until all parts answer; the first time this downloads them.
    pub fn start(options: StackOptions) -> Result<Self, DevstackError> {
        match std::env::var_os(STACK_VARIABLE) {
            Some(place) if !options.private => Self::attach_to(Path::new(&place), &options.parts),
            _ => Self::launch(options),
        }
    }

    /// One stack for all tests of a process, started by the first that asks and ended with the process.
    pub fn shared() -> Result<&'static Self, &'static DevstackError> {
        static SHARED: OnceLock<Result<Stack, DevstackError>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(StackOptions::default())).as_ref()
    }

    /// As [`Self::shared`], with ClickHouse only.
    pub fn shared_clickhouse() -> Result<&'static Self, &'static DevstackError> {
        static SHARED: OnceLock<Result<Stack, DevstackError>> = OnceLock::new();
        let options = || StackOptions::default().only([Part::ClickHouse]);
        SHARED.get_or_init(|| Self::start(options())).as_ref()
    }

    /// Attaches to a running stack; it goes on running afterwards.
    pub fn attach(place: &Path) -> Result<Self, DevstackError> {
        Self::attach_to(place, &[])
    }

    /// Attaches to a running stack of which `parts` must answer (all parts when empty).
    pub fn attach_to(place: &Path, parts: &[Part]) -> Result<Self, DevstackError> {
        let addresses = Addresses::read(place)?;
        let dev = Dev::open(&addresses.dir, None, program::find()?, Box::new(|_| {}))?;
        if !dev.status()?.runs(parts) {
            let dir = addresses.dir.display();
            let text =
                format!("the stack in {dir} does not run; `saphan-dev --dir {dir} up` starts it");
            return Err(DevstackError::NotRunning(text));
        }
        Ok(Self { addresses, dev, reaper: None })
    }

    fn launch(options: StackOptions) -> Result<Self, DevstackError> {
        let program = program::find()?;
        let (dir, temporary) = match options.dir {
            Some(dir) => (dir, false),
            None => (temporary_folder()?, true),
        };
        let dev = Dev::open(&dir, None, program.clone(), Box::new(to_stderr))?;
        let mut reaper = Command::new(&program);
        reaper.arg("--dir").arg(dev.layout().root()).arg("reap");
        if temporary {
            reaper.arg("--remove");
        }
        // Before anything is started, so that there is no moment without it.
        let reaper = reaper
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(DevstackError::folder("run", &program))?;
        let guard = Reaper(Some(reaper));
        let (brokers, parts) = (options.brokers, options.parts);
        let up = UpOptions { free_ports: true, brokers, parts, ..UpOptions::default() };
        let addresses = dev.up(&up)?;
        Ok(Self { addresses, dev, reaper: guard.disarm() })
    }

    /// Kafka's `bootstrap.servers`.
    pub fn bootstrap(&self) -> &str {
        &self.addresses.kafka_bootstrap
    }

    /// Base URL of the registry, with the path of its Confluent-compatible API.
    pub fn registry_url(&self) -> &str {
        &self.addresses.registry_url
    }

    /// Base URL of ClickHouse's HTTP interface.
    pub fn clickhouse_url(&self) -> &str {
        &self.addresses.clickhouse_url
    }

    /// All addresses.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// A new prefix for topics, groups and databases: letters and digits, never given before.
    pub fn unique_prefix(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        format!("t{:x}p{:x}n{count}", now.as_millis(), std::process::id())
    }

    /// Kills a part as a crash would (SIGKILL).
    pub fn kill(&self, part: Part) -> Result<(), DevstackError> {
        self.dev.kill(part)
    }

    /// Stops a part where it stands (SIGSTOP), as a machine that sleeps would. It must go on again before the
    /// stack is stopped.
    pub fn suspend(&self, part: Part) -> Result<(), DevstackError> {
        self.dev.suspend(part, true)
    }

    /// Lets a suspended part go on.
    pub fn resume(&self, part: Part) -> Result<(), DevstackError> {
        self.dev.suspend(part, false)
    }

    /// Starts a killed part again, on its old port and data, and waits until it answers.
    pub fn restart(&self, part: Part) -> Result<(), DevstackError> {
        self.dev.start(part)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        drop(Reaper(self.reaper.take()));
    }
}

/// Closes the pipe and waits until the helper has taken the stack down.
struct Reaper(Option<Child>);

impl Reaper {
    fn disarm(mut self) -> Option<Child> {
        self.0.take()
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            drop(child.stdin.take());
            let _its_own_report_is_on_stderr = child.wait();
        }
    }
}

fn temporary_folder() -> Result<PathBuf, DevstackError> {
    let parent = std::env::temp_dir();
    let folder = tempfile::Builder::new().prefix("saphan-stack-").tempdir_in(&parent);
    Ok(folder.map_err(DevstackError::folder("make", &parent))?.keep())
}

/// Tests show progress only when they fail, which is when it is wanted.
#[allow(clippy::print_stderr, reason = "the test harness captures it")]
fn to_stderr(line: &str) {
    eprintln!("{line}");
}
