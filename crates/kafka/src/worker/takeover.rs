//! Taking partitions over and giving them up: positions, restore of state, activation.

use std::time::{Duration, Instant};

use super::error::{Stop, WorkerError};
use super::restore::{RestoreError, Restored, Restorer, Turn};
use super::work::{Owned, Work, stop_for};
use crate::failure::{Failure, Trouble};
use crate::group::{Member, Place, Start};
use crate::offsets::Watermark;
use crate::processor::Processor;

/// Turns of a restore beside partitions that flow: half of the time at most, so that a long restore
/// halves their speed and does not stop them.
const BUSY: Turn = Turn { budget: Duration::from_millis(20), patient: false };
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// While they have nothing to do: short, so that their next record does not wait long.
const IDLE: Turn = Turn { budget: Duration::from_millis(20), patient: true };
/// And while there are none yet.
const ALONE: Turn = Turn { budget: Duration::from_millis(200), patient: true };

/// The restore under way, if any.
#[derive(Default)]
pub(super) struct Takeover {
    restorer: Option<Restorer>,
    again_at: Option<Instant>,
}

impl<P: Processor + ?Sized> Work<'_, P> {
    /// Offered partitions: read their positions, take them, begin restoring their state.
    pub fn assign(&mut self, member: &Member, places: &[Place]) -> Result<(), Stop> {
        let mut starts = Vec::with_capacity(places.len());
        let committed = if places.is_empty() {
            Vec::new()
        } else {
            member.committed(places).map_err(|it| self.stop(it))?
        };
        for it in committed {
            let owned = Owned { watermark: Watermark::new(it.next), active: false };
            self.owned.insert(it.place.partition, owned);
            starts.push((it.place, Start::at(it.next)));
        }
        member.take(&starts).map_err(|it| self.stop(it))?;
        member.pause(places).map_err(|it| self.stop(it))?;
        for place in places {
            self.processor.assign(place.partition);
            self.begin_restoring(member, place.partition)?;
        }
        self.setting.observer.owned(self.owned.len());
        Ok(())
    }

    fn begin_restoring(&mut self, member: &Member, partition: i32) -> Result<(), Stop> {
        let config = self.setting.config;
        let Some(state) = &config.state else {
            let nothing = Restored { partition, rows: 0, elapsed: Duration::ZERO };
            return self.activate(member, &nothing);
        };
        if self.takeover.restorer.is_none() {
            let (identity, late) = (config.identity(), config.transaction_timeout * 2);
            let restorer = Restorer::open(self.setting.kafka, &identity, state, late)?;
            self.takeover = Takeover { restorer: Some(restorer), again_at: None };
        }
        if let Some(restorer) = &mut self.takeover.restorer {
            restorer.add(partition);
        }
        Ok(())
    }

    /// Gives partitions up. The batch is closed already.
    pub fn revoke(&mut self, member: &Member, places: &[Place]) -> Result<(), Stop> {
        for place in places {
            if let Some(restorer) = &mut self.takeover.restorer {
                restorer.cancel(place.partition)?;
            }
            if self.owned.remove(&place.partition).is_some() {
                self.processor.revoke(place.partition);
            }
        }
        self.setting.observer.owned(self.owned.len());
        member.release(places).map_err(|it| self.stop(it))
    }

    /// How long the loop may wait for records before the restore wants its turn; `None` without one.
    pub fn restore_due_in(&self) -> Option<Duration> {
        self.takeover.restorer.as_ref()?;
        let again_at = self.takeover.again_at;
        Some(again_at.map_or(Duration::ZERO, |it| it.saturating_duration_since(Instant::now())))
    }

    /// Some partition is being worked on beside those that are restored.
    fn flowing(&self) -> bool {
        self.owned.values().any(|it| it.active)
    }

    /// Gives the restore its turn when one is due.
    pub fn restore(&mut self, member: &Member) -> Result<(), Stop> {
        if self.restore_due_in() != Some(Duration::ZERO) {
            return Ok(());
        }
        let busy = self.batch.is_open();
        let turn = match self.flowing() {
            true if busy => BUSY,
            true => IDLE,
            false => ALONE,
        };
        let Some(restorer) = &mut self.takeover.restorer else { return Ok(()) };
        let processor = &mut *self.processor;
        let turned = restorer
            .turn(&turn, |partition, key, value| processor.restore(partition, key, value))
            .map_err(|error| match error {
                RestoreError::Kafka(trouble) => Stop::Restart(trouble),
                RestoreError::Processor(failure) => stop_for(failure),
            })?;
        turned.late.iter().for_each(|it| self.setting.observer.trouble(it));
        self.takeover.again_at = busy.then(|| Instant::now() + BUSY_PAUSE);
        if restorer.is_idle() {
            self.takeover = Takeover::default();
        }
        turned.complete.iter().try_for_each(|it| self.activate(member, it))
    }

    fn activate(&mut self, member: &Member, restored: &Restored) -> Result<(), Stop> {
        let Restored { partition, rows, elapsed } = *restored;
        let Some(owned) = self.owned.get(&partition) else { return Ok(()) };
        let next = owned.watermark.committed();
        if rows > 0 && next.is_none() {
            let detail =
                format!("{rows} state rows exist but the group never committed a position");
            let torn = Stop::Final(WorkerError::Torn { partition, detail });
            return Err(self.unless_moved(member, partition, torn));
        }
        if let Err(failure) = self.processor.restored(partition, next) {
            return Err(match failure {
                Failure::Fatal(_) => self.unless_moved(member, partition, stop_for(failure)),
                Failure::Transient(_) => stop_for(failure),
            });
        }
        if let Some(owned) = self.owned.get_mut(&partition) {
            owned.active = true;
        }
        self.setting.observer.restored(partition, rows, elapsed);
        let place = self.place(partition);
        member.resume(&[place]).map_err(|it| self.stop(it))
    }

    /// State and position do not fit together. If the position has moved since it was asked for, another
    /// process committed meanwhile: not the state is wrong but there are two of us, and joining anew tells.
    fn unless_moved(&self, member: &Member, partition: i32, torn: Stop) -> Stop {
        let before = self.owned.get(&partition).and_then(|it| it.watermark.committed());
        let now = match member.committed(&[self.place(partition)]) {
            Ok(now) => now.first().and_then(|it| it.next),
            Err(error) => return self.stop(error),
        };
        if now == before {
            return torn;
        }
        let text = "another process committed while this one restored the partition's state";
        Stop::Restart(Trouble::new("SP-1507", text))
    }
}
