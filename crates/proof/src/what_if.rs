//! What a change of contracts would have meant: the same log decided by the contracts in force and by
//! proposed ones, side by side, with the router's own decision step. Pure.
//!
//! Revocations that overtook a record on its way are left out on both sides: they depend on how busy the
//! platform was, not on contracts. Memory: the router's state of one partition twice, and some 30 bytes
//! for each event and patient of it for whom something would change.

mod change;
mod distinct;
mod past;
mod recall;
mod shape;
mod side;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use saphan_codec::{Peeked, SchemaIds};
use saphan_kafka::Record;
use saphan_model::{Envelope, EventId, EventType, PatientId, Timestamp};
use saphan_pipeline::route::{At, RouteState};
use saphan_policy::{Recall, RouteTable, RouteTableError};

pub use change::{Change, Stood};
pub use past::{How, Rewritten};
pub use shape::Shape;

use crate::scope::Scope;
use change::{Differing, Place, Stand, change};
use distinct::Distinct;
use past::Past;
use recall::{called_back, differing_recalls};
use side::{Sides, newest};

/// Which versions of the contracts are put side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// The newest version of each contract, as if it had been in force from the beginning.
    #[default]
    Newest,
    /// Every version from the instant on at which it takes effect.
    Dated,
}

/// What one agency's contract would change for one type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row {
    /// The agency.
    pub agency: String,
    /// The type decided about.
    pub event_type: EventType,
    /// What would be otherwise.
    pub change: Change,
}

/// How many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Distinct events.
    pub events: u64,
    /// Distinct patients.
    pub patients: u64,
}

/// The whole answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contrast {
    /// Records of the patient log decided twice.
    pub replayed: u64,
    /// Of these, those the question was about.
    pub compared: u64,
    /// What would change.
    pub rows: BTreeMap<Row, Count>,
    /// Versions that have taken effect already and are otherwise in the proposal.
    pub past: Vec<Rewritten>,
}

/// Decides a log twice. Call [`WhatIf::partition`] for each partition of the patient log.
pub struct WhatIf {
    sides: Sides,
    past: Past,
    scope: Scope,
    ids: Arc<SchemaIds>,
    numbers: HashMap<Place, u16>,
    counts: Vec<Count>,
    replayed: u64,
    compared: u64,
}

/// One partition; its records come in order.
pub struct PartitionContrast<'w> {
    what_if: &'w mut WhatIf,
    partition: i32,
    states: [RouteState; 2],
    stands: [Vec<Stand>; 2],
    applied: u32,
    events: Distinct<EventId>,
    patients: Distinct<PatientId>,
}

/// Undo logs of the states are dropped this often.
const COMMIT_EVERY: u32 = 1024;

impl WhatIf {
    /// Nothing decided yet. `scope`: since when, and for which agency; a patient in it is passed over.
    pub fn new(
        current: &RouteTable,
        proposed: &RouteTable,
        versions: Versions,
        scope: Scope,
        ids: Arc<SchemaIds>,
    ) -> Result<Self, RouteTableError> {
        let past = Past::new(current, proposed, scope.agency.as_ref());
        let laid_out = |it: &RouteTable| match versions {
            Versions::Newest => newest(it),
            Versions::Dated => Ok(it.clone()),
        };
        Ok(Self {
            sides: Sides::new(laid_out(current)?, laid_out(proposed)?),
            past,
            scope,
            ids,
            numbers: HashMap::new(),
            counts: Vec::new(),
            replayed: 0,
            compared: 0,
        })
    }

