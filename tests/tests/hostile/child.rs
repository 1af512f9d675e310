//! The `saphan` program as a child: what it says while it runs, and how it ends, with its time and the
//! most memory it held.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use saphan_demo::platform::sibling;

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
    /// How long it took.
    pub took: Duration,
    /// Most memory held, in MiB.
    pub peak_mib: u64,
}

/// A program that runs; killed when it is let go of.
pub struct Started {
    child: Child,
    begun: Instant,
    output: Pipe,
    errors: Pipe,
}

/// `saphan` with arguments, without the settings of whoever runs the tests.
pub fn saphan(arguments: &[&str]) -> Command {
    let mut command = Command::new(sibling("saphan").expect("`cargo build --bins` made it"));
    for (name, _) in std::env::vars_os().filter(|it| it.0.to_string_lossy().starts_with("SAPHAN_"))
    {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Starts a command.
pub fn start(command: &mut Command) -> Started {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let output = Pipe::drain(child.stdout.take().expect("piped"));
    let errors = Pipe::drain(child.stderr.take().expect("piped"));
    Started { child, begun: Instant::now(), output, errors }
}

/// Runs a command to its end, or kills it after `patience` and fails.
#[track_caller]
pub fn run(command: &mut Command, patience: Duration) -> Ended {
    start(command).wait(patience)
}

impl Started {
    /// What it wrote to standard error so far.
    pub fn errors(&self) -> String {
        self.errors.text()
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a process id fits")
    }

    /// Waits for its end, or kills it after `patience` and fails.
    #[track_caller]
    pub fn wait(mut self, patience: Duration) -> Ended {
        let (mut peak_mib, deadline) = (0, Instant::now() + patience);
        let status = loop {
            peak_mib = peak_mib.max(high_water_mib(&self.child));
            if let Some(status) = self.child.try_wait().expect("our child") {
                break status;
            }
            assert!(Instant::now() < deadline, "runs on after {patience:?}: {}", self.errors());
            std::thread::sleep(Duration::from_millis(5));
        };
        let took = self.begun.elapsed();
        let (output, errors) = (self.output.end(), self.errors.end());
        Ended { status: status.code(), output, errors, took, peak_mib }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a child writes, read as it comes so that it never waits for us.
struct Pipe {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Pipe {
    fn drain(mut from: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let into = bytes.clone();
        let reader = std::thread::spawn(move || {
            let mut chunk = [0; 8192];
            while let Ok(n @ 1..) = from.read(&mut chunk) {
                into.lock().unwrap_or_else(PoisonError::into_inner).extend(&chunk[..n]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// All of it, after the child has ended.
    fn end(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("a reader does not panic");
        }
        self.text()
    }
}

/// The most memory a process has held so far, as Linux counts it; 0 once it has ended.
fn high_water_mib(child: &Child) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kib = line.and_then(|it| it.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
