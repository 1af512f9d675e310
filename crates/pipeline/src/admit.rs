//! Admit: from `ingest.v1` to `patient.log.v1`. Validates, resolves the patient, drops unchanged
//! resends, labels, and quarantines what it cannot accept.
//!
//! This file is bytes in, bytes out; the decision is in [`admission`], the loop in `saphan_kafka`.

mod admission;
mod changes;
mod defects;
mod facts;
mod ledger;
mod link;
mod records;
mod refusal;
mod state;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_codec::frame::FRAME_BYTES;
use saphan_kafka::processor::Placed;
use saphan_kafka::{Failure, Outbound, Processor, Record};
use saphan_model::admission::{AdmissionLedger, AdmissionOutcome, Quarantined};
use saphan_model::{EventType, LogRecord, Submission, Timestamp};
use saphan_topology::names::Names;

pub use admission::{Admission, Context, Ending};
pub use ledger::{Ledger, Position};

use crate::encode::{encode, source_header};
use crate::redrive::Redrive;
use crate::tally::Tally;

/// The stage.
pub struct Admit {
    context: Context,
    ids: Arc<SchemaIds>,
    partitions: HashMap<i32, Admission>,
    ledger: Ledger,
    changes: changes::Changes,
    told: Vec<AdmissionLedger>,
    /// Submissions of the open batch that were set aside, by code.
    quarantined: BTreeMap<String, u64>,
    tally: Arc<dyn Tally>,
    topics: Topics,
}

struct Topics {
    patient_log: Arc<str>,
    quarantine: Arc<str>,
    admission: Arc<str>,
    consent_revoked: Arc<str>,
    state: Arc<str>,
}

impl Admit {
    /// A stage without partitions; the loop assigns them.
    pub fn new(
        context: Context,
        ids: Arc<SchemaIds>,
        names: &Names,
        tally: Arc<dyn Tally>,
    ) -> Self {
        let topics = Topics {
            patient_log: names.patient_log().into(),
            quarantine: names.quarantine().into(),
            admission: names.admission().into(),
            consent_revoked: names.consent_revoked().into(),
            state: names.admit_state().into(),
        };
        Self {
            context,
            ids,
            partitions: HashMap::new(),
            ledger: Ledger::default(),
            changes: changes::Changes::default(),
            told: Vec::new(),
            quarantined: BTreeMap::new(),
            tally,
            topics,
        }
    }

    fn partition(&mut self, partition: i32) -> Result<&mut Admission, Failure> {
        self.partitions.get_mut(&partition).ok_or_else(|| {
            Failure::fatal("SP-1320", format!("admit does not own ingest partition {partition}"))
        })
    }

    fn end(
        &mut self,
        submission: &Submission,
        payload: &[u8],
        at: Position,
        record: &Record<'_>,
        out: &mut Vec<Outbound>,
    ) -> Result<(), Failure> {
        let state = self.partitions.get_mut(&at.partition).ok_or_else(|| {
            Failure::fatal(
                "SP-1320",
                format!("admit does not own ingest partition {}", at.partition),
            )
        })?;
        let redrive = Redrive::of(&record.headers)
            .filter(|it| it.origin < at.offset && self.context.is_own(it, submission, at));
        let at = Position { first: redrive.as_ref().map_or(at.offset, |it| it.origin), ..at };
        let old = at.redriven() && state.superseded(&self.context, submission, at);
        let ending = if old {
            Ending::Unchanged
        } else {
            state.admit(&self.context, submission, payload, at)
        };
        let mended = redrive.filter(|it| !ending.tells_of(it.defect));
        if let Some(it) = &mended {
            state.settle(&self.context, submission, it.defect);
        }
        let kind = submission.content.event_type();
        let (outcome, appended) = match ending {
            Ending::Unchanged => (AdmissionOutcome::Unchanged, 0),
            Ending::Quarantined(quarantined) => {
                out.push(self.quarantine(&quarantined, record));
                (AdmissionOutcome::Quarantined, 0)
            }
            Ending::Admitted(records) => {
                for it in &records {
                    out.push(self.log(it, record));
                }
                (AdmissionOutcome::Admitted, records.len())
            }
        };
        self.ledger.count(at, &submission.facility, kind, outcome, appended);
        out.extend(mended.map(|it| self.set_aside(&records::mended(submission, &it, at), record)));
        Ok(())
    }

