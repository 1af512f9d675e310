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

/// A running process.
#[derive(Debug)]
pub struct Running {
    launch: Launch,
    child: Child,
}

impl Launch {
    /// Starts it; output is appended to its log.
    pub fn start(&self) -> Result<Running> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", self.name))?;
        Ok(Running { launch: self.clone(), child })
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

    /// Process id, for reading its memory.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as a power cut would, and starts it again.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        *self = self.launch.start()?;
        Ok(())
    }

    /// Has it ended by itself?
    pub fn ended(&mut self) -> Result<Option<String>> {
        Ok(self.child.try_wait()?.map(|it| it.to_string()))
    }

    /// Starts it again if it ended by itself, as an orchestrator would.
    pub fn revive(&mut self) -> Result<bool> {
        let ended = self.ended()?.is_some();
        if ended {
            *self = self.launch.start()?;
        }
        Ok(ended)
    }

    /// Asks it to stop and waits.
    pub fn stop(mut self, patience: Duration) -> Result<()> {
        let pid = i32::try_from(self.child.id()).context("a process id fits")?;
        if self.child.try_wait()?.is_none() {
            kill(Pid::from_raw(pid), Signal::SIGTERM)?;
        }
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

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
