//! The facilities' adapters while they send: one process a command, each of which can be hit.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::child::suspend;
use crate::feed::Kind;
use crate::interrupt;
use crate::platform::{Site, path};

/// Most times one command is begun again after it was killed.
const ATTEMPTS_MAX: u32 = 100;

/// Runs adapters; those that were killed begin again with the same files.
#[derive(Default)]
pub struct Senders {
    running: Mutex<BTreeMap<u64, Child>>,
    begun: AtomicU64,
}

impl Senders {
    /// Sends files of a facility (5 digits), in order, and waits until the gateway has confirmed them.
    pub fn send(&self, site: &Site, facility: &str, kind: Kind, files: &[PathBuf]) -> Result<()> {
        for _ in 0..ATTEMPTS_MAX {
            let mut command = command(site, facility, kind, files)?;
            let number = self.begun.fetch_add(1, Ordering::Relaxed);
            let child = command.spawn().context("start an adapter")?;
            self.running.lock().expect("no holder panics").insert(number, child);
            let status = self.wait(number)?;
            match status.code() {
                Some(0) => return Ok(()),
                Some(_) => {
                    let log = std::fs::read_to_string(log(site))?;
                    let last: Vec<&str> = log.lines().rev().take(8).collect();
                    let tail: Vec<&str> = last.into_iter().rev().collect();
                    bail!("the adapter of {facility} failed ({status}):\n{}", tail.join("\n"));
                }
                None => {} // killed
            }
        }
        bail!("the adapter of {facility} was killed {ATTEMPTS_MAX} times")
    }

    fn wait(&self, number: u64) -> Result<ExitStatus> {
        loop {
            let stop = interrupt::requested();
            {
                let mut running = self.running.lock().expect("no holder panics");
                let child = running.get_mut(&number).context("an adapter waits for itself")?;
                if stop {
                    child.kill()?;
                }
                if let Some(status) = child.try_wait()? {
                    running.remove(&number);
                    interrupt::check()?;
                    return Ok(status);
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The numbers of the adapters that run now.
    pub fn running(&self) -> Vec<u64> {
        self.running.lock().expect("no holder panics").keys().copied().collect()
    }

    /// Ends one at once; false when it is gone already.
    pub fn kill(&self, number: u64) -> Result<bool> {
        match self.running.lock().expect("no holder panics").get_mut(&number) {
            None => Ok(false),
            Some(child) => Ok(child.kill().map(|()| true)?),
        }
    }

    /// Stops one where it stands, or lets it go on; false when it is gone already.
    pub fn suspend(&self, number: u64, suspended: bool) -> Result<bool> {
        match self.running.lock().expect("no holder panics").get_mut(&number) {
            None => Ok(false),
            Some(child) => suspend(child, suspended).map(|()| true),
        }
    }
}

impl Drop for Senders {
    fn drop(&mut self) {
        let mut running = self.running.lock().expect("no holder panics");
        for child in running.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn command(site: &Site, facility: &str, kind: Kind, files: &[PathBuf]) -> Result<Command> {
    let edge = site.dir.join("edge").join(facility);
    let token = edge.join("token");
    let log = File::options().create(true).append(true).open(log(site))?;
    let mut command = Command::new(&site.program);
    command
        .args(["--config", path(&site.config)?])
        .args(["--set", &format!("edge.dir={}", edge.display())])
        .args(["--set", &format!("edge.token-file={}", token.display())])
        .args(["--set", &format!("edge.gateway-url=http://{}", site.gateway)])
        .args(["adapter", kind.format(), "--json", "--facility", facility])
        .args(files)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok(command)
}

fn log(site: &Site) -> PathBuf {
    Path::new(&site.dir).join("logs/adapter.log")
}
