//! One run from nothing to figures: parts, topology, province, feed, quiet, comparison.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use saphan_devstack::{Stack, StackOptions};
use saphan_synth::{Options, SynthError};

use crate::feed::{self, Order};
use crate::platform::{Platform, Site, Spread};
use crate::senders::Senders;
use crate::settle::{self, Figures};
use crate::storm::{Force, Storm, Struck, Targets};
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
    /// Kills during the feed; pauses come on top.
    pub kills: u32,
    /// Average time between blows.
    pub kill_interval: Duration,
    /// Brokers, 1 or 3.
    pub brokers: usize,
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
    /// What a storm did meanwhile.
    pub struck: Struck,
}

/// Real parts and roles, running, with nothing fed yet.
pub struct Stage {
    /// The roles.
    pub platform: Arc<Mutex<Platform>>,
    /// The real parts.
    pub stack: Arc<Stack>,
    /// The adapters of the facilities.
    pub senders: Arc<Senders>,
    /// Where the province lies.
    pub feed: PathBuf,
}

impl Scenario {
    /// Runs until everything fed has come out.
    pub fn feed(&self) -> Result<Fed> {
        let step = steps();
        let stage = self
            .stage(&step, |province| saphan_synth::generate(province, &mut |_| {}).map(drop))?
            .0;
        let storm = (self.kills > 0).then(|| Storm::start(stage.targets(), self.force()));
        let fed = Instant::now();
        let fed_figures = self.run_phases(&stage, &step)?;
        let rate = fed_figures.received as f64 / fed.elapsed().as_secs_f64();
        let struck = storm.map(Storm::finish).transpose()?.unwrap_or_default();
        let figures = settle_shared(&stage.platform, &step)?;
        let Stage { platform, stack, feed, .. } = stage;
        Ok(Fed { platform, stack, feed, figures, rate, struck })
    }

    fn force(&self) -> Force {
        let kills = Some(self.kills);
        Force { seed: self.province.seed, kills, interval: self.kill_interval, long: false }
    }

    /// Starts everything, with a province that `make` makes meanwhile.
    pub fn stage<T: Send + 'static>(
        &self,
        step: &dyn Fn(&str),
        make: impl FnOnce(&Options) -> Result<T, SynthError> + Send + 'static,
    ) -> Result<(Stage, T)> {
        if self.dir.exists() {
            std::fs::remove_dir_all(&self.dir)
                .with_context(|| format!("empty {}", self.dir.display()))?;
        }
        std::fs::create_dir_all(&self.dir)?;
        let dir = self.dir.canonicalize()?;
        let feed = dir.join("feed");
        step(&format!(
            "making a synthetic province: {} facilities, {} people, {} visits",
            self.province.facilities, self.province.people, self.province.visits
        ));
        let province = Options { out: feed.clone(), ..self.province.clone() };
        let made = std::thread::spawn(move || make(&province));
        step("starting Kafka, the schema registry and ClickHouse");
        let options = StackOptions {
            dir: Some(dir.join("stack")),
            brokers: Some(self.brokers),
            private: true,
            ..StackOptions::default()
        };
        let stack = Arc::new(Stack::start(options)?);
        let made = made.join().expect("the generator does not panic")?;
        interrupt::check()?;
        step("applying the topology: topics, schemas, contracts");
        let site = Site::prepare(&dir, &feed, stack.addresses(), "")?;
        site.saphan(&["topology", "apply"])?;
        step("starting the roles");
        let pages = site.regions_page();
        let supervised = matches!(self.spread, Spread::Apart { .. });
        let platform = Arc::new(Mutex::new(Platform::start(site, self.spread, supervised)?));
        step(&format!("pages, filling as data comes in: {pages}"));
        Ok((Stage { platform, stack, senders: Arc::new(Senders::default()), feed }, made))
    }

    fn run_phases(&self, stage: &Stage, step: &dyn Fn(&str)) -> Result<Figures> {
        let site = stage.site();
        let mut figures = Figures::default();
        for (number, loads) in feed::plan(&stage.feed, self.order)?.into_iter().enumerate() {
            interrupt::check()?;
            step(&format!("phase {} of 4: {} facilities send", number + 1, loads.len()));
            feed::send(&site, &stage.senders, loads, self.lanes, self.kills > 0)?;
            figures = settle_shared(&stage.platform, step)?;
        }
        Ok(figures)
    }
}

impl Stage {
    /// Where things are.
    pub fn site(&self) -> Site {
        self.platform.lock().expect("no holder panics").site.clone()
    }

    /// What a storm can hit.
    pub fn targets(&self) -> Targets {
        let Self { platform, stack, senders, .. } = self;
        Targets { platform: platform.clone(), stack: stack.clone(), senders: senders.clone() }
    }
}

/// Tells progress, with the seconds since now.
pub fn steps() -> impl Fn(&str) {
    let started = Instant::now();
    move |text: &str| tell(&format_args!("[{:>4.0}s] {text}", started.elapsed().as_secs_f64()))
}

/// Waits until nothing is in flight, and tells progress.
pub fn settle_shared(platform: &Arc<Mutex<Platform>>, step: &dyn Fn(&str)) -> Result<Figures> {
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
        let truth = self.feed.join("truth").join(order.name());
        let told_once = self.struck.kills == 0;
        let mut findings =
            check::all(&site, &truth, check::Strict { unchanged: told_once, decisions: true })?;
        findings.push(check::canaries::search(&site, &self.feed, &metrics)?);
        let equal = board::findings(&findings);
        let (proved, report) = site.verify()?;
        say(&format_args!("\n{}", report.trim_end()));
        if self.struck.kills > 0 {
            say(&format_args!("\n{}: {}", self.struck, self.struck.blows.join(", ")));
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
