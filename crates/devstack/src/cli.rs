//! The command line: arguments, and what is printed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the program's voice")]

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use saphan_devstack::server::{ServerOptions, serve};
use saphan_devstack::{Addresses, Dev, Part, PartState, Status, UpOptions, program, tail};

/// Runs Apache Kafka, a schema registry and ClickHouse on this machine, for development and tests.
#[derive(Parser)]
#[command(name = "saphan-dev", version)]
pub struct Arguments {
    /// Folder of the stack's state, data and logs.
    #[arg(long, global = true, default_value = ".dev")]
    dir: PathBuf,
    /// Folder of downloads [default: .dev/cache of the repository].
    #[arg(long, global = true)]
    cache: Option<PathBuf>,
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Start what does not run, and wait until it answers. The first time this downloads about 330 MB.
    Up(UpArguments),
    /// Stop everything; data stays.
    Down,
    /// Tell what runs where. Exit code 1 unless everything answers.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the end of the logs.
    Logs {
        /// Only this part.
        part: Option<Part>,
        /// Number of lines.
        #[arg(short = 'n', long, default_value_t = 40)]
        lines: usize,
        /// Go on printing what is added.
        #[arg(short, long)]
        follow: bool,
    },
    /// Stop everything and delete its data; downloads stay.
    Reset,
    /// Only download the parts.
    Fetch,
    /// Kill a part as a crash would: kafka, kafka-1, registry, clickhouse.
    Kill {
        /// The part.
        part: Part,
    },
    /// Start a killed part again.
    Start {
        /// The part.
        part: Part,
    },
    /// Serve the embedded ClickHouse over HTTP, in the foreground (`up` does this by itself).
    ClickhouseServer(ServerArguments),
    /// Take the stack down when standard input closes.
    #[command(hide = true)]
    Reap {
        /// Then remove its folder.
        #[arg(long)]
        remove: bool,
    },
}

#[derive(Args)]
struct UpArguments {
    /// Only these parts: kafka, registry, clickhouse [default: all].
    parts: Vec<Part>,
    /// Port for Kafka clients [default: 9092].
    #[arg(long)]
    kafka_port: Option<u16>,
    /// Port of the registry [default: 8081].
    #[arg(long)]
    registry_port: Option<u16>,
    /// Port of ClickHouse's HTTP interface [default: 8123].
    #[arg(long)]
    clickhouse_port: Option<u16>,
    /// Take free ports for whatever is not named.
    #[arg(long)]
    free_ports: bool,
    /// Number of brokers: 1, or 3 (three copies, two must acknowledge) [default: 1].
    #[arg(long)]
    brokers: Option<usize>,
}

#[derive(Args)]
struct ServerArguments {
    /// Port on loopback.
    #[arg(long)]
    port: u16,
    /// Data folder.
    #[arg(long)]
    data: PathBuf,
    /// The engine's library [default: the pinned one, downloaded when absent].
    #[arg(long)]
    library: Option<PathBuf>,
}

