//! A process of the platform under our hand: started, killed, started again, stopped.
//!
//! Every child holds the reading end of a pipe to us and stops when it closes, so that none outlives us
//! even after `kill -9`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long a process that was asked to stop may take.
const STOP_PATIENCE: Duration = Duration::from_secs(40);

/// How to start one process.
#[derive(Clone, Debug)]
pub struct Launch {
    /// Its name, also of its log file.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where its output goes.
    pub log: PathBuf,
    /// Where it answers probes and metrics, `host:port`.
    pub admin: String,
}

/// A process that should run.
#[derive(Debug)]
pub struct Running {
    launch: Launch,
    child: Child,
    /// Taken away on purpose: not to be started again until it is brought back.
    away: bool,
    ends: Vec<String>,
}

impl Launch {
    /// Starts it; output is appended to its log.
    pub fn start(&self) -> Result<Running> {
        let child = self.spawn()?;
        Ok(Running { launch: self.clone(), child, away: false, ends: Vec::new() })
    }

    fn spawn(&self) -> Result<Child> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", self.name))
    }
}

impl Running {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.launch.name
    }

    /// Its log.
    pub fn log(&self) -> &Path {
        &self.launch.log
    }

    /// Where it answers probes and metrics, `host:port`.
    pub fn admin(&self) -> &str {
        &self.launch.admin
    }

    /// Was it taken away on purpose?
    pub fn away(&self) -> bool {
        self.away
    }

    /// Process id, for reading its memory.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended by itself, each time it did.
    pub fn ends(&self) -> &[String] {
        &self.ends
    }

    /// Ends it at once, as a power cut would, and starts it again.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        self.child = self.launch.spawn()?;
        Ok(())
    }

    /// Stops it where it stands, as a machine that swaps would, or lets it go on.
    pub fn suspend(&mut self, suspended: bool) -> Result<()> {
        suspend(&mut self.child, suspended)
    }

    /// Asks it to stop, and lets it be gone.
    pub fn take_away(&mut self) -> Result<()> {
        self.away = true;
        signal(&mut self.child, Signal::SIGTERM)
    }

    /// Starts what was taken away.
    pub fn bring_back(&mut self) -> Result<()> {
        self.end(STOP_PATIENCE)?;
        self.child = self.launch.spawn()?;
        self.away = false;
        Ok(())
    }

    /// Has it ended by itself?
    pub fn ended(&mut self) -> Result<Option<String>> {
        Ok(self.child.try_wait()?.filter(|_| !self.away).map(|it| it.to_string()))
    }

    /// Starts it again if it ended by itself, as an orchestrator would.
    pub fn revive(&mut self) -> Result<bool> {
        let Some(status) = self.ended()? else { return Ok(false) };
        let log = std::fs::read_to_string(&self.launch.log).unwrap_or_default();
        let last = log.lines().last().unwrap_or_default();
        self.ends.push(format!("{} ({status}): {last}", self.launch.name));
        self.child = self.launch.spawn()?;
        Ok(true)
    }

    /// Asks it to stop and waits.
    pub fn stop(mut self, patience: Duration) -> Result<()> {
        self.suspend(false)?;
        self.end(patience)
    }

    fn end(&mut self, patience: Duration) -> Result<()> {
        signal(&mut self.child, Signal::SIGTERM)?;
        let deadline = Instant::now() + patience;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                self.child.kill()?;
                self.child.wait()?;
                bail!("{} did not stop within {patience:?} and was killed", self.launch.name);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Stops a child where it stands, or lets it go on.
pub fn suspend(child: &mut Child, suspended: bool) -> Result<()> {
    signal(child, if suspended { Signal::SIGSTOP } else { Signal::SIGCONT })
}

/// Sends a signal, unless the child has ended.
fn signal(child: &mut Child, signal: Signal) -> Result<()> {
    if child.try_wait()?.is_none() {
        let pid = i32::try_from(child.id()).context("a process id fits")?;
        kill(Pid::from_raw(pid), signal)?;
    }
    Ok(())
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