    fn log(&mut self, record: &LogRecord, source: &Record<'_>) -> Outbound {
        let mut value = Vec::with_capacity(512);
        saphan_codec::encode_log(record, &self.ids, &mut value);
        let source = source_header(source);
        Outbound {
            mark: self.changes.note(record, &source),
            ..Outbound::keyed(self.topics.patient_log.clone(), record.envelope.patient.0, value)
        }
        .with(source)
    }

    fn quarantine(&mut self, it: &Quarantined, source: &Record<'_>) -> Outbound {
        *self.quarantined.entry(it.defect.code.clone()).or_default() += 1;
        self.set_aside(it, source)
    }

    fn set_aside(&self, it: &Quarantined, source: &Record<'_>) -> Outbound {
        let value = encode(it, &self.ids);
        Outbound::keyed(self.topics.quarantine.clone(), &it.facility, value)
            .with(source_header(source))
    }

    /// A record that is no submission. Its key is the facility whose token sent it, so the facility can
    /// find it; nothing else of the record is believed.
    fn unreadable(
        &mut self,
        why: saphan_codec::Malformed,
        at: Position,
        record: &Record<'_>,
        out: &mut Vec<Outbound>,
    ) {
        let redrive = Redrive::of(&record.headers).filter(|it| it.origin < at.offset);
        let first = redrive.map_or(at.offset, |it| it.origin); // the same defect, told again
        let event_id = self.context.unreadable_id(Position { first, ..at });
        let facility = records::sender(record.key);
        let row = records::unreadable(facility.clone(), records::why(why), event_id, at);
        out.push(self.quarantine(&row, record));
        let outcome = AdmissionOutcome::Quarantined;
        self.ledger.count(at, &facility, None::<EventType>, outcome, 0);
    }
}

impl Processor for Admit {
    fn assign(&mut self, partition: i32) {
        self.partitions.insert(partition, Admission::default());
    }

    fn restore(&mut self, partition: i32, key: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        let ids = self.ids.clone();
        state::restore(self.partition(partition)?, key, value, &ids)
    }

    fn restored(&mut self, partition: i32, next_offset: Option<i64>) -> Result<(), Failure> {
        state::check(self.partition(partition)?, next_offset.unwrap_or(0))
    }

    fn apply(&mut self, record: &Record<'_>, out: &mut Vec<Outbound>) -> Result<(), Failure> {
        let at = Position {
            partition: record.partition,
            offset: record.offset,
            first: record.offset,
            appended_at: Timestamp(record.append_time_ms),
        };
        let ids = self.ids.clone();
        let read = ids.current(record.value.unwrap_or_default()).and_then(|value| {
            let submission = saphan_codec::decode_framed::<Submission>(&value, &ids)?;
            Ok((submission, value))
        });
        match read {
            Ok((submission, value)) => {
                self.end(&submission, &value[FRAME_BYTES..], at, record, out)
            }
            Err(why) => {
                self.unreadable(why, at, record, out);
                Ok(())
            }
        }
    }

    fn before_commit(&mut self, out: &mut Vec<Outbound>) -> Result<(), Failure> {
        for (partition, admission) in &self.partitions {
            state::changed(admission, *partition, &self.topics.state, &self.ids, out);
        }
        self.told = self.ledger.take();
        for record in &self.told {
            let value = encode(record, &self.ids);
            let key = record.partition.to_be_bytes().to_vec();
            out.push(Outbound::keyed(self.topics.admission.clone(), key, value));
        }
        Ok(())
    }

    fn placed(&mut self, places: &[Placed], out: &mut Vec<Outbound>) -> Result<(), Failure> {
        self.changes.placed(places, &self.topics.consent_revoked, &self.ids, out)
    }

    fn committed(&mut self) {
        self.changes.clear();
        self.told.drain(..).for_each(|it| self.tally.admitted(&it));
        for (code, submissions) in std::mem::take(&mut self.quarantined) {
            self.tally.quarantined(&code, submissions);
        }
        for admission in self.partitions.values_mut() {
            admission.events.commit();
            admission.links.commit();
            admission.refusals.commit();
        }
    }

    fn rolled_back(&mut self) {
        self.changes.clear();
        self.ledger.clear();
        self.told.clear();
        self.quarantined.clear();
        for admission in self.partitions.values_mut() {
            admission.events.roll_back();
            admission.links.roll_back();
            admission.refusals.roll_back();
        }
    }

    fn revoke(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }
}
