//! What is sent: legs of events and legs of changed minds in turn, for as long as there is time; and what
//! must be true afterwards.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use saphan_synth::Province;

use crate::feed::Kind;
use crate::interrupt;
use crate::platform::Site;
use crate::senders::Senders;

/// Of nineteen events and one change of consent, the change is five per cent.
const EVENTS_PER_CHANGE: usize = 19;

/// What was sent so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// All of it, each file once however often its adapter was killed.
    pub submissions: u64,
    /// Of it, consent directives.
    pub directives: u64,
    /// Legs of consents: the first is what everybody says, the others are changed minds.
    pub waves: u32,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = 100.0 * self.directives as f64 / (self.submissions as f64).max(1.0);
        write!(f, "{} submissions ({share:.1} % consents)", self.submissions)
    }
}

/// Files to send together: each facility's in order, facilities beside each other.
pub struct Leg {
    /// What is in them.
    pub submissions: usize,
    loads: Vec<Vec<usize>>,
}

/// The way through a province, and what of it was gone.
pub struct Course {
    province: Province,
    site: Site,
    /// Numbers of the clinical files of each facility, in order.
    clinical: Vec<Vec<usize>>,
    /// How many legs of events and of consents there were.
    legs: usize,
    waves: u32,
    /// Submissions of the last leg of events.
    last: usize,
    sent: Mutex<(Vec<usize>, Sent)>,
    began: Instant,
}

impl Course {
    /// At its beginning.
    pub fn new(province: Province, site: &Site) -> Self {
        let mut clinical: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for number in 0..province.len() {
            let it = province.document(number);
            if it.phase.is_multiple_of(2) {
                clinical.entry(it.facility.to_owned()).or_default().push(number);
            }
        }
        Self {
            province,
            site: site.clone(),
            clinical: clinical.into_values().collect(),
            legs: 0,
            waves: 0,
            last: 0,
            sent: Mutex::default(),
            began: Instant::now(),
        }
    }

    /// What was sent so far.
    pub fn sent(&self) -> Sent {
        Sent { waves: self.waves, ..self.sent.lock().expect("no holder panics").1 }
    }

    /// First what everybody says, then changed minds: a twentieth of what is sent.
    pub fn consents(&mut self) -> Result<Leg> {
        let first = self.waves == 0;
        self.waves += 1;
        let numbers: Vec<usize> = if first {
            (0..self.province.len()).filter(|it| self.province.document(*it).phase == 1).collect()
        } else {
            self.province.wave(self.waves, self.last.div_ceil(EVENTS_PER_CHANGE))?.collect()
        };
        Ok(self.leg(numbers.into_iter().map(|it| vec![it]).collect()))
    }

    /// The next export of every facility. After the last one it is the first one's turn again: what was
    /// corrected since becomes what it was, and what was deleted comes back.
    pub fn events(&mut self) -> Leg {
        let longest = self.clinical.iter().map(Vec::len).max().unwrap_or(1);
        let at = self.legs % longest;
        self.legs += 1;
        let next = |files: &Vec<usize>| files.get(at).map(|it| vec![*it]);
        let leg = self.leg(self.clinical.iter().filter_map(next).collect());
        self.last = leg.submissions;
        leg
    }

    fn leg(&self, loads: Vec<Vec<usize>>) -> Leg {
        let size = |it: &usize| self.province.document(*it).submissions;
        Leg { submissions: loads.iter().flatten().map(size).sum(), loads }
    }

    /// Sends a leg, `lanes` facilities at a time, not faster than `rate` submissions a second; no further file
    /// once there was `enough`.
    pub fn send(
        &self,
        leg: Leg,
        senders: &Senders,
        lanes: usize,
        rate: u32,
        enough: &(dyn Fn(&Sent) -> bool + Sync),
    ) -> Result<()> {
        let queue = Mutex::new(leg.loads.into_iter().rev().collect::<Vec<_>>());
        let next = || queue.lock().ok().and_then(|mut it| it.pop());
        let work = || {
            std::iter::from_fn(next).flatten().try_for_each(|number| {
                if enough(&self.sent()) {
                    return Ok(());
                }
                self.send_one(number, senders)?;
                self.keep_to(rate)
            })
        };
        std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(work)).collect();
            lanes.into_iter().try_for_each(|it| it.join().expect("a lane does not panic"))
        })
    }

    fn send_one(&self, number: usize, senders: &Senders) -> Result<()> {
        let it = self.province.document(number);
        let kind = if it.phase.is_multiple_of(2) { Kind::F43 } else { Kind::Consent };
        senders.send(&self.site, it.facility, kind, &[it.path.to_owned()])?;
        let mut sent = self.sent.lock().expect("no holder panics");
        sent.0.push(number);
        sent.1.submissions += it.submissions as u64;
        if kind == Kind::Consent {
            sent.1.directives += it.submissions as u64;
        }
        Ok(())
    }

    fn keep_to(&self, rate: u32) -> Result<()> {
        let due = Duration::from_secs_f64(self.sent().submissions as f64 / f64::from(rate.max(1)));
        while self.began.elapsed() < due {
            interrupt::check()?;
            std::thread::sleep(Duration::from_millis(50).min(due - self.began.elapsed().min(due)));
        }
        Ok(())
    }

    /// Saves what must be true after what was sent.
    pub fn truth(&self, folder: &Path) -> Result<()> {
        let sent = self.sent.lock().expect("no holder panics");
        self.province.truth(&sent.0, folder)?;
        Ok(())
    }
}