/// Does what the arguments say.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if let Action::ClickhouseServer(server) = arguments.command {
        return serve_clickhouse(&arguments.dir, arguments.cache.as_deref(), server);
    }
    let makes = matches!(arguments.command, Action::Up(_) | Action::Fetch | Action::Reap { .. });
    if !makes && !arguments.dir.exists() {
        anyhow::bail!(
            "SP-1908: there is no stack in {}; `saphan-dev up` starts one",
            arguments.dir.display()
        );
    }
    let program = program::find()?;
    let dev = Dev::open(&arguments.dir, arguments.cache.as_deref(), program, Box::new(say))?;
    match arguments.command {
        Action::Up(up) => {
            let addresses = dev.up(&up.into())?;
            print_addresses(&addresses, &dev.status()?);
        }
        Action::Down => dev.down().map(|()| say("stopped; data is kept"))?,
        Action::Status { json } => return print_status(&dev.status()?, json),
        Action::Logs { part, lines, follow } => print_logs(&dev, part, lines, follow)?,
        Action::Reset => dev.reset().map(|()| say("stopped; data deleted, downloads kept"))?,
        Action::Fetch => dev.fetch()?,
        Action::Kill { part } => dev.kill(part)?,
        Action::Start { part } => dev.start(part)?,
        Action::Reap { remove } => reap(&dev, remove)?,
        Action::ClickhouseServer(_) => unreachable!("handled above"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints an error and what lies behind it.
pub fn complain(error: &anyhow::Error) {
    eprintln!("saphan-dev: {error:#}");
}

impl From<UpArguments> for UpOptions {
    fn from(it: UpArguments) -> Self {
        Self {
            kafka_port: it.kafka_port,
            registry_port: it.registry_port,
            clickhouse_port: it.clickhouse_port,
            free_ports: it.free_ports,
            brokers: it.brokers,
            parts: it.parts,
        }
    }
}

fn say(line: &str) {
    // A closed pipe (`| head`) is no reason to leave a stack half started.
    let _closed = writeln!(io::stdout(), "{line}");
}

fn print_addresses(addresses: &Addresses, status: &Status) {
    let lines = [
        (Part::Kafka, &addresses.kafka_bootstrap),
        (Part::Registry, &addresses.registry_url),
        (Part::ClickHouse, &addresses.clickhouse_url),
    ];
    say("");
    for (part, address) in lines.into_iter().filter(|(part, _)| status.runs(&[*part])) {
        say(&format!("{:<11} {address}", part.to_string()));
    }
    say(&format!("addresses for programs are in {}", addresses.dir.join("env").display()));
}

fn print_status(status: &Status, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        say(&serde_json::to_string_pretty(status)?);
    } else if status.parts.is_empty() {
        say("there is no stack here; `saphan-dev up` starts one");
    } else {
        for part in &status.parts {
            let state = match part.state {
                PartState::Running => "running",
                PartState::NotAnswering => "not answering",
                PartState::Stopped => "stopped",
            };
            let port = part.port.map_or_else(String::new, |it| format!("127.0.0.1:{it}"));
            let pid = part.pid.map_or_else(String::new, |it| format!("process {it}"));
            say(&format!("{:<12} {state:<14} {port:<16} {pid}", part.name));
        }
    }
    Ok(if status.running { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_logs(dev: &Dev, part: Option<Part>, lines: usize, follow: bool) -> anyhow::Result<()> {
    let wanted = |name: &str| match part {
        None => true,
        Some(Part::Kafka) => name.starts_with("kafka-"),
        Some(one) => name == one.to_string(),
    };
    let parts = dev.status()?.parts;
    let names: Vec<&str> =
        parts.iter().map(|it| it.name.as_str()).filter(|it| wanted(it)).collect();
    anyhow::ensure!(
        !names.is_empty(),
        "SP-1908: there is no such part here; see `saphan-dev status`"
    );
    let mut ends = Vec::new();
    for name in &names {
        let log = dev.layout().log(name);
        ends.push(log.metadata().map_or(0, |it| it.len()));
        for line in tail(&log, lines).lines() {
            say(&format!("{name} | {line}"));
        }
    }
    if !follow {
        return Ok(());
    }
    loop {
        thread::sleep(Duration::from_millis(300));
        for (name, end) in names.iter().zip(&mut ends) {
            *end += print_added(&dev.layout().log(name), name, *end)?;
        }
    }
}

/// Prints what was added to `log` after `end`; returns its length.
fn print_added(log: &Path, name: &str, end: u64) -> anyhow::Result<u64> {
    let mut file = File::open(log).with_context(|| format!("open {}", log.display()))?;
    file.seek(SeekFrom::Start(end))?;
    let mut added = Vec::new();
    let n = file.read_to_end(&mut added)?;
    for line in String::from_utf8_lossy(&added).lines() {
        say(&format!("{name} | {line}"));
    }
    Ok(n as u64)
}

fn reap(dev: &Dev, remove: bool) -> anyhow::Result<()> {
    io::copy(&mut io::stdin(), &mut io::sink()).context("wait for the owner")?;
    dev.down()?;
    if remove {
        let root = dev.layout().root();
        std::fs::remove_dir_all(root).with_context(|| format!("remove {}", root.display()))?;
    }
    Ok(())
}

fn serve_clickhouse(
    dir: &Path,
    cache: Option<&Path>,
    server: ServerArguments,
) -> anyhow::Result<ExitCode> {
    // The engine takes its time zone from the environment it is born with.
    if std::env::var_os("TZ").is_none_or(|it| it != "UTC") {
        let mut again = Command::new(std::env::current_exe().context("find this program")?);
        let error = again.args(std::env::args_os().skip(1)).env("TZ", "UTC").exec();
        return Err(error).context("start again in UTC");
    }
    let library = match server.library {
        Some(library) => library,
        None => Dev::open(dir, cache, program::find()?, Box::new(say))?.clickhouse_library()?,
    };
    serve(&ServerOptions { port: server.port, data: server.data, library })?;
    Ok(ExitCode::SUCCESS)
}
