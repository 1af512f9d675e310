//! The steps of a session: apply, commit, roll back.
//!
//! Invariant: the processor's state, the positions and the transaction move together. Whatever ends a
//! batch calls exactly one of `committed` and `rolled_back`, and calls `rolled_back` only when the
//! batch is known not to be committed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::message::BorrowedMessage;
use rdkafka::{Offset, TopicPartitionList};

use super::batch::Batch;
use super::burst::Burst;
use super::error::{Stop, WorkerError};
use super::session::Setting;
use super::takeover::Takeover;
use super::transaction::{TxnError, TxnProducer};
use crate::backoff::backoff;
use crate::failure::{Failure, Trouble};
use crate::group::{GroupError, Member, Place, Start, describe};
use crate::observer::{AbortCause, RecycleReason};
use crate::offsets::Watermark;
use crate::processor::Processor;
use crate::record::Record;

const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_MOST: Duration = Duration::from_secs(5);

pub(super) struct Work<'a, P: ?Sized> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) processor: &'a mut P,
    /// `None` only while it is being replaced.
    producer: Option<TxnProducer>,
    pub(super) owned: BTreeMap<i32, Owned>,
    pub(super) takeover: Takeover,
    pub batch: Batch,
    burst: Burst,
    attempts: &'a mut u32,
}

pub(super) struct Owned {
    pub watermark: Watermark,
    pub active: bool,
}

impl<'a, P: Processor + ?Sized> Work<'a, P> {
    pub fn new(
        setting: &'a Setting<'a>,
        processor: &'a mut P,
        producer: TxnProducer,
        attempts: &'a mut u32,
    ) -> Self {
        Self {
            setting,
            processor,
            producer: Some(producer),
            owned: BTreeMap::new(),
            takeover: Takeover::default(),
            batch: Batch::default(),
            burst: Burst::default(),
            attempts,
        }
    }

    /// Applies one record that came `now`; commits when the batch is full.
    pub fn apply(
        &mut self,
        member: &Member,
        message: &BorrowedMessage<'_>,
        now: Instant,
    ) -> Result<(), Stop> {
        let record = Record::from_message(message);
        let Some(owned) = self.owned.get_mut(&record.partition).filter(|it| it.active) else {
            let text = format!("partition {} delivered a record while paused", record.partition);
            return Err(Trouble::new("SP-1507", text).into());
        };
        owned
            .watermark
            .take(record.offset)
            .map_err(|it| Trouble::new("SP-1507", it.to_string()))?;
        let began = if self.batch.is_open() { Ok(()) } else { self.producer()?.begin() };
        self.batch.take(record.partition, now);
        if let Err(error) = began {
            return self.roll_back_transaction(member, error);
        }
        if let Err(failure) = self.processor.apply(&record, self.burst.records()) {
            return self.roll_back_failure(member, failure);
        }
        self.burst.count();
        if self.burst.is_full(self.setting.config.batch.outbound_max)
            && let Err(error) = self.send_out()
        {
            return self.roll_back_transaction(member, error);
        }
        if self.batch.is_full(&self.setting.config.batch, now) {
            self.commit(member)
        } else {
            Ok(())
        }
    }

    fn send_out(&mut self) -> Result<(), TxnError> {
        let producer = self.producer.as_ref().expect("a batch is open only with a producer");
        for outbound in self.burst.drain() {
            producer.send(&outbound)?;
            self.batch.produce(&outbound);
        }
        Ok(())
    }

