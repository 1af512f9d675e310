//! Kills parts at random moments while a feed runs, and starts them again, as power cuts would.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use saphan_devstack::{Part, Stack};

use crate::interrupt;
use crate::platform::Platform;

/// What a kill hit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Victim {
    Role(usize, String),
    Part(Part, &'static str),
}

/// A running storm; ends by itself when its kills are used up.
pub struct Chaos {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Vec<String>>>>,
}

impl Chaos {
    /// Starts killing: one process about every `interval`, `kills` in all. The seed repeats the choice of
    /// victims and pauses.
    pub fn start(
        platform: Arc<Mutex<Platform>>,
        stack: Arc<Stack>,
        seed: u64,
        kills: u32,
        interval: Duration,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let (mut log, mut bag) = (Vec::new(), Vec::new());
            while log.len() < kills as usize && !flag.load(Ordering::Relaxed) {
                interrupt::check()?;
                let jitter = random.random_range(0.3..1.7);
                std::thread::sleep(interval.mul_f64(jitter));
                platform.lock().expect("no holder panics").tend()?;
                let victim = choose(&mut bag, &platform, &mut random);
                log.push(strike(&platform, &stack, &victim)?);
            }
            Ok(log)
        });
        Self { stop, thread: Some(thread) }
    }

    /// Waits for the last kill; tells what was killed.
    pub fn finish(mut self) -> Result<Vec<String>> {
        let thread = self.thread.take().expect("finished once");
        thread.join().expect("the storm does not panic")
    }
}

/// A storm whose feed failed ends with it.
impl Drop for Chaos {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The next victim: everything is hit once, in random order, before anything is hit again.
fn choose(bag: &mut Vec<Victim>, platform: &Mutex<Platform>, random: &mut ChaCha8Rng) -> Victim {
    if bag.is_empty() {
        let platform = platform.lock().expect("no holder panics");
        let roles = platform.roles.iter().enumerate().filter(|(_, it)| it.name() != "serve");
        bag.extend(roles.map(|(index, it)| Victim::Role(index, it.name().to_owned())));
        bag.extend([
            Victim::Part(Part::Kafka, "kafka"),
            Victim::Part(Part::ClickHouse, "clickhouse"),
            Victim::Part(Part::Registry, "registry"),
        ]);
    }
    bag.swap_remove(random.random_range(0..bag.len()))
}

fn strike(platform: &Mutex<Platform>, stack: &Stack, victim: &Victim) -> Result<String> {
    match victim {
        Victim::Role(index, name) => {
            let mut platform = platform.lock().expect("no holder panics");
            platform.roles[*index].kill_and_restart()?;
            Ok(name.clone())
        }
        Victim::Part(part, name) => {
            stack.kill(*part)?;
            std::thread::sleep(Duration::from_millis(300));
            stack.restart(*part)?;
            Ok((*name).to_owned())
        }
    }
}
