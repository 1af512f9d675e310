//! Waits, on a thread of its own, for the moment from which a state partition may be read.
//!
//! A predecessor may have died with a transaction open, or its commit may not have reached this topic
//! yet although its positions are already visible. So the high watermark is asked for *after* the
//! committed positions, and a partition is ready only once its last stable offset has passed it: the
//! end-of-partition event is raised at the last stable offset and would otherwise come too early.
//!
//! The wait can be as long as the brokers keep a dead worker's transaction. Asking costs round trips,
//! and the loop has other partitions to work on.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::config::KafkaConfig;
use crate::failure::Trouble;
use crate::probe::{Isolation, Probe};

/// Pause between two looks at a last stable offset that has not moved far enough.
const RECHECK: Duration = Duration::from_millis(200);

/// More than one worker ever owns, so that neither side waits for the other.
const PARTITIONS_MAX: usize = 4_096;

/// Tells two waits for one partition apart: an answer to the first says nothing about the second.
pub(super) type Ticket = u64;

pub(super) struct StableWatch {
    asks: SyncSender<Ask>,
    answers: Receiver<Result<Answer, Trouble>>,
}

pub(super) enum Answer {
    /// The partition may be read from `first` to its end.
    Ready { ticket: Ticket, partition: i32, first: i64 },
    /// An unfinished transaction keeps it waiting for longer than one may last.
    Late(Trouble),
}

enum Ask {
    Wait { ticket: Ticket, partition: i32 },
    Forget { partition: i32 },
}

struct Watcher {
    topic: String,
    stable: Probe,
    all: Probe,
    late: Duration,
    waiting: BTreeMap<i32, Waiting>,
}

struct Waiting {
    ticket: Ticket,
    since: Instant,
    told: Instant,
    /// Where the last stable offset has to get to; `None` when not yet asked.
    high: Option<i64>,
}

impl StableWatch {
    /// Starts the thread; it ends when this is dropped. A wait is told to be late after `late`, and
    /// again each time that much more has passed.
    pub fn start(
        kafka: &KafkaConfig,
        part: &str,
        topic: &str,
        late: Duration,
    ) -> Result<Self, Trouble> {
        let mut watcher = Watcher {
            topic: topic.to_owned(),
            stable: Probe::open(kafka, &format!("{part}-stable"), Isolation::Committed)?,
            all: Probe::open(kafka, &format!("{part}-all"), Isolation::Uncommitted)?,
            late,
            waiting: BTreeMap::new(),
        };
        let (asks, asked) = sync_channel(PARTITIONS_MAX);
        let (answer, answers) = sync_channel(PARTITIONS_MAX);
        thread::Builder::new()
            .name("restore-stable".to_owned())
            .spawn(move || watcher.run(&asked, &answer))
            .map_err(|it| Trouble::new("SP-1508", format!("no thread for the restore: {it}")))?;
        Ok(Self { asks, answers })
    }

    pub fn wait_for(&self, ticket: Ticket, partition: i32) {
        // A watcher that ended has told why, or is about to.
        let _ = self.asks.send(Ask::Wait { ticket, partition });
    }

    pub fn forget(&self, partition: i32) {
        let _ = self.asks.send(Ask::Forget { partition });
    }

    /// What has been answered since; never waits.
    pub fn answer(&self) -> Option<Result<Answer, Trouble>> {
        self.answers.try_recv().ok()
    }
}

impl Watcher {
    fn run(&mut self, asked: &Receiver<Ask>, answers: &SyncSender<Result<Answer, Trouble>>) {
        while self.listen(asked) {
            match self.look() {
                Ok(found) => {
                    if found.into_iter().any(|it| answers.send(Ok(it)).is_err()) {
                        return;
                    }
                }
                Err(trouble) => {
                    let _ = answers.send(Err(trouble));
                    return;
                }
            }
        }
    }

    /// Takes what was asked; waits for it while there is nothing to look at. False at the end.
    fn listen(&mut self, asked: &Receiver<Ask>) -> bool {
        let first = if self.waiting.is_empty() {
            asked.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            asked.recv_timeout(RECHECK)
        };
        match first {
            Ok(ask) => self.take(ask),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        asked.try_iter().for_each(|it| self.take(it));
        true
    }

    fn take(&mut self, ask: Ask) {
        match ask {
            Ask::Wait { ticket, partition } => {
                let now = Instant::now();
                let waiting = Waiting { ticket, since: now, told: now, high: None };
                self.waiting.insert(partition, waiting);
            }
            Ask::Forget { partition } => drop(self.waiting.remove(&partition)),
        }
    }

    fn look(&mut self) -> Result<Vec<Answer>, Trouble> {
        let mut found = Vec::new();
        for (partition, it) in &mut self.waiting {
            let high = match it.high {
                Some(high) => high,
                None => self.all.end(&self.topic, *partition)?,
            };
            it.high = Some(high);
            let (first, stable) = self.stable.bounds(&self.topic, *partition)?;
            if stable >= high {
                found.push(Answer::Ready { ticket: it.ticket, partition: *partition, first });
            } else if it.told.elapsed() > self.late {
                it.told = Instant::now();
                let waited = it.since.elapsed().as_secs();
                found.push(Answer::Late(late(&self.topic, *partition, stable, high, waited)));
            }
        }
        for it in &found {
            if let Answer::Ready { partition, .. } = it {
                self.waiting.remove(partition);
            }
        }
        Ok(found)
    }
}

fn late(topic: &str, partition: i32, stable: i64, high: i64, waited: u64) -> Trouble {
    let text = format!(
        "{topic}/{partition}: waiting for {waited} s with restoring, because an unfinished transaction \
         holds the last stable offset at {stable}, below {high}"
    );
    Trouble::new("SP-1517", text)
}
