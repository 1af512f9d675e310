//! One life of a sink: joins the group, buffers, plans, writes, marks done.
//!
//! Invariant: a range is handed to the store only after its plan is committed, and a later plan of the
//! partition is committed only after the store took the earlier range.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::message::BorrowedMessage;

use super::buffer::{Buffer, Pushed};
use super::error::{SinkError, Stop};
use super::plan::Pending;
use super::{Plan, RangeSink, SinkConfig};
use crate::backoff::backoff;
use crate::config::KafkaConfig;
use crate::failure::{Failure, Trouble};
use crate::group::{GroupError, Hush, LogEvent, Member, MemberConfig, Place, Start};
use crate::observer::Observer;
use crate::record::{Record, RecordBuf};
use crate::shutdown::Shutdown;

const IDLE: Duration = Duration::from_millis(100);
/// Pause after a plan could not be committed; usually a rebalance comes first.
const PLAN_RETRY: Duration = Duration::from_millis(500);
const WRITE_RETRY_FIRST: Duration = Duration::from_millis(200);
const WRITE_RETRY_MOST: Duration = Duration::from_secs(30);
/// Attempts to mark a written range done before the session starts anew (and writes it again).
const DONE_ATTEMPTS: u32 = 5;

pub(super) struct Setting<'a> {
    pub kafka: &'a KafkaConfig,
    pub config: &'a SinkConfig,
    pub observer: &'a dyn Observer,
    pub shutdown: &'a Shutdown,
}

struct Session<'a, S: ?Sized> {
    setting: &'a Setting<'a>,
    sink: &'a mut S,
    buffers: HashMap<Place, Buffer>,
    topics: HashMap<String, Arc<str>>,
    /// The range the store has not taken yet. While there is one, nothing is fetched.
    writing: Option<Writing>,
    attempts: &'a mut u32,
}

struct Writing {
    place: Place,
    plan: Plan,
    records: Vec<RecordBuf>,
    retries: u32,
    again_at: Instant,
}

pub(super) fn run<S: RangeSink + ?Sized>(
    setting: &Setting<'_>,
    sink: &mut S,
    attempts: &mut u32,
) -> Result<(), Stop> {
    let (config, identity) = (setting.config, setting.config.identity());
    let topics: Vec<&str> = config.topics.iter().map(String::as_str).collect();
    let member = Member::join(
        setting.kafka,
        &MemberConfig {
            group: &config.group,
            identity: &identity,
            topics: &topics,
            session_timeout: config.session_timeout,
            poll_interval_max: config.poll_interval_max,
        },
    )
    .map_err(|it| Stop::of(it, &config.group))?;
    let topics = config.topics.iter().map(|it| (it.clone(), it.as_str().into())).collect();
    let (buffers, writing) = (HashMap::new(), None);
    let mut session = Session { setting, sink, buffers, topics, writing, attempts };
    let ended = session.run(&member);
    if !member.close(config.close_timeout) {
        setting.observer.trouble(&Trouble::new(
            "SP-1501",
            "the consumer did not close in time; its partitions are taken over after the session timeout",
        ));
    }
    ended
}

