//! The thread behind the counter: takes questions, reads what admit told once for all who wait, and
//! watches until answered withdrawals are in force, for the histogram.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use saphan_kafka::{Bounds, Position, Trouble};
use saphan_model::EventType;
use saphan_model::admission::ConsentChange;
use saphan_ops::Metrics;
use tokio::sync::oneshot;

use super::{Found, Untold};
use crate::desk::{Desk, Routed};
use crate::receipt::{Places, Receipt, Sent, Standing};

/// Pause between two looks at what admit told, while somebody waits.
const POLL: Duration = Duration::from_millis(100);
/// Most changes read at one look, so that one who asks about long ago does not hold up the others.
const LOOK_MAX: i64 = 50_000;
/// Most changes in which a withdrawal is looked for: far more than admit tells in the time for which
/// somebody would ask by what was sent and not by a receipt.
const SEARCH_MAX: i64 = 1_000_000;
/// Withdrawals watched at once without anybody waiting; others are not in the histogram.
const WATCHED_MAX: usize = 1_000;
/// Pause while nobody waits who was not answered.
const POLL_UNASKED: Duration = Duration::from_secs(1);
/// A withdrawal that is not in force after so long is a matter for alerts, not for a histogram.
const WATCHED_FOR: Duration = Duration::from_secs(3_600);

type Answer<T> = oneshot::Sender<Result<T, Untold>>;

/// A question.
pub(super) enum Ask {
    ToldEnd(Answer<i64>),
    Awaited { sent: Sent, until: Instant, answer: Answer<Found> },
    Sent { sent: Sent, facility: String, answer: Answer<Found> },
    At { places: Places, facility: String, answer: Answer<Found> },
}

/// Somebody who waits for what admit tells about a submission.
struct Waiter {
    at: Position,
    source: Vec<u8>,
    /// The next change to look at.
    next: i64,
    changes: Vec<ConsentChange>,
    began: Instant,
    patience: Patience,
    /// None once it was told that there is no receipt yet: it stays for the histogram alone, which
    /// without it would know nothing of the slowest.
    answer: Option<Answer<Found>>,
}

/// When a waiter goes without a receipt.
enum Patience {
    /// Then.
    Until(Instant),
    /// When what is told by now was looked at.
    Now,
    /// Admit has decided: all it told stands before this offset, and then it is certain.
    Before(i64),
}

/// A withdrawal whose sender has the receipt.
struct Watched {
    places: Places,
    answered: Instant,
    next_look: Instant,
}

pub(super) struct Clerk {
    desk: Desk,
    metrics: Metrics,
    waiting: Vec<Waiter>,
    watched: Vec<Watched>,
}

impl Clerk {
    pub(super) fn new(desk: Desk, metrics: Metrics) -> Self {
        Self { desk, metrics, waiting: Vec::new(), watched: Vec::new() }
    }

