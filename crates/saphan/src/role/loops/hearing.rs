//! Whether route still hears of changes of consent. A client that has lost its broker tells so once, or
//! never; and a router that hears nothing looks like one with nothing to hear. So the end of
//! `consent.revoked.v1` is asked for by another client: when it cannot be, or has moved and the follower
//! has not come to it, for longer than [`SILENCE_MAX`], routing waits until it is heard of again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use saphan_kafka::{Isolation, KafkaConfig, Reader, Shutdown, Trouble};
use saphan_pipeline::route::Overlay;

/// Longest time without hearing. `saphan verify` allows twice as much.
const SILENCE_MAX: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(5);

/// How often the follower has come to the end. Clones share the number.
#[derive(Clone, Default)]
pub struct CaughtUp(Arc<AtomicU64>);

impl CaughtUp {
    /// The follower is at the end.
    pub fn note(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    fn times(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// Looks until a stop is asked for, and tells the overlay whether it is deaf.
pub fn watch(
    kafka: &KafkaConfig,
    topic: &str,
    caught_up: &CaughtUp,
    overlay: &Overlay,
    shutdown: &Shutdown,
) {
    let (mut hearing, mut reader, mut deaf) = (Hearing::new(Instant::now()), None, false);
    while !shutdown.pause(EVERY) {
        let end = end_of(kafka, topic, &mut reader).ok();
        let silence = hearing.look(end, caught_up.times(), Instant::now());
        if silence.is_some() != deaf {
            deaf = !deaf;
            overlay.set_deaf(deaf);
            tell(topic, silence);
        }
    }
}

fn tell(topic: &str, silence: Option<Duration>) {
    match silence {
        Some(it) => tracing::error!(
            code = "SP-1339",
            topic,
            seconds = it.as_secs(),
            "nothing is heard of changes of consent; routing waits"
        ),
        None => tracing::info!(topic, "changes of consent are heard of again; routing goes on"),
    }
}

/// The last stable offsets of all partitions, summed up.
fn end_of(kafka: &KafkaConfig, topic: &str, reader: &mut Option<Reader>) -> Result<i64, Trouble> {
    if reader.is_none() {
        *reader = Some(Reader::new(kafka, "route-hearing", Isolation::Committed)?);
    }
    let reader = reader.as_ref().expect("made above");
    let partitions = i32::try_from(reader.partitions(topic)?).unwrap_or(i32::MAX);
    (0..partitions).try_fold(0, |sum, it| Ok(sum + reader.bounds(topic, it)?.end))
}

/// What the looks have shown. Pure.
struct Hearing {
    /// At the last look that succeeded, and when that was.
    end: Option<i64>,
    caught_up: u64,
    asked: Instant,
    /// The end had moved: how often the follower had come to it before, and when that was seen.
    owed: Option<(u64, Instant)>,
}

impl Hearing {
    fn new(now: Instant) -> Self {
        Self { end: None, caught_up: 0, asked: now, owed: None }
    }

    /// Takes a look: where the topic ends, if that could be asked, and how often the follower has come to
    /// its end. How long nothing was heard, if that is too long.
    fn look(&mut self, end: Option<i64>, caught_up: u64, now: Instant) -> Option<Duration> {
        if let Some(end) = end {
            if self.end.is_some_and(|it| it != end) && self.owed.is_none() {
                self.owed = Some((self.caught_up, now));
            }
            (self.end, self.caught_up, self.asked) = (Some(end), caught_up, now);
        }
        self.owed = self.owed.filter(|it| caught_up <= it.0);
        let since = self.owed.map_or(self.asked, |it| it.1.min(self.asked));
        Some(now.duration_since(since)).filter(|it| *it > SILENCE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every five seconds; after how many seconds there was too much silence.
    fn silent_after(looks: impl IntoIterator<Item = (Option<i64>, u64)>) -> Option<u64> {
        let begun = Instant::now();
        let mut hearing = Hearing::new(begun);
        let mut seconds = (1..).map(|it| it * EVERY.as_secs());
        looks.into_iter().zip(seconds.by_ref()).find_map(|((end, caught_up), at)| {
            let now = begun + Duration::from_secs(at);
            hearing.look(end, caught_up, now).map(|_| at)
        })
    }

    #[test]
    fn a_quiet_topic_is_heard_of() {
        assert_eq!(silent_after((0..100).map(|_| (Some(7), 1))), None);
    }

    #[test]
    fn brokers_that_cannot_be_asked_are_silence() {
        assert_eq!(silent_after((0..100).map(|_| (None, 1))), Some(65));
        let back = (0..100).map(|it| (Some(7).filter(|_| it % 12 == 0), 1));
        assert_eq!(silent_after(back), None, "an outage of most of a minute");
    }

    #[test]
    fn an_end_that_the_follower_does_not_come_to_is_silence() {
        assert_eq!(silent_after((0..100).map(|it| (Some(7 + it / 4), 1))), Some(90));
        assert_eq!(silent_after((0..100).map(|it| (Some(7 + it / 4), 1 + it as u64 / 4))), None);
        let slowly = (0..100).map(|it| (Some(if it == 0 { 7 } else { 8 }), u64::from(it > 11)));
        assert_eq!(silent_after(slowly), None);
    }

    #[test]
    fn what_the_follower_came_to_before_the_look_is_heard() {
        assert_eq!(
            silent_after([(Some(7), 1), (Some(9), 2)].into_iter().chain([(Some(9), 2); 50])),
            None
        );
    }
}
