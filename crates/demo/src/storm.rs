//! A storm over a running platform: processes are killed as by a power cut, stopped for a while as on a
//! machine that swaps, and workers are taken away and brought back, at random moments from a seed.

mod blow;

use std::fmt;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use saphan_devstack::{Part, Stack};
use saphan_kafka::{Admin, KafkaConfig};

use self::blow::{Blow, Victim};
use crate::interrupt;
use crate::platform::{Platform, Site};
use crate::senders::Senders;

const TICK: Duration = Duration::from_millis(50);
/// How long the storm waits at its end for brokers to be in step again.
const IN_STEP: Duration = Duration::from_secs(120);

/// How hard it blows.
#[derive(Clone, Debug)]
pub struct Force {
    /// Repeats the choice of victims, blows and pauses.
    pub seed: u64,
    /// It ends by itself after so many kills; none: when it is told to.
    pub kills: Option<u32>,
    /// Average time between two blows.
    pub interval: Duration,
    /// Some pauses outlast transactions, sessions and requests.
    pub long: bool,
}

/// What it can hit.
#[derive(Clone)]
pub struct Targets {
    /// The roles.
    pub platform: Arc<Mutex<Platform>>,
    /// Brokers, registry, ClickHouse.
    pub stack: Arc<Stack>,
    /// The facilities' adapters.
    pub senders: Arc<Senders>,
}

/// What it did.
#[derive(Clone, Debug, Default)]
pub struct Struck {
    /// Processes ended by SIGKILL.
    pub kills: u32,
    /// Processes stopped for a while.
    pub pauses: u32,
    /// Workers taken away for a while: each makes its group share the work anew, twice.
    pub away: u32,
    /// Every blow, in order.
    pub blows: Vec<String>,
}

impl fmt::Display for Struck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, pauses, away, .. } = self;
        write!(f, "{kills} kills, {pauses} pauses, {away} workers taken away")
    }
}

/// A running storm.
pub struct Storm {
    stop: Arc<AtomicBool>,
    rest: Arc<Mutex<Option<Instant>>>,
    kills: Arc<AtomicU32>,
    thread: Option<JoinHandle<Result<Struck>>>,
}

impl Storm {
    /// Begins.
    pub fn start(targets: Targets, force: Force) -> Self {
        let (stop, kills) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let rest = Arc::new(Mutex::new(None));
        let mut blowing = Blowing::new(targets, force, kills.clone(), rest.clone());
        let flag = stop.clone();
        let thread = std::thread::spawn(move || {
            let blown = blowing.blow(&flag);
            let cured = blowing.cure_all();
            blown.and(cured).map(|()| blowing.struck)
        });
        Self { stop, rest, kills, thread: Some(thread) }
    }

    /// No new blow after this instant, until told otherwise: the platform must be able to become quiet.
    pub fn rest_from(&self, instant: Option<Instant>) {
        *self.rest.lock().expect("no holder panics") = instant;
    }

    /// Kills so far.
    pub fn kills(&self) -> u32 {
        self.kills.load(Ordering::Relaxed)
    }

    /// Has it ended by itself?
    pub fn over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Tells it to end now; everything it hit runs again when this returns.
    pub fn calm(self) -> Result<Struck> {
        self.stop.store(true, Ordering::Relaxed);
        self.finish()
    }

    /// Waits for its last kill.
    pub fn finish(mut self) -> Result<Struck> {
        let thread = self.thread.take().expect("finished once");
        thread.join().expect("the storm does not panic")
    }
}

/// A storm whose feed failed ends with it.
impl Drop for Storm {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Something that was hit and must run again at a moment.
struct Hurt {
    until: Instant,
    victim: Victim,
    blow: Blow,
}

struct Blowing {
    targets: Targets,
    force: Force,
    random: ChaCha8Rng,
    site: Site,
    started: Instant,
    bag: Vec<Victim>,
    hurt: Vec<Hurt>,
    struck: Struck,
    kills: Arc<AtomicU32>,
    rest: Arc<Mutex<Option<Instant>>>,
}

impl Blowing {
    fn new(
        targets: Targets,
        force: Force,
        kills: Arc<AtomicU32>,
        rest: Arc<Mutex<Option<Instant>>>,
    ) -> Self {
        let site = targets.platform.lock().expect("no holder panics").site.clone();
        let random = ChaCha8Rng::seed_from_u64(force.seed);
        Self {
            targets,
            force,
            random,
            site,
            started: Instant::now(),
            bag: Vec::new(),
            hurt: Vec::new(),
            struck: Struck::default(),
            kills,
            rest,
        }
    }

