//! Processes of the operating system: start one detached, know it again later, end it.
//!
//! A process id alone is not an identity: ids are used again. A process is known by its id, the instant it
//! started and the boot it belongs to, and each one carries a mark in its environment that names its stack,
//! so that one whose launcher died before writing its id down is still found. Linux only (`/proc`).

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::os::unix::process::CommandExt;

use crate::error::DevstackError;

/// Environment variable every started process carries: `<state folder>::<process name>`.
pub const MARK_VARIABLE: &str = "SAPHAN_DEV_MARK";

const POLL: Duration = Duration::from_millis(50);

/// A process as it can be known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Process id.
    pub pid: i32,
    /// Clock ticks from boot to its start (field 22 of `/proc/<pid>/stat`).
    pub started_ticks: u64,
    /// The boot the ticks count from.
    pub boot: String,
}

impl Identity {
    /// The identity of a process that runs now.
    fn of(pid: i32) -> Option<Self> {
        let stat = stat(pid).filter(|it| !it.ended)?;
        Some(Self { pid, started_ticks: stat.started_ticks, boot: boot()? })
    }

    /// Whether that very process still runs. Reaps it if it is our own child and has ended.
    pub fn runs(&self) -> bool {
        if boot().as_deref() != Some(self.boot.as_str()) {
            return false;
        }
        match stat(self.pid).filter(|it| it.started_ticks == self.started_ticks) {
            None => false,
            Some(it) if it.ended => {
                let _not_our_child = waitpid(Pid::from_raw(self.pid), Some(WaitPidFlag::WNOHANG));
                false
            }
            Some(_) => true,
        }
    }

    /// Sends `signal` if, and only if, that very process still runs.
    fn signal(&self, signal: Signal) {
        if self.runs() {
            match kill(Pid::from_raw(self.pid), signal) {
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(_not_ours) => {} // seen by the caller: the process goes on running
            }
        }
    }

    /// Ends the process at once, as a crash would, and waits until it is gone.
    pub fn kill(&self, part: &str) -> Result<(), DevstackError> {
        self.signal(Signal::SIGKILL);
        if self.gone_within(Duration::from_secs(10)) {
            return Ok(());
        }
        Err(DevstackError::NotStopped { part: part.to_owned(), pid: self.pid })
    }

    /// Stops the process where it stands, as a machine that swaps or sleeps would; or lets it go on.
    pub fn suspend(&self, suspended: bool) {
        self.signal(if suspended { Signal::SIGSTOP } else { Signal::SIGCONT });
    }

    /// Asks the process to end, waits up to `patience`, then kills it.
    pub fn stop(&self, part: &str, patience: Duration) -> Result<(), DevstackError> {
        self.signal(Signal::SIGTERM);
        if self.gone_within(patience) { Ok(()) } else { self.kill(part) }
    }

    fn gone_within(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while self.runs() {
            if Instant::now() >= until {
                return false;
            }
            thread::sleep(POLL);
        }
        true
    }
}

/// A log longer than this is put aside before its process starts again.
const LOG_BYTES_MAX: u64 = 16 << 20;

/// Starts `command` detached: own process group, no input, output appended to `log`, marked with `mark`.
pub(crate) fn start(
    mut command: Command,
    log: &Path,
    mark: &str,
) -> Result<Identity, DevstackError> {
    if log.metadata().is_ok_and(|it| it.len() > LOG_BYTES_MAX) {
        fs::rename(log, log.with_extension("log.old"))
            .map_err(DevstackError::folder("rename", log))?;
    }
    let output = File::options()
        .create(true)
        .append(true)
        .open(log)
        .map_err(DevstackError::folder("open", log))?;
    let errors = output.try_clone().map_err(DevstackError::folder("open", log))?;
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command
        .env(MARK_VARIABLE, mark)
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .map_err(DevstackError::folder("run", Path::new(&program)))?;
    let pid = i32::try_from(child.id()).expect("Linux process ids fit 22 bits");
    let ended = || DevstackError::NotStarted {
        part: mark.rsplit("::").next().unwrap_or(mark).to_owned(),
        detail: "it ended at once".to_owned(),
        log: log.to_owned(),
        tail: String::new(),
    };
    Identity::of(pid).ok_or_else(ended)
}

/// The mark of process `name` of the stack in `root`.
pub(crate) fn mark(root: &Path, name: &str) -> String {
    format!("{}::{name}", root.display())
}

