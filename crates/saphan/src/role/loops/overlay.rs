//! Keeps route's overlay fed: one thread a process follows `consent.revoked.v1`.
//!
//! Route does not begin before the overlay was read once, as far as anything was appended before: also what
//! an admit that died was about to commit. When the topic cannot be followed any longer, routing waits: a router
//! that hears of no revocation must not go on for long.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, anyhow};
use saphan_codec::SchemaIds;
use saphan_kafka::{
    Admin, Failure, Isolation, KafkaConfig, Reader, Record, Shutdown, Tail, TailFrom, Trouble,
    backoff,
};
use saphan_model::Timestamp;
use saphan_ops::Metrics;
use saphan_pipeline::route::Overlay;

use super::hearing::{self, CaughtUp};
use super::{Ended, House, Role, group, spawn};
use crate::setup;

/// Troubles in a row before the process gives up.
const RETRIES_MAX: u32 = 10;
/// Between two looks at what cannot be read yet.
const SETTLE_PAUSE: Duration = Duration::from_millis(100);
/// How often positions of the whole group are asked for: other processes route partitions as well.
const POSITIONS_EVERY: Duration = Duration::from_secs(60);

/// Opens once the overlay was read to its end.
#[derive(Clone, Default)]
pub struct Gate(Arc<AtomicBool>);

impl Gate {
    /// Waits; false when a stop is asked for meanwhile.
    pub fn wait(&self, shutdown: &Shutdown) -> bool {
        while !self.0.load(Ordering::Acquire) {
            if shutdown.pause(Duration::from_millis(20)) {
                return false;
            }
        }
        true
    }
}

/// Starts two threads, which follow and watch; the gate route waits at.
pub fn follow(
    house: &House,
    ends: &SyncSender<Ended>,
    overlay: Arc<Overlay>,
    ids: Arc<SchemaIds>,
) -> Result<Gate> {
    let names = setup::names(&house.config)?;
    let gate = Gate::default();
    let follower = Follower {
        kafka: setup::kafka(&house.config)?,
        topic: names.consent_revoked(),
        log: names.patient_log(),
        group: group(house, Role::Route),
        overlay: Arc::clone(&overlay),
        ids,
        metrics: house.metrics.clone(),
        gate: gate.clone(),
        caught_up: CaughtUp::default(),
        shutdown: house.shutdown.clone(),
    };
    let (kafka, topic) = (follower.kafka.clone(), follower.topic.clone());
    let (caught_up, shutdown) = (follower.caught_up.clone(), follower.shutdown.clone());
    spawn(Role::Route, "route-hearing".to_owned(), ends, move || {
        hearing::watch(&kafka, &topic, &caught_up, &overlay, &shutdown);
        Ok(())
    })?;
    spawn(Role::Route, "route-overlay".to_owned(), ends, move || follower.run())?;
    Ok(gate)
}

struct Follower {
    kafka: KafkaConfig,
    topic: String,
    log: String,
    group: String,
    overlay: Arc<Overlay>,
    ids: Arc<SchemaIds>,
    metrics: Metrics,
    gate: Gate,
    caught_up: CaughtUp,
    shutdown: Shutdown,
}

impl Follower {
    fn run(&self) -> Result<()> {
        let mut attempts = 0;
        while !self.shutdown.requested() {
            let trouble = match self.tail(&mut attempts) {
                Ok(Ok(())) => break,
                Ok(Err(failure)) => return Err(anyhow!("{failure}")),
                Err(trouble) => trouble,
            };
            attempts += 1;
            if attempts > RETRIES_MAX {
                return Err(anyhow!("{trouble}"));
            }
            tracing::warn!(
                code = trouble.code,
                topic = self.topic,
                "reading changes of consent again"
            );
            let (first, most) = (Duration::from_millis(200), Duration::from_secs(10));
            self.shutdown.pause(backoff::backoff(attempts, first, most, 0.5));
        }
        Ok(())
    }

    /// Follows the topic from its beginning until a stop; what is read twice counts once.
    fn tail(&self, attempts: &mut u32) -> Result<Result<(), Failure>, Trouble> {
        let admin = Admin::new(&self.kafka)?;
        let reader = Reader::new(&self.kafka, "route-overlay", Isolation::Committed)?;
        if !self.settle(&reader)? {
            return Ok(Ok(()));
        }
        // Asked for before reading: what was routed since is passed by at the next turn.
        self.pass(&admin)?;
        let (mut asked, mut ended) = (Instant::now(), Ok(Ok(())));
        reader.tail(&self.topic, TailFrom::Beginning, &self.shutdown, |it| {
            let taken = match it {
                Tail::Record(record) => self.take(&record).map_err(|it| Ok(Err(it))),
                Tail::CaughtUp => {
                    *attempts = 0;
                    self.caught_up.note();
                    self.gate.0.store(true, Ordering::Release);
                    if asked.elapsed() < POSITIONS_EVERY {
                        return ControlFlow::Continue(());
                    }
                    asked = Instant::now();
                    self.pass(&admin).map_err(Err)
                }
            };
            match taken {
                Ok(()) => ControlFlow::Continue(()),
                Err(end) => {
                    ended = end;
                    ControlFlow::Break(())
                }
            }
        })?;
        ended
    }

    /// Waits until all that was appended before can be read: the end of a partition is told at its last
    /// stable offset, and behind that may stand what others have committed long since. False when a stop is
    /// asked for meanwhile.
    fn settle(&self, reader: &Reader) -> Result<bool, Trouble> {
        let all = Reader::new(&self.kafka, "route-overlay-ends", Isolation::Uncommitted)?;
        let partitions = i32::try_from(reader.partitions(&self.topic)?).unwrap_or(i32::MAX);
        for partition in 0..partitions {
            let end = all.bounds(&self.topic, partition)?.end;
            while reader.bounds(&self.topic, partition)?.end < end {
                if self.shutdown.pause(SETTLE_PAUSE) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn take(&self, record: &Record<'_>) -> Result<(), Failure> {
        let key = record.key.unwrap_or_default();
        let ahead = self.overlay.take(key, record.value, &self.ids)?;
        if let Some(appended_at) = ahead {
            self.metrics.route_consent_change("foreseen", age(appended_at));
        }
        Ok(())
    }

    /// Forgets what the group has routed.
    fn pass(&self, admin: &Admin) -> Result<(), Trouble> {
        let positions = admin.positions(&self.group, &[&self.log])?;
        let committed = positions.iter().filter_map(|it| Some((it.partition, it.committed?)));
        self.overlay.routed(committed);
        Ok(())
    }
}

/// Time since a broker stamped a record, by this machine's clock.
pub fn age(appended_at: Timestamp) -> Duration {
    let appended_at = Duration::from_millis(u64::try_from(appended_at.0).unwrap_or(0));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(appended_at)
}
