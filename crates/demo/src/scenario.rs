//! One run from nothing to figures: parts, topology, province, feed, quiet, comparison.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use saphan_devstack::{Stack, StackOptions};
use saphan_synth::Options;

use crate::chaos::Chaos;
use crate::feed::{self, Order};
use crate::platform::{Platform, Site, Spread};
use crate::settle::{self, Figures};
use crate::terminal::{say, tell};
use crate::{board, check, interrupt};

/// What to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Folder of the run; emptied first.
    pub dir: PathBuf,
    /// Size and seed of the province.
    pub province: Options,
    /// Order of the files.
    pub order: Order,
    /// How roles are spread over processes.
    pub spread: Spread,
    /// Kills during the feed.
    pub kills: u32,
    /// Average time between kills.
    pub kill_interval: Duration,
    /// Facilities that send at the same time.
    pub lanes: usize,
}

/// A run whose feed is through.
pub struct Fed {
    /// The platform, still running.
    pub platform: Arc<Mutex<Platform>>,
    /// The real parts.
    pub stack: Arc<Stack>,
    /// Where the province lies.
    pub feed: PathBuf,
    /// The last figures.
    pub figures: Figures,
    /// Submissions per second from the first file to quiet.
    pub rate: f64,
    /// What was killed, in order.
    pub killed: Vec<String>,
}

impl Scenario {
    /// Runs until everything fed has come out.
    pub fn feed(&self) -> Result<Fed> {
        let started = Instant::now();
        let step =
            |text: &str| tell(&format_args!("[{:>4.0}s] {text}", started.elapsed().as_secs_f64()));
        if self.dir.exists() {
            std::fs::remove_dir_all(&self.dir)
                .with_context(|| format!("empty {}", self.dir.display()))?;
        }
        std::fs::create_dir_all(&self.dir)?;
        let dir = self.dir.canonicalize()?;
        let feed_dir = dir.join("feed");
        step(&format!(
            "making a synthetic province: {} facilities, {} people, {} visits",
            self.province.facilities, self.province.people, self.province.visits
        ));
        let province = Options { out: feed_dir.clone(), ..self.province.clone() };
        let made =
            std::thread::spawn(move || saphan_synth::generate(&province, &mut |_| {}).map(drop));
        step("starting Kafka, the schema registry and ClickHouse");
        let options =
            StackOptions { dir: Some(dir.join("stack")), private: true, ..StackOptions::default() };
        let stack = Arc::new(Stack::start(options)?);
        made.join().expect("the generator does not panic")?;
        interrupt::check()?;
        step("applying the topology: topics, schemas, contracts");
        let site = Site::prepare(&dir, &feed_dir, stack.addresses(), "")?;
        site.saphan(&["topology", "apply"])?;
        step("starting the roles");
        let pages = site.regions_page();
        let platform = Arc::new(Mutex::new(Platform::start(site, self.spread, self.kills > 0)?));
        step(&format!("pages, filling as data comes in: {pages}"));
        let chaos = (self.kills > 0).then(|| {
            Chaos::start(
                platform.clone(),
                stack.clone(),
                self.province.seed,
                self.kills,
                self.kill_interval,
            )
        });
        let fed = Instant::now();
        let fed_figures = self.run_phases(&platform, &feed_dir, &step)?;
        let rate = fed_figures.received as f64 / fed.elapsed().as_secs_f64();
        let killed = chaos.map(Chaos::finish).transpose()?.unwrap_or_default();
        let figures = settle_shared(&platform, &step)?;
        Ok(Fed { platform, stack, feed: feed_dir, figures, rate, killed })
    }

    fn run_phases(
        &self,
        platform: &Arc<Mutex<Platform>>,
        feed_dir: &Path,
        step: &dyn Fn(&str),
    ) -> Result<Figures> {
        let site = platform.lock().expect("no holder panics").site.clone();
        let mut figures = Figures::default();
        for (number, loads) in feed::plan(feed_dir, self.order)?.into_iter().enumerate() {
            interrupt::check()?;
            step(&format!("phase {} of 4: {} facilities send", number + 1, loads.len()));
            feed::send(&site, loads, self.lanes)?;
            figures = settle_shared(platform, step)?;
        }
        Ok(figures)
    }
}

fn settle_shared(platform: &Arc<Mutex<Platform>>, step: &dyn Fn(&str)) -> Result<Figures> {
    let mut last: Option<(Instant, i64)> = None;
    settle::settle(platform, Duration::from_secs(300), |it| {
        let rate = last.map_or(0.0, |(at, ended)| {
            (it.ended - ended) as f64 / at.elapsed().as_secs_f64().max(0.001)
        });
        last = Some((Instant::now(), it.ended));
        step(&format!(
            "received {}, ended {}, decided {} ({rate:.0} events/s)",
            it.received, it.ended, it.decided
        ));
    })
}

impl Fed {
    /// Prints the tables; true when every figure equals the ground truth and the replay
    /// of the log finds nothing.
    pub fn compare(&self, order: Order) -> Result<bool> {
        let platform = self.platform.lock().expect("no holder panics");
        let (site, metrics) = (platform.site.clone(), platform.metrics()?);
        drop(platform);
        let conserved = board::conservation(&self.figures, &site)?;
        let mut findings = check::all(&site, &self.feed, order)?;
        findings.push(check::canaries::search(&site, &self.feed, &metrics)?);
        let equal = board::findings(&findings);
        let (proved, report) = site.verify()?;
        say(&format_args!("\n{}", report.trim_end()));
        if !self.killed.is_empty() {
            say(&format_args!("\nkilled {} times: {}", self.killed.len(), self.killed.join(", ")));
        }
        Ok(conserved && equal && proved)
    }

    /// Stops the platform, then the parts.
    pub fn stop(self) -> Result<()> {
        self.stop_roles().map(drop)
    }

    /// Stops the platform; the parts stay up as long as they are held.
    pub fn stop_roles(self) -> Result<(Site, Arc<Stack>)> {
        let Self { platform, stack, .. } = self;
        let platform = Arc::into_inner(platform).context("nobody else holds the platform")?;
        let platform = platform.into_inner().expect("no holder panics");
        let site = platform.site.clone();
        platform.stop()?;
        Ok((site, stack))
    }
}