/// Every running process marked with a name of the stack in `root`: (process name, identity).
pub(crate) fn marked(root: &Path) -> Vec<(String, Identity)> {
    let prefix = format!("{MARK_VARIABLE}={}::", root.display());
    pids()
        .filter_map(|pid| {
            let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
            let name = environment
                .split(|byte| *byte == 0)
                .find_map(|it| it.strip_prefix(prefix.as_bytes()))?;
            Some((String::from_utf8_lossy(name).into_owned(), Identity::of(pid)?))
        })
        .collect()
}

/// The mark of process `pid`, if it belongs to any stack: (state folder, process name).
pub(crate) fn mark_of(pid: i32) -> Option<(String, String)> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let prefix = format!("{MARK_VARIABLE}=");
    let mark =
        environment.split(|byte| *byte == 0).find_map(|it| it.strip_prefix(prefix.as_bytes()))?;
    let mark = String::from_utf8_lossy(mark).into_owned();
    mark.rsplit_once("::").map(|(root, name)| (root.to_owned(), name.to_owned()))
}

/// Ids of all processes that can be seen.
pub(crate) fn pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|it| it.file_name().to_str()?.parse().ok())
}

/// Short name of a process, as the kernel has it.
pub(crate) fn name_of(pid: i32) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/comm")).ok().map(|it| it.trim().to_owned())
}

fn boot() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// What the kernel tells of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    started_ticks: u64,
    /// All its threads have ended, so its files and sockets are closed; it only waits to be reaped.
    ended: bool,
}

fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads a `/proc/<pid>/stat` line.
fn parse_stat(stat: &str) -> Option<Stat> {
    // The name is in parentheses and may itself hold spaces and parentheses.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    // A killed process of many threads is a zombie by its first thread while others still close sockets.
    let n_threads: u64 = fields.get(17)?.parse().ok()?;
    let ended = matches!(*fields.first()?, "Z" | "X") && n_threads <= 1;
    Some(Stat { started_ticks: fields.get(19)?.parse().ok()?, ended })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_stat(head: &str, n_threads: u32, expected: Option<bool>) {
        let stat = format!("{head} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 {n_threads} 18 4711 20");
        let expected = expected.map(|ended| Stat { started_ticks: 4711, ended });
        assert_eq!(parse_stat(&stat), expected, "{stat}");
    }

    #[test]
    fn a_process_is_read_past_any_name() {
        check_stat("42 (java) S", 30, Some(false));
        check_stat("42 (a) b (c) S", 1, Some(false));
        check_stat("42", 1, None);
    }

    #[test]
    fn a_process_has_ended_when_its_last_thread_has() {
        check_stat("42 (java) Z", 30, Some(false));
        check_stat("42 (java) Z", 1, Some(true));
    }

    #[test]
    fn a_process_is_not_another_with_its_id() {
        let us = Identity::of(std::process::id() as i32).unwrap();
        assert!(us.runs());
        assert!(!Identity { started_ticks: us.started_ticks + 1, ..us.clone() }.runs());
        assert!(!Identity { boot: "another".to_owned(), ..us }.runs());
    }

    #[test]
    fn an_impostor_is_not_killed() {
        let dir = tempfile::tempdir().unwrap();
        let mut sleep = Command::new("sleep");
        sleep.arg("60");
        let real = start(sleep, &dir.path().join("log"), "/nowhere::sleep").unwrap();
        let impostor = Identity { started_ticks: real.started_ticks + 1, ..real.clone() };
        impostor.kill("sleep").unwrap();
        assert!(real.runs());
        real.kill("sleep").unwrap();
        assert!(!real.runs());
    }

    #[test]
    fn a_marked_process_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let mut sleep = Command::new("sleep");
        sleep.arg("60");
        let mark = format!("{}::kafka-1", dir.path().display());
        let it = start(sleep, &dir.path().join("log"), &mark).unwrap();
        // The environment is readable once the new program has replaced the copy of this one.
        let until = Instant::now() + Duration::from_secs(5);
        while marked(dir.path()).is_empty() && Instant::now() < until {
            thread::sleep(POLL);
        }
        assert_eq!(marked(dir.path()), vec![("kafka-1".to_owned(), it.clone())]);
        it.kill("sleep").unwrap();
    }
}