    /// Commits the open batch, if any: outputs, state rows and positions at once.
    pub fn commit(&mut self, member: &Member) -> Result<(), Stop> {
        if !self.batch.is_open() {
            return Ok(());
        }
        if let Err(failure) = self.processor.before_commit(self.burst.records()) {
            return self.roll_back_failure(member, failure);
        }
        if let Err(error) = self.send_out() {
            return self.roll_back_transaction(member, error);
        }
        if self.setting.config.places && self.batch.marked() > 0 {
            let placed = match self.producer()?.places(self.batch.marked()) {
                Ok(placed) => placed,
                Err(error) => return self.roll_back_transaction(member, error),
            };
            if let Err(failure) = self.processor.placed(&placed, self.burst.records()) {
                return self.roll_back_failure(member, failure);
            }
            if let Err(error) = self.send_out() {
                return self.roll_back_transaction(member, error);
            }
        }
        let (positions, list) = self.positions()?;
        let metadata = member.metadata().map_err(|it| self.stop(it))?;
        match self.producer()?.finish(list, metadata) {
            Ok(finished) => {
                self.batch_committed(finished.elapsed);
                if finished.slow { self.recycle(RecycleReason::SlowCommit) } else { Ok(()) }
            }
            Err(error @ TxnError::Open(_)) => self.roll_back_transaction(member, error),
            Err(TxnError::Unknown(trouble)) => {
                self.setting.observer.trouble(&trouble);
                // A fresh producer ends the transaction one way or the other; then look which.
                self.recycle(RecycleReason::Indefinite)?;
                if self.was_committed(member, &positions)? {
                    self.batch_committed(Duration::ZERO);
                    return Ok(());
                }
                self.batch_rolled_back(member, AbortCause::Transaction)?;
                self.pause_after(trouble)
            }
        }
    }

    /// Partitions were lost to others before the batch could be committed.
    pub fn lose(&mut self, member: &Member) -> Result<(), Stop> {
        if !self.batch.is_open() {
            return Ok(());
        }
        self.abort()?;
        self.batch_rolled_back(member, AbortCause::AssignmentLost)
    }

    /// Reports how far behind the owned partitions are, when the client has news about it.
    pub fn report_lag(&self, member: &Member) {
        for it in member.lags() {
            let Some(owned) = self.owned.get(&it.place.partition) else { continue };
            let behind = match owned.watermark.next() {
                _ if it.end < 0 => continue,
                _ if it.drained && owned.active => 0,
                next => (it.end - next.unwrap_or(0)).max(0),
            };
            self.setting.observer.lag(&it.place.topic, it.place.partition, behind);
        }
    }

    /// The session ends: whatever is open did not happen, nothing is owned any more.
    pub fn abandon(&mut self) {
        if self.batch.is_open() {
            if let Some(Err(trouble)) = self.producer.as_ref().map(TxnProducer::abort) {
                self.setting.observer.trouble(&trouble);
            }
            self.batch.clear();
            self.burst.clear();
            self.processor.rolled_back();
        }
        for partition in std::mem::take(&mut self.owned).into_keys() {
            self.processor.revoke(partition);
        }
    }

    pub fn stop(&self, error: GroupError) -> Stop {
        let config = self.setting.config;
        Stop::of(error, config.group(), &config.input)
    }

    fn batch_committed(&mut self, elapsed: Duration) {
        let observer = self.setting.observer;
        for (partition, owned) in &mut self.owned {
            owned.watermark.commit();
            if let Some(records) = self.batch.by_partition().get(partition) {
                observer.consumed(&self.setting.config.input, *partition, *records);
            }
        }
        for (topic, records) in self.batch.by_topic() {
            observer.produced(topic, *records);
        }
        observer.committed(self.batch.records(), elapsed);
        self.batch.clear();
        self.processor.committed();
        *self.attempts = 0;
    }

    /// The transaction is gone: undo the processor's changes and read the records again.
    fn batch_rolled_back(&mut self, member: &Member, cause: AbortCause) -> Result<(), Stop> {
        let mut starts = Vec::new();
        for partition in self.batch.by_partition().keys() {
            let Some(owned) = self.owned.get_mut(partition) else { continue };
            owned.watermark.roll_back();
            let start = Start::at(owned.watermark.committed());
            let place = Place { topic: self.setting.config.input.clone(), partition: *partition };
            starts.push((place, start));
        }
        self.batch.clear();
        self.burst.clear();
        self.processor.rolled_back();
        self.setting.observer.aborted(cause);
        if cause == AbortCause::AssignmentLost {
            return Ok(()); // these partitions are about to be given up; seeking them may fail
        }
        member.seek(&starts).map_err(|it| self.stop(it))
    }

    fn roll_back_failure(&mut self, member: &Member, failure: Failure) -> Result<(), Stop> {
        self.abort()?;
        self.batch_rolled_back(member, AbortCause::Processor)?;
        match failure {
            Failure::Transient(trouble) => self.pause_after(trouble),
            Failure::Fatal(trouble) => Err(Stop::Final(WorkerError::Processor(trouble))),
        }
    }

