//! Explaining from a real platform's topics.

use std::collections::BTreeSet;

use saphan_kafka::partition_of;
use saphan_model::{EventId, PatientId, Timestamp};

use super::read::Topics;
use super::{Live, LiveError};
use crate::explain::{Explainer, Subject, Told, Until, patient_of};
use crate::replay::Replay;

/// What a person asks about.
#[derive(Clone)]
pub enum Question {
    /// A patient.
    Patient(PatientId),
    /// An event.
    Event(EventId),
    /// An agency, by id.
    Agency(String),
}

impl Live<'_> {
    /// Answers a question; each record is told in the order of its partition. `until`: partition and
    /// offset of the last record to be seen. Returns the explainer, for an agency's sums.
    pub fn explain(
        &self,
        question: Question,
        until: Option<(i32, i64)>,
        tell: &mut dyn FnMut(Told),
    ) -> Result<Explainer, LiveError> {
        let topics = Topics::open(&self.kafka)?;
        let until = until.map(|it| self.position(&topics, it)).transpose()?;
        let count = topics.partitions(&self.log())?.end;
        let mut partitions: BTreeSet<i32> = (0..count).collect();
        let subject = match question {
            Question::Patient(patient) => {
                partitions = BTreeSet::from([partition_of(&patient.0, count)]);
                Subject::Patient(patient)
            }
            Question::Event(event_id) => {
                let patients = self.patients(&topics, event_id, &partitions)?;
                partitions = patients.iter().map(|it| partition_of(&it.0, count)).collect();
                Subject::Event(event_id, patients)
            }
            Question::Agency(agency) => Subject::Agency(agency),
        };
        let it = &self.platform;
        let replay = Replay::new(it.topology, it.rule_ids, it.keys, it.ids.clone(), it.names);
        // Asked for before anything is read: what is told as decided has been decided.
        let positions = self.positions(&topics)?.into_iter();
        let routed = positions.map(|it| (it.partition, it.bounds.settled)).collect();
        let mut explainer = Explainer::new(replay, subject, until, routed);
        topics.read(&it.names.decision(), |record| explainer.decision(record))?;
        for partition in partitions {
            let mut trouble = None;
            topics.read_partition(&self.log(), partition, |record| {
                match explainer.apply(record) {
                    Ok(told) => told.into_iter().for_each(&mut *tell),
                    Err(why) => trouble = trouble.take().or(Some((record.offset, why))),
                }
            })?;
            if let Some((offset, why)) = trouble {
                return Err(LiveError::Unreadable { log: self.log(), partition, offset, why });
            }
        }
        Ok(explainer)
    }

    fn position(
        &self,
        topics: &Topics,
        (partition, offset): (i32, i64),
    ) -> Result<Until, LiveError> {
        let log = self.log();
        let mut found = None;
        if topics.partitions(&log)?.contains(&partition) {
            let bounds = topics.committed.bounds(&log, partition)?;
            if (bounds.first..bounds.end).contains(&offset) {
                topics.committed.read_range(&log, partition, offset, offset, |it| {
                    found = Some(Timestamp(it.append_time_ms));
                })?;
            }
        }
        let appended_at = found.ok_or(LiveError::NoSuchPosition { log, partition, offset })?;
        Ok(Until { partition, offset, appended_at })
    }

    /// The patients an event has belonged to.
    fn patients(
        &self,
        topics: &Topics,
        event_id: EventId,
        partitions: &BTreeSet<i32>,
    ) -> Result<BTreeSet<PatientId>, LiveError> {
        let mut patients = BTreeSet::new();
        for partition in partitions {
            topics.read_partition(&self.log(), *partition, |record| {
                patients.extend(patient_of(event_id, record, &self.platform.ids));
            })?;
        }
        Ok(patients)
    }
}