    /// Begins a partition of the patient log.
    pub fn partition(&mut self, partition: i32) -> PartitionContrast<'_> {
        PartitionContrast {
            what_if: self,
            partition,
            states: <[RouteState; 2]>::default(),
            stands: <[Vec<Stand>; 2]>::default(),
            applied: 0,
            events: Distinct::default(),
            patients: Distinct::default(),
        }
    }

    /// The answer.
    pub fn finish(self) -> Contrast {
        let rows = self.numbers.into_iter();
        let row = |(place, number): (Place, u16)| {
            (self.sides.row(place), self.counts[usize::from(number)])
        };
        Contrast {
            replayed: self.replayed,
            compared: self.compared,
            rows: rows.map(row).collect(),
            past: self.past.rewritten(),
        }
    }

    /// Is the agency asked about? `agency` is its place in both sides.
    fn asks_about(&self, agency: usize) -> bool {
        let only = self.scope.agency.as_ref();
        only.is_none_or(|it| it.as_str() == self.sides.agency(agency))
    }

    fn number(&mut self, place: Place) -> u16 {
        if let Some(number) = self.numbers.get(&place) {
            return *number;
        }
        let number = u16::try_from(self.counts.len()).expect("fewer changes than 65,536");
        self.counts.push(Count::default());
        self.numbers.insert(place, number);
        number
    }
}

impl PartitionContrast<'_> {
    /// Takes the next record. A coded sentence if it cannot be read: what follows cannot be decided.
    pub fn apply(&mut self, record: &Record<'_>) -> Result<(), String> {
        let ids = self.what_if.ids.clone();
        let value = ids.current(record.value.unwrap_or_default()).map_err(|it| it.to_string())?;
        let peeked = saphan_codec::peek(&value, &ids).map_err(|it| it.to_string())?;
        let appended_at = Timestamp(record.append_time_ms);
        let at = At { partition: self.partition, offset: record.offset, appended_at };
        let (event_type, recalls) = self.judge(at, &peeked)?;
        let what_if = &mut *self.what_if;
        what_if.past.reaches(appended_at);
        what_if.replayed += 1;
        self.applied += 1;
        if self.applied.is_multiple_of(COMMIT_EVERY) {
            self.states.iter_mut().for_each(RouteState::commit);
        }
        if what_if.scope.compares(appended_at) {
            what_if.compared += 1;
            self.count(&peeked.envelope, event_type, &recalls);
        }
        Ok(())
    }

    /// Decides a record by both sides: how each agency stands to it, and what it calls back as a change of
    /// consent, which is about other events than its own.
    fn judge(
        &mut self,
        at: At,
        record: &Peeked<'_>,
    ) -> Result<(EventType, [Vec<Recall>; 2]), String> {
        let all = &self.what_if.sides;
        let mut event_type = record.event_type;
        let mut recalls = <[Vec<Recall>; 2]>::default();
        let sides = all.each().into_iter().zip(&mut self.states).zip(&mut self.stands);
        for (((side, state), stands), recalls) in sides.zip(&mut recalls) {
            let judged = state.judge(&side.table, at, record, |_| false);
            let mut judged = judged.map_err(|it| it.to_string())?;
            event_type = judged.decision.event_type;
            *recalls = called_back(&mut judged.actions, judged.decision.outcomes.len());
            side.stands(&judged.actions, all.agencies(), stands);
        }
        Ok((event_type, recalls))
    }

    /// Counts what the sides decide otherwise about the record's own event and about those it calls back.
    fn count(&mut self, envelope: &Envelope, event_type: EventType, recalls: &[Vec<Recall>; 2]) {
        let (event, patient) = (envelope.event_id, envelope.patient);
        let [before, after] = &self.stands;
        let own = before.iter().zip(after).enumerate().filter_map(|(agency, (before, after))| {
            let change = change(*before, *after)?;
            Some(Differing { event, place: Place { agency, event_type, change } })
        });
        let of_others = differing_recalls(&self.what_if.sides, &self.states, recalls, patient);
        for Differing { event, place } in own.chain(of_others).collect::<Vec<_>>() {
            if self.what_if.asks_about(place.agency) {
                let number = self.what_if.number(place);
                self.events.touch(event, number);
                self.patients.touch(patient, number);
            }
        }
    }

    /// Closes the partition. A patient's records stand in one only, so that sums over partitions count
    /// nobody twice; an event that moved from one patient to another counts for both.
    pub fn finish(self) {
        let counts = &mut self.what_if.counts;
        for (number, events) in self.events.by_place() {
            counts[usize::from(number)].events += events;
        }
        for (number, patients) in self.patients.by_place() {
            counts[usize::from(number)].patients += patients;
        }
    }
}
