//! Is every submission accounted for exactly once? Ranges of the admission ledger must tile
//! `ingest.v1`, and what they claim to have appended must stand in the patient log and in quarantine.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphan_codec::{SchemaIds, decode_framed};
use saphan_kafka::Record;
use saphan_model::admission::{AdmissionLedger, Quarantined};

use crate::evidence::{place, source};
use crate::finding::{Finding, Kind, Place};

/// How submissions ended, over all facilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Submissions that ended.
    pub ended: i64,
    /// Admitted.
    pub admitted: i64,
    /// Unchanged.
    pub unchanged: i64,
    /// Quarantined.
    pub quarantined: i64,
    /// Appended to the patient log.
    pub appended: i64,
    /// Offsets of `ingest.v1` admit has yet to read.
    pub in_flight: i64,
}

/// One partition of `ingest.v1`, and how far admit says it has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingest {
    /// Oldest offset that can still be read.
    pub first: i64,
    /// Offset after the last record.
    pub end: i64,
    /// Admit's committed position before the ledger was read.
    pub settled: i64,
    /// Admit's committed position after it.
    pub claimed: i64,
}

/// Offsets whose records the ledger does not name: `counted` of them are accounted for.
struct Gap {
    partition: i32,
    first: i64,
    next: i64,
    counted: i64,
}

#[derive(Default)]
struct Run {
    first: i64,
    next: i64,
    appended: i64,
    quarantined: i64,
    in_log: i64,
    in_quarantine: i64,
}

/// Collects the ledger, then what it speaks of.
pub struct Conservation {
    ids: Arc<SchemaIds>,
    ingest: String,
    /// Is the ledger whole, or did its oldest part leave by retention?
    pub ledger_whole: bool,
    /// Is quarantine whole?
    pub quarantine_whole: bool,
    balance: Balance,
    runs: BTreeMap<i32, Run>,
    gaps: Vec<Gap>,
    findings: Vec<Finding>,
}