    /// Serves until nobody can ask any more.
    pub(super) fn run(mut self, asked: &Receiver<Ask>) {
        loop {
            match self.pause(asked) {
                Ok(ask) => self.take(ask),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            loop {
                match asked.try_recv() {
                    Ok(ask) => self.take(ask),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            self.look();
            self.watch();
        }
    }

    fn pause(&self, asked: &Receiver<Ask>) -> Result<Ask, RecvTimeoutError> {
        let now = Instant::now();
        let next_look = self.watched.iter().map(|it| it.next_look.saturating_duration_since(now));
        let pause = |it: &Waiter| if it.answer.is_some() { POLL } else { POLL_UNASKED };
        let awaited = self.waiting.iter().map(pause).min();
        match next_look.chain(awaited).min() {
            Some(pause) => asked.recv_timeout(pause),
            None => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn take(&mut self, ask: Ask) {
        match ask {
            Ask::ToldEnd(answer) => {
                let _ = answer.send(self.desk.told_bounds().map(|it| it.end).map_err(untold));
            }
            Ask::Awaited { sent, until, answer } => {
                self.wait(sent, Patience::Until(until), answer);
            }
            Ask::Sent { sent, facility, answer } => match self.desk.sender(sent.at) {
                Ok(sender) if sender.as_deref() == Some(facility.as_str()) => {
                    self.wait(sent, Patience::Now, answer);
                }
                Ok(_) => _ = answer.send(Ok(Found::Unknown)),
                Err(trouble) => _ = answer.send(Err(untold(trouble))),
            },
            Ask::At { places, facility, answer } => {
                let _ = answer.send(self.at(places, &facility).map_err(untold));
            }
        }
    }

    fn wait(&mut self, sent: Sent, patience: Patience, answer: Answer<Found>) {
        let Sent { at, told_from: next } = sent;
        let (source, changes, began) = (self.desk.source(at), Vec::new(), Instant::now());
        let answer = Some(answer);
        self.waiting.push(Waiter { at, source, next, changes, began, patience, answer });
    }

    /// A directive of the facility must stand at the first place; what ends it at another pseudonym is
    /// a retraction of the same facility.
    fn at(&self, places: Places, facility: &str) -> Result<Found, Trouble> {
        let mut own = None;
        for (n, place) in places.all().iter().enumerate() {
            let expected = if n == 0 { EventType::Directive } else { EventType::Retraction };
            let stamp = self.desk.stamp(*place)?;
            let stamp = stamp.filter(|it| it.facility == facility && it.event_type == expected);
            let Some(stamp) = stamp else { return Ok(Found::Unknown) };
            own = own.or(Some(stamp));
        }
        let Some(own) = own else { return Ok(Found::Unknown) };
        let in_force = self.desk.routed()?.past(places.all());
        let (appended_at, sha256) = (own.appended_at, own.sha256);
        Ok(Found::Stands(Receipt { places, appended_at, sha256, in_force }))
    }

    /// One look at what admit told, for all who wait.
    fn look(&mut self) {
        self.waiting.retain(|it| it.answer.as_ref().is_none_or(|it| !it.is_closed()));
        if self.waiting.is_empty() {
            return;
        }
        if let Err(trouble) = self.read() {
            tracing::warn!(code = trouble.code, reason = trouble.reason, "a receipt must wait");
        }
        // Asked once for all, and only when somebody's change was found.
        let anybody = self.waiting.iter().any(|it| !it.changes.is_empty());
        let routed = if anybody { self.desk.routed() } else { Ok(Routed::default()) };
        for waiter in std::mem::take(&mut self.waiting) {
            self.serve(waiter, &routed);
        }
    }

    /// What is new for those who are nearly at the end, and one part of what the others have to look at.
    fn read(&mut self) -> Result<(), Trouble> {
        let Bounds { first: oldest, end } = self.desk.told_bounds()?;
        let near = |it: &i64| *it >= end.saturating_sub(LOOK_MAX);
        for waiter in &mut self.waiting {
            waiter.next = waiter.next.max(oldest);
        }
        let next = || self.waiting.iter().map(|it| it.next);
        let (newest, old) = (next().filter(near).min(), next().filter(|it| !near(it)).min());
        if let Some(first) = newest {
            self.read_range(first, end)?;
        }
        old.map_or(Ok(()), |first| self.read_range(first, first.saturating_add(LOOK_MAX).min(end)))
    }

    fn read_range(&mut self, first: i64, end: i64) -> Result<(), Trouble> {
        let waiting = &self.waiting;
        let told = self.desk.told(first..end, |it| {
            let source = it.headers.get("src");
            waiting.iter().any(|waiter| Some(waiter.source.as_slice()) == source)
        })?;
        for waiter in self.waiting.iter_mut().filter(|it| (first..end).contains(&it.next)) {
            let ours = told.iter().filter(|it| it.source == waiter.source);
            let new = ours.filter(|it| it.offset >= waiter.next);
            waiter.changes.extend(new.map(|it| it.change.clone()));
            waiter.next = end;
        }
        Ok(())
    }

    /// Answers a waiter, or lets it wait on.
    fn serve(&mut self, mut waiter: Waiter, routed: &Result<Routed, Trouble>) {
        let Some(found) = self.found(&mut waiter, routed).transpose() else {
            return self.waiting.push(waiter);
        };
        let answer = waiter.answer.take();
        match (&found, &waiter.patience) {
            (Ok(Found::Stands(receipt)), Patience::Until(_)) => {
                self.metrics.gateway_revocation("receipt", waiter.began.elapsed());
                self.begin_watching(receipt);
            }
            (_, Patience::Until(_)) => self.keep(waiter),
            _ => {}
        }
        if let Some(answer) = answer {
            let _ = answer.send(found.map_err(untold));
        }
    }

    /// Keeps one who was told that there is no receipt yet.
    fn keep(&mut self, mut waiter: Waiter) {
        if self.waiting.len() < WATCHED_MAX && waiter.began.elapsed() < WATCHED_FOR {
            waiter.patience = Patience::Until(waiter.began + WATCHED_FOR);
            self.waiting.push(waiter);
        }
    }

    fn found(
        &self,
        waiter: &mut Waiter,
        routed: &Result<Routed, Trouble>,
    ) -> Result<Option<Found>, Trouble> {
        let standing = Standing::of(&waiter.changes);
        if let Some(it) = &standing {
            let routed = routed.as_ref().map_err(Clone::clone)?;
            if let Some(receipt) = self.desk.receipt(it, routed)? {
                return Ok(Some(Found::Stands(receipt)));
            }
        }
        match waiter.patience {
            Patience::Until(until) => Ok((until <= Instant::now()).then_some(Found::NotYet)),
            _ if standing.is_some() => Ok(None),
            Patience::Before(end) => Ok((waiter.next >= end).then_some(Found::SetAside)),
            Patience::Now => {
                if !self.desk.decided(waiter.at)? {
                    return Ok(Some(Found::NotYet));
                }
                // Its position is seen a moment before what it told can be read.
                let end = self.desk.telling_end()?;
                waiter.patience = Patience::Before(end.min(waiter.next.saturating_add(SEARCH_MAX)));
                Ok(None)
            }
        }
    }

    fn begin_watching(&mut self, receipt: &Receipt) {
        let (places, answered) = (receipt.places.clone(), Instant::now());
        if receipt.in_force {
            self.metrics.gateway_revocation("in-force", Duration::ZERO);
        } else if self.watched.len() < WATCHED_MAX {
            self.watched.push(Watched { places, answered, next_look: answered + POLL });
        }
    }

    /// Notes which answered withdrawals are in force now. Looks less often at those that take long.
    fn watch(&mut self) {
        let now = Instant::now();
        if self.watched.iter().all(|it| it.next_look > now) {
            return;
        }
        let routed = self.desk.routed().unwrap_or_default();
        for mut it in std::mem::take(&mut self.watched) {
            let age = it.answered.elapsed();
            if routed.past(it.places.all()) {
                self.metrics.gateway_revocation("in-force", age);
            } else if age < WATCHED_FOR {
                it.next_look = Instant::now() + POLL.max(age / 8);
                self.watched.push(it);
            }
        }
    }
}

fn untold(trouble: Trouble) -> Untold {
    Untold::Trouble(trouble)
}
