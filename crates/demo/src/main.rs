//! Runs the whole platform on one machine and compares it with the ground truth.
//!
//! `make demo`, `make demo-check`, the fault checks and the bench are this program with other parameters.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use saphan_synth::Options;

use saphan_demo::feed::Order;
use saphan_demo::platform::Spread;
use saphan_demo::scenario::{Fed, Scenario};
use saphan_demo::soak::Soak;
use saphan_demo::terminal::{say, tell};
use saphan_demo::{bench, interrupt};

/// The whole platform on one machine, with a synthetic province.
#[derive(Parser, Debug)]
#[command(name = "saphan-demo", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Feed the province, print the tables, stay up until Ctrl-C.
    Run(Province),
    /// Feed the province, compare every figure with the truth, stop. Fails unless all are equal.
    Check(Check),
    /// Feed without end through a platform that is being broken, then prove that nothing leaked, was lost or
    /// came twice.
    Soak(Long),
    /// Measure; writes target/bench/latest.json.
    Bench(Bench),
}

#[derive(Args, Debug, Clone)]
struct Province {
    /// Seed of the province (and of the kills).
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A few hundred people instead of 20,000.
    #[arg(long)]
    small: bool,
    /// Folder of the run.
    #[arg(long, default_value = ".demo")]
    dir: PathBuf,
}

#[derive(Args, Debug)]
struct Bench {
    #[command(flatten)]
    province: Province,
    /// Only these parts, separated by commas; all of them otherwise.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<bench::Part>,
    /// Records of the backlog that route drains, at least.
    #[arg(long)]
    records: Option<usize>,
}

#[derive(Args, Debug)]
struct Check {
    #[command(flatten)]
    province: Province,
    /// Order of the files.
    #[arg(long, value_enum, default_value_t = Order::Forward)]
    order: Order,
    /// Kill this many processes (admit, route, sinks, gateway, adapters, broker, registry, ClickHouse) during
    /// the feed, with two processes a consumer group, and stop others for a while.
    #[arg(long, default_value_t = 0)]
    kills: u32,
    /// Average milliseconds between blows.
    #[arg(long, default_value_t = 3_000)]
    kill_interval_ms: u64,
}

#[derive(Args, Debug)]
struct Long {
    #[command(flatten)]
    province: Province,
    /// Feed at least this long; the checks afterwards take some minutes more.
    #[arg(long, default_value_t = 20.0)]
    minutes: f64,
    /// Feed at least this many submissions.
    #[arg(long, default_value_t = 0)]
    events: u64,
    /// Kill at least this many processes.
    #[arg(long, default_value_t = 0)]
    kills: u32,
    /// Average milliseconds between blows: kills, pauses, workers taken away.
    #[arg(long, default_value_t = 4_000)]
    kill_interval_ms: u64,
    /// Brokers, 1 or 3; three keep three copies and are never hit two at a time.
    #[arg(long, default_value_t = 1)]
    brokers: usize,
    /// Processes of each role that is a consumer group.
    #[arg(long, default_value_t = 2)]
    workers: u32,
    /// Send no faster than this, in submissions a second.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Change consents while events are under way; decisions are then proved by the replay alone.
    #[arg(long)]
    race: bool,
}

fn main() -> ExitCode {
    let done = interrupt::listen().and_then(|()| match Cli::parse().command {
        Command::Run(province) => run(&province),
        Command::Check(options) => check(&options),
        Command::Bench(Bench { province, only, records }) => {
            let size = bench::Size { small: province.small, records };
            bench::run(&province.scenario("bench"), &only, size)
        }
        Command::Soak(options) => soak(&options),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tell(&format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

impl Province {
    fn options(&self) -> Options {
        let size = if self.small { Options::small() } else { Options::default() };
        // A corrected citizen id moves events as they are sent again, not at once: see ADR 8.
        Options { seed: self.seed, mistaken_ids: false, ..size }
    }

    fn scenario(&self, name: &str) -> Scenario {
        Scenario {
            dir: self.dir.join(name),
            province: self.options(),
            order: Order::Forward,
            spread: Spread::Together,
            kills: 0,
            kill_interval: Duration::from_secs(3),
            brokers: 1,
            lanes: 2,
        }
    }
}

fn run(province: &Province) -> Result<bool> {
    let fed = province.scenario("run").feed()?;
    let equal = fed.compare(Order::Forward)?;
    say(&format_args!("\nconservation: {}", if equal { "ok" } else { "BROKEN" }));
    invite(&fed);
    while !interrupt::requested() {
        std::thread::sleep(Duration::from_millis(200));
    }
    tell(&"stopping");
    fed.stop()?;
    Ok(equal)
}

fn invite(fed: &Fed) {
    let platform = fed.platform.lock().expect("no holder panics");
    let site = &platform.site;
    let config = site.config.display();
    say(&format_args!("\n{:.0} events/s from the first file to the last figure", fed.rate));
    let regions = site.regions_page();
    say(&format_args!("\npages     {regions}   (Thai; add &lang=en for English)"));
    say(&format_args!("          http://{}/conservation", site.pages));
    say(&format_args!("          http://{}/agencies", site.pages));
    say(&format_args!("gateway   http://{}/v1/submissions", site.gateway));
    say(&"\ntry");
    let saphan = site.program.display();
    let sample = first_citizen(&fed.feed);
    say(&format_args!("  echo {sample} | {saphan} --config {config} timeline"));
    say(&format_args!("  {saphan} --config {config} verify"));
    say(&format_args!("  {saphan} --config {config} explain agency ddc"));
    say(&format_args!("  {saphan} --config {config} quarantine list"));
    say(&format_args!("  {saphan} --config {config} topology plan"));
    say(&format_args!("  curl '{regions}&format=csv&table=visits'"));
    say(&"\nCtrl-C stops everything.");
}

/// A made-up person of the province, to ask for.
fn first_citizen(feed: &std::path::Path) -> String {
    let text =
        std::fs::read_to_string(feed.join("truth/forward/timelines.ndjson")).unwrap_or_default();
    text.lines()
        .filter_map(|it| serde_json::from_str::<serde_json::Value>(it).ok())
        .find_map(|it| it["cid"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn check(options: &Check) -> Result<bool> {
    let name = format!("check-{}", options.order.name());
    let scenario = Scenario {
        order: options.order,
        kills: options.kills,
        kill_interval: Duration::from_millis(options.kill_interval_ms),
        spread: if options.kills > 0 { Spread::Apart { workers: 2 } } else { Spread::Together },
        ..options.province.scenario(&name)
    };
    let fed = scenario.feed()?;
    let equal = fed.compare(options.order)?;
    say(&format_args!("\n{:.0} events/s from the first file to the last figure", fed.rate));
    let stopped = fed.stop();
    say(&format_args!("conservation: {}", if equal && stopped.is_ok() { "ok" } else { "BROKEN" }));
    stopped?;
    Ok(equal)
}

fn soak(options: &Long) -> Result<bool> {
    let time = Duration::from_secs_f64(options.minutes.max(0.0) * 60.0);
    let Province { seed, small, .. } = options.province;
    let province = match small {
        true => options.province.options(),
        false => Soak::province(seed, time, options.rate, options.events),
    };
    let soak = Soak {
        scenario: Scenario {
            province,
            kills: options.kills,
            kill_interval: Duration::from_millis(options.kill_interval_ms),
            brokers: options.brokers,
            lanes: 3,
            ..options.province.scenario("soak")
        },
        workers: options.workers,
        time,
        events: options.events,
        rate: options.rate,
        race: options.race,
        long: true,
    };
    soak.announce();
    Ok(soak.run()?.clean)
}