    fn blow(&mut self, stop: &AtomicBool) -> Result<()> {
        let mut next = self.next_blow();
        while !stop.load(Ordering::Relaxed) {
            interrupt::check()?;
            std::thread::sleep(TICK);
            self.cure_due()?;
            if self.force.kills.is_some_and(|most| self.struck.kills >= most) {
                return Ok(());
            }
            let now = Instant::now();
            let rests = self.rest.lock().expect("no holder panics").is_some_and(|it| it <= now);
            if rests || now < next {
                continue;
            }
            self.targets.platform.lock().expect("no holder panics").tend()?;
            if let Some(victim) = self.choose() {
                self.strike(victim)?;
                next = self.next_blow();
            }
        }
        Ok(())
    }

    fn next_blow(&mut self) -> Instant {
        Instant::now() + self.force.interval.mul_f64(self.random.random_range(0.3..1.7))
    }

    /// The next victim: everything is hit once, in random order, before anything is hit again. What may not
    /// be hit now stays in the bag.
    fn choose(&mut self) -> Option<Victim> {
        if self.bag.is_empty() {
            self.bag = blow::everything(&self.targets, self.brokers());
        }
        let mut order: Vec<usize> = (0..self.bag.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, self.random.random_range(0..=last));
        }
        let at = order.into_iter().find(|at| self.may_hit(&self.bag[*at]))?;
        Some(self.bag.swap_remove(at))
    }

    fn brokers(&self) -> usize {
        self.site.parts.kafka_bootstrap.split(',').count()
    }

    /// Never the same twice at a time, never a second broker while the copies are not in step.
    fn may_hit(&self, victim: &Victim) -> bool {
        if self.hurt.iter().any(|it| it.victim == *victim) {
            return false;
        }
        match victim {
            Victim::Part(Part::Broker(_)) => {
                let down =
                    self.hurt.iter().any(|it| matches!(it.victim, Victim::Part(Part::Broker(_))));
                !down && self.in_step()
            }
            _ => true,
        }
    }

    fn in_step(&self) -> bool {
        let kafka = KafkaConfig::plaintext(self.site.parts.kafka_bootstrap.clone());
        Admin::new(&kafka).and_then(|it| it.behind()).is_ok_and(|it| it == 0)
    }

    fn strike(&mut self, victim: Victim) -> Result<()> {
        let several = self.brokers() > 1;
        let blow = Blow::of(&victim, several, self.force.long, &mut self.random);
        let Some(victim) = victim.hit(blow, &self.targets, &mut self.random)? else {
            return Ok(()); // nobody there to hit
        };
        match blow {
            Blow::Kill(_) => self.struck.kills += 1,
            Blow::Pause(_) => self.struck.pauses += 1,
            Blow::Away(_) => self.struck.away += 1,
        }
        self.kills.store(self.struck.kills, Ordering::Relaxed);
        let told = format!("{blow} {victim}");
        self.note(&told)?;
        self.struck.blows.push(told);
        if let Some(time) = blow.lasts(&victim) {
            self.hurt.push(Hurt { until: Instant::now() + time, victim, blow });
        }
        Ok(())
    }

    fn cure_due(&mut self) -> Result<()> {
        let now = Instant::now();
        while let Some(at) = self.hurt.iter().position(|it| it.until <= now) {
            self.cure(at)?;
        }
        Ok(())
    }

    fn cure(&mut self, at: usize) -> Result<()> {
        let it = self.hurt.swap_remove(at);
        it.victim.cure(it.blow, &self.targets)?;
        self.note(&format!("{} is back", it.victim))
    }

    /// Everything runs again, and every copy is in step.
    fn cure_all(&mut self) -> Result<()> {
        let mut trouble = Ok(());
        while !self.hurt.is_empty() {
            trouble = trouble.and(self.cure(0));
        }
        let deadline = Instant::now() + IN_STEP;
        while trouble.is_ok() && self.brokers() > 1 && !self.in_step() {
            anyhow::ensure!(
                Instant::now() < deadline,
                "copies out of step {IN_STEP:?} after the storm"
            );
            std::thread::sleep(Duration::from_millis(500));
        }
        trouble
    }

    fn note(&self, text: &str) -> Result<()> {
        let file = self.site.dir.join("logs/storm.log");
        let mut file = std::fs::File::options().create(true).append(true).open(file)?;
        let since = self.started.elapsed().as_secs_f64();
        let clock = std::time::UNIX_EPOCH.elapsed()?.as_secs();
        Ok(writeln!(file, "{clock} {since:>8.1}s {text}")?)
    }
}