impl<S: RangeSink + ?Sized> Session<'_, S> {
    /// Ends at once when asked to: what is buffered or planned is read again by the next member.
    fn run(&mut self, member: &Member) -> Result<(), Stop> {
        let mut hush = Hush::default();
        while !self.setting.shutdown.requested() {
            match member.poll(self.patience()) {
                LogEvent::Record(message) => self.push(member, &message)?,
                LogEvent::Assigned(places) => self.assign(member, &places)?,
                LogEvent::Revoked { places, .. } => self.revoke(member, &places)?,
                LogEvent::Idle => {}
                LogEvent::Error(GroupError::Passing(trouble)) => {
                    if hush.is_news(&trouble, Instant::now()) {
                        self.setting.observer.trouble(&trouble);
                    }
                }
                LogEvent::Error(error) => return Err(self.stop(error)),
            }
            if self.writing.is_some() {
                self.write(member)?;
            } else {
                self.cut_due(member)?;
            }
            self.report_lag(member);
        }
        Ok(())
    }

    fn patience(&self) -> Duration {
        let now = Instant::now();
        match &self.writing {
            Some(it) => it.again_at.saturating_duration_since(now).min(IDLE),
            None => {
                self.next_due().map_or(IDLE, |it| it.0.saturating_duration_since(now).min(IDLE))
            }
        }
    }

    fn push(&mut self, member: &Member, message: &BorrowedMessage<'_>) -> Result<(), Stop> {
        let record = Record::from_message(message);
        let place = Place { topic: record.topic.to_owned(), partition: record.partition };
        if self.writing.is_some() {
            return Err(moved(&place, "delivered a record while paused"));
        }
        let (limits, now) = (&self.setting.config.limits, Instant::now());
        let Some(buffer) = self.buffers.get_mut(&place) else {
            return Err(moved(&place, "delivered a record while not owned"));
        };
        match buffer.push(&record, limits, now) {
            Pushed::More => {}
            Pushed::Cut if buffer.may_cut(now) => self.cut(member, &place)?,
            Pushed::Cut => {} // cut when its delay is over
            Pushed::Repeated => return Err(moved(&place, "delivered a record twice")),
            Pushed::ReplayBroken => return Err(Stop::Final(SinkError::broken(&place))),
        }
        Ok(())
    }

    /// Cuts the oldest range that is due, or the largest when all together are too large.
    fn cut_due(&mut self, member: &Member) -> Result<(), Stop> {
        let now = Instant::now();
        if let Some((_, place)) = self.next_due().filter(|it| it.0 <= now) {
            let place = place.clone();
            return self.cut(member, &place);
        }
        let total: usize = self.buffers.values().map(Buffer::bytes).sum();
        if total <= self.setting.config.limits.total_bytes_max {
            return Ok(());
        }
        let cuttable = self.buffers.iter().filter(|it| !it.1.is_replay() && it.1.may_cut(now));
        match cuttable.max_by_key(|it| it.1.bytes()).map(|it| it.0.clone()) {
            Some(place) => self.cut(member, &place),
            None => Ok(()),
        }
    }

    fn next_due(&self) -> Option<(Instant, &Place)> {
        let age_max = self.setting.config.limits.age_max;
        let due = self.buffers.iter().filter_map(|(place, it)| Some((it.due_at(age_max)?, place)));
        due.min_by_key(|it| it.0)
    }

    /// Writes the plan down, then tries to write the range.
    fn cut(&mut self, member: &Member, place: &Place) -> Result<(), Stop> {
        let Some(buffer) = self.buffers.get_mut(place) else { return Ok(()) };
        let pending = match buffer.plan() {
            Ok(Some(pending)) => pending,
            Ok(None) => return Ok(()),
            Err(_) => return Err(Stop::Final(SinkError::broken(place))),
        };
        if !buffer.is_replay() {
            match member.commit(place, pending.first, &pending.encode()) {
                Ok(()) => {}
                Err(GroupError::Passing(trouble)) => {
                    buffer.delay(Instant::now() + PLAN_RETRY);
                    self.setting.observer.trouble(&trouble);
                    return Ok(());
                }
                Err(error) => return Err(self.stop(error)),
            }
        }
        let (plan, records) = (pending.plan(place), buffer.cut());
        let again_at = Instant::now();
        self.writing = Some(Writing { place: place.clone(), plan, records, retries: 0, again_at });
        self.write(member)
    }

    /// One attempt to write the range at hand, when it is time for it.
    fn write(&mut self, member: &Member) -> Result<(), Stop> {
        let started = Instant::now();
        let Some(writing) = self.writing.as_mut().filter(|it| it.again_at <= started) else {
            return Ok(());
        };
        match self.sink.write(&writing.plan, &writing.records) {
            Ok(()) => self.done(member, started.elapsed()),
            Err(Failure::Fatal(trouble)) => Err(Stop::Final(SinkError::Sink(trouble))),
            Err(Failure::Transient(trouble)) => {
                writing.retries = writing.retries.saturating_add(1);
                let (first, most) = (WRITE_RETRY_FIRST, WRITE_RETRY_MOST);
                let pause = backoff(writing.retries, first, most, rand::random());
                writing.again_at = Instant::now() + pause;
                let first_failure = writing.retries == 1;
                self.setting.observer.trouble(&trouble);
                // Keep polling to stay in the group, but fetch nothing meanwhile.
                if first_failure { self.pause_all(member) } else { Ok(()) }
            }
        }
    }

    fn done(&mut self, member: &Member, elapsed: Duration) -> Result<(), Stop> {
        let Some(writing) = self.writing.take() else { return Ok(()) };
        for attempt in 1.. {
            match member.commit(&writing.place, writing.plan.last + 1, "") {
                Ok(()) => break,
                Err(GroupError::Passing(trouble)) if attempt < DONE_ATTEMPTS => {
                    self.setting.observer.trouble(&trouble);
                    let most = Duration::from_secs(1);
                    let pause = backoff(attempt, Duration::from_millis(50), most, rand::random());
                    self.setting.shutdown.pause(pause);
                }
                Err(error) => return Err(self.stop(error)),
            }
        }
        let (observer, rows) = (self.setting.observer, writing.records.len() as u64);
        let Plan { topic, partition, .. } = &writing.plan;
        observer.consumed(topic, *partition, rows);
        observer.range_written(topic, *partition, rows, elapsed, writing.retries);
        *self.attempts = 0;
        if writing.retries > 0 { self.resume_all(member) } else { Ok(()) }
    }

    fn assign(&mut self, member: &Member, places: &[Place]) -> Result<(), Stop> {
        let committed = if places.is_empty() {
            Vec::new()
        } else {
            member.committed(places).map_err(|it| self.stop(it))?
        };
        let mut starts = Vec::with_capacity(committed.len());
        for it in committed {
            let replay = Pending::decode(&it.metadata)
                .ok()
                .filter(|plan| plan.is_none_or(|plan| it.next == Some(plan.first)))
                .ok_or_else(|| Stop::Final(SinkError::unreadable(&it.place)))?;
            let topic = self.topics.get(&it.place.topic).cloned();
            let topic = topic.unwrap_or_else(|| it.place.topic.as_str().into());
            self.buffers.insert(it.place.clone(), Buffer::new(topic, it.next, replay));
            starts.push((it.place, Start::at(it.next)));
        }
        member.take(&starts).map_err(|it| self.stop(it))?;
        self.setting.observer.owned(self.buffers.len());
        let retrying = self.writing.as_ref().is_some_and(|it| it.retries > 0);
        let change = if retrying { member.pause(places) } else { member.resume(places) };
        change.map_err(|it| self.stop(it))
    }

    fn revoke(&mut self, member: &Member, places: &[Place]) -> Result<(), Stop> {
        for place in places {
            self.buffers.remove(place);
        }
        self.setting.observer.owned(self.buffers.len());
        member.release(places).map_err(|it| self.stop(it))?;
        if self.writing.as_ref().is_some_and(|it| places.contains(&it.place)) {
            self.writing = None; // the plan stays in the group; its new owner writes it
            return self.resume_all(member);
        }
        Ok(())
    }

    fn pause_all(&self, member: &Member) -> Result<(), Stop> {
        let all: Vec<Place> = self.buffers.keys().cloned().collect();
        member.pause(&all).map_err(|it| self.stop(it))
    }

    fn resume_all(&self, member: &Member) -> Result<(), Stop> {
        let all: Vec<Place> = self.buffers.keys().cloned().collect();
        member.resume(&all).map_err(|it| self.stop(it))
    }

    fn report_lag(&self, member: &Member) {
        for it in member.lags() {
            let Some(buffer) = self.buffers.get(&it.place) else { continue };
            let behind = match buffer.next() {
                _ if it.end < 0 => continue,
                _ if it.drained => 0,
                next => (it.end - next.unwrap_or(0)).max(0),
            };
            self.setting.observer.lag(&it.place.topic, it.place.partition, behind);
        }
    }

    fn stop(&self, error: GroupError) -> Stop {
        Stop::of(error, &self.setting.config.group)
    }
}

fn moved(place: &Place, what: &str) -> Stop {
    Stop::Restart(Trouble::new("SP-1501", format!("partition {place} {what}")))
}