    /// Something went wrong before the commit was asked for: abort and start with a fresh producer.
    fn roll_back_transaction(&mut self, member: &Member, error: TxnError) -> Result<(), Stop> {
        let trouble = error.into_trouble();
        self.setting.observer.trouble(&trouble);
        if let Some(Err(trouble)) = self.producer.as_ref().map(TxnProducer::abort) {
            self.setting.observer.trouble(&trouble);
        }
        self.recycle(RecycleReason::Indefinite)?;
        self.batch_rolled_back(member, AbortCause::Transaction)?;
        self.pause_after(trouble)
    }

    fn abort(&mut self) -> Result<(), Stop> {
        match self.producer()?.abort() {
            Ok(()) => Ok(()),
            Err(trouble) => {
                self.setting.observer.trouble(&trouble);
                self.recycle(RecycleReason::Indefinite)
            }
        }
    }

    /// Replaces the producer; opening the new one ends the old one's transaction for good.
    fn recycle(&mut self, reason: RecycleReason) -> Result<(), Stop> {
        self.producer = None;
        self.setting.observer.producer_recycled(reason);
        self.producer = Some(TxnProducer::open(self.setting.kafka, self.setting.config)?);
        Ok(())
    }

    /// After an unknown commit: do the committed positions say that it happened?
    fn was_committed(&self, member: &Member, positions: &[(Place, i64)]) -> Result<bool, Stop> {
        let places: Vec<Place> = positions.iter().map(|it| it.0.clone()).collect();
        let committed = member.committed(&places).map_err(|it| self.stop(it))?;
        let mut answers = [0usize; 2];
        for it in &committed {
            let sent = positions.iter().find(|at| at.0 == it.place).map(|at| at.1);
            let before =
                self.owned.get(&it.place.partition).and_then(|at| at.watermark.committed());
            if it.next == sent {
                answers[1] += 1;
            } else if it.next == before {
                answers[0] += 1;
            } else {
                let text = "committed positions moved while a commit was in doubt";
                return Err(Trouble::new("SP-1507", text).into());
            }
        }
        match answers {
            [_, 0] => Ok(false),
            [0, _] => Ok(true),
            _ => Err(Stop::Final(WorkerError::Torn {
                partition: committed.first().map_or(0, |it| it.place.partition),
                detail: "one transaction committed some of its positions and not others".to_owned(),
            })),
        }
    }

    fn positions(&self) -> Result<(Vec<(Place, i64)>, TopicPartitionList), Stop> {
        let mut positions = Vec::new();
        let mut list = TopicPartitionList::new();
        for (partition, owned) in &self.owned {
            let Some(next) = owned.watermark.pending() else { continue };
            let place = self.place(*partition);
            list.add_partition_offset(&place.topic, *partition, Offset::Offset(next))
                .map_err(|it| Trouble::new("SP-1507", describe(&it)))?;
            positions.push((place, next));
        }
        Ok((positions, list))
    }

    /// Counts the trouble and waits before the next attempt.
    fn pause_after(&mut self, trouble: Trouble) -> Result<(), Stop> {
        *self.attempts += 1;
        if *self.attempts > self.setting.config.retries_max {
            let attempts = *self.attempts;
            return Err(Stop::Final(WorkerError::GaveUp { attempts, last: trouble }));
        }
        self.setting.observer.trouble(&trouble);
        let pause = backoff(*self.attempts, BACKOFF_FIRST, BACKOFF_MOST, rand::random());
        self.setting.shutdown.pause(pause);
        Ok(())
    }

    pub(super) fn place(&self, partition: i32) -> Place {
        Place { topic: self.setting.config.input.clone(), partition }
    }

    fn producer(&self) -> Result<&TxnProducer, Stop> {
        self.producer.as_ref().ok_or_else(|| {
            Stop::Restart(Trouble::new("SP-1507", "the producer could not be replaced"))
        })
    }
}

pub(super) fn stop_for(failure: Failure) -> Stop {
    match failure {
        Failure::Transient(trouble) => Stop::Restart(trouble),
        Failure::Fatal(trouble) => Stop::Final(WorkerError::Processor(trouble)),
    }
}
