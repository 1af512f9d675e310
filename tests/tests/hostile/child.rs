//! The `saphan` program run to its end, with its answer, its time and the most memory it held.

use std::process::{Child, Command, Stdio};
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

/// Runs a command to its end, or kills it after `patience` and fails.
#[track_caller]
pub fn run(command: &mut Command, patience: Duration) -> Ended {
    let begun = Instant::now();
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let output = drain(child.stdout.take().expect("piped"));
    let errors = drain(child.stderr.take().expect("piped"));
    let mut peak_mib = 0;
    let status = loop {
        peak_mib = peak_mib.max(high_water_mib(&child));
        if let Some(status) = child.try_wait().expect("our child") {
            break status;
        }
        if begun.elapsed() > patience {
            child.kill().and_then(|()| child.wait()).expect("our child");
            panic!("still running after {patience:?}: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |it: std::thread::JoinHandle<Vec<u8>>| {
        String::from_utf8(it.join().expect("a reader does not panic")).expect("text")
    };
    Ended {
        status: status.code(),
        output: text(output),
        errors: text(errors),
        took: begun.elapsed(),
        peak_mib,
    }
}

fn drain(mut pipe: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("our pipe");
        bytes
    })
}

/// The most memory a process has held so far, as Linux counts it; 0 once it has ended.
fn high_water_mib(child: &Child) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kib = line.and_then(|it| it.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