impl Conservation {
    /// Nothing read yet. `ingest`: the name of `ingest.v1`.
    pub fn new(ids: Arc<SchemaIds>, ingest: String) -> Self {
        Self {
            ids,
            ingest,
            ledger_whole: true,
            quarantine_whole: true,
            balance: Balance::default(),
            runs: BTreeMap::new(),
            gaps: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// One record of `admission.v1`; those of an ingest partition come in order.
    pub fn ledger(&mut self, record: &Record<'_>) {
        match decode_framed::<AdmissionLedger>(record.value.unwrap_or_default(), &self.ids) {
            Ok(ledger) => self.range(&ledger, place(record)),
            Err(why) => {
                let detail = format!("a record of the admission ledger cannot be read: {why}");
                let found_at = Some(place(record));
                self.findings.push(Finding { found_at, ..Finding::new(Kind::Unreadable, detail) });
            }
        }
    }

    fn range(&mut self, ledger: &AdmissionLedger, at: Place) {
        let AdmissionLedger { partition, first_offset: first, next_offset: next, .. } = *ledger;
        let whole = self.ledger_whole;
        let run = self.runs.entry(partition).or_insert_with(|| {
            let start = if whole { 0 } else { first };
            Run { first: start, next: start, ..Run::default() }
        });
        let before = run.next;
        let (mut admitted, mut unchanged, mut quarantined) = (0, 0, 0);
        for count in &ledger.counts {
            admitted += count.admitted;
            unchanged += count.unchanged;
            quarantined += count.quarantined;
            run.appended += count.appended;
            self.balance.appended += count.appended;
        }
        run.quarantined += quarantined;
        run.next = next.max(before);
        let counted = admitted + unchanged + quarantined;
        self.balance.admitted += admitted;
        self.balance.unchanged += unchanged;
        self.balance.quarantined += quarantined;
        self.balance.ended += counted;
        if first > before {
            self.gaps.push(Gap { partition, first: before, next: first, counted: 0 });
        }
        if first < before {
            let last = before.min(next) - 1;
            let detail = format!(
                "the ledger accounts for submissions {first} to {last} of ingest partition \
                 {partition} a second time"
            );
            self.find(partition, first, Some(at), detail);
        } else if counted > next - first {
            let detail = format!(
                "the ledger accounts for {counted} submissions between offsets {first} and {next} of \
                 ingest partition {partition}, more than can stand there"
            );
            self.find(partition, first, Some(at), detail);
        } else if counted < next - first {
            self.gaps.push(Gap { partition, first, next, counted });
        }
    }

    /// One record of `patient.log.v1`, once the ledger is read.
    pub fn logged(&mut self, record: &Record<'_>) {
        if let Some(run) = self.run_of(record) {
            run.in_log += 1;
        }
    }

    /// One record of `quarantine.v1`, once the ledger is read. A defect told to be mended is no
    /// submission that ended there.
    pub fn quarantined(&mut self, record: &Record<'_>) {
        let value = record.value.unwrap_or_default();
        let read = decode_framed::<Quarantined>(value, &self.ids);
        if read.is_ok_and(|it| it.mended_at.is_some()) {
            return;
        }
        if let Some(run) = self.run_of(record) {
            run.in_quarantine += 1;
        }
    }

    /// The run that accounts for a record; none for what came after the ledger was read.
    fn run_of(&mut self, record: &Record<'_>) -> Option<&mut Run> {
        let (partition, offset) = source(record, &self.ingest)?;
        self.runs.get_mut(&partition).filter(|it| (it.first..it.next).contains(&offset))
    }

    /// Closes the books. `count` says how many records really stand in a range of an ingest partition.
    pub fn finish<E>(
        mut self,
        ingest: &BTreeMap<i32, Ingest>,
        mut count: impl FnMut(i32, i64, i64) -> Result<i64, E>,
    ) -> Result<(Balance, Vec<Finding>), E> {
        for (partition, it) in ingest {
            self.close(*partition, it);
        }
        for gap in std::mem::take(&mut self.gaps) {
            let bounds = ingest.get(&gap.partition).copied().unwrap_or_default();
            let first = gap.first.max(bounds.first);
            if first >= gap.next || (first > gap.first && gap.counted > 0) {
                continue; // no longer to be counted
            }
            let real = count(gap.partition, first, gap.next)?;
            if real != gap.counted {
                let Gap { partition, next, counted, .. } = gap;
                let detail = format!(
                    "between offsets {first} and {next} of ingest partition {partition} stand {real} \
                     submissions, of which the ledger accounts for {counted}"
                );
                self.find(partition, first, None, detail);
            }
        }
        Ok((self.balance, self.findings))
    }

    fn close(&mut self, partition: i32, ingest: &Ingest) {
        let run = self.runs.entry(partition).or_insert_with(|| {
            let first = ingest.first;
            Run { first, next: first, ..Run::default() }
        });
        let (next, appended, in_log) = (run.next, run.appended, run.in_log);
        let (quarantined, in_quarantine) = (run.quarantined, run.in_quarantine);
        self.balance.in_flight += (ingest.end - next.max(ingest.settled)).max(0);
        if next < ingest.settled {
            self.gaps.push(Gap { partition, first: next, next: ingest.settled, counted: 0 });
        }
        if next > ingest.claimed {
            let source = Place { topic: self.ingest.clone(), partition, offset: ingest.claimed };
            let detail = format!(
                "the ledger reaches offset {next} of ingest partition {partition}, but admit has \
                 committed only {}",
                ingest.claimed
            );
            let source = Some(source);
            self.findings.push(Finding { source, ..Finding::new(Kind::AheadOfOffset, detail) });
        }
        if appended != in_log {
            let detail = format!(
                "admit claims to have appended {appended} records to the patient log from ingest \
                 partition {partition}; {in_log} are there"
            );
            self.find(partition, next, None, detail);
        }
        if self.quarantine_whole && quarantined != in_quarantine {
            let detail = format!(
                "admit claims to have quarantined {quarantined} submissions of ingest partition \
                 {partition}; {in_quarantine} are there"
            );
            self.find(partition, next, None, detail);
        }
    }

    fn find(&mut self, partition: i32, offset: i64, found_at: Option<Place>, detail: String) {
        let source = Some(Place { topic: self.ingest.clone(), partition, offset });
        let finding = Finding::new(Kind::ConservationBroken, detail);
        self.findings.push(Finding { source, found_at, ..finding });
    }
}
