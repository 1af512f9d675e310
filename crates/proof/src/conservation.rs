//! Is every submission accounted for exactly once? Ranges of the admission ledger must tile
//! `ingest.v1`, and what they claim to have appended must stand in the patient log and in quarantine.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphan_codec::{SchemaIds, decode_framed};
use saphan_kafka::Record;
use saphan_model::admission::{AdmissionLedger, Quarantined};

use crate::evidence::{place, source};
use crate::finding::{Finding, Kind, Place};
use crate::origins::Origins;
use crate::wording;

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

/// What the ledger says of a partition of `ingest.v1`.
struct Run {
    first: i64,
    next: i64,
    /// Without gaps, in order: a record of the ledger, or none, for each. 24 bytes a record of the ledger.
    ranges: Vec<Range>,
}

/// Submissions that ended in one transaction, and what is there of them.
#[derive(Default)]
struct Range {
    next: i64,
    appended: i32,
    in_log: i32,
    quarantined: i32,
    in_quarantine: i32,
}

impl Run {
    fn from(first: i64) -> Self {
        Self { first, next: first, ranges: Vec::new() }
    }

    /// Accounts for what lies between the last range and `next`, if anything does.
    fn push(&mut self, range: Range) {
        if range.next > self.next {
            self.next = range.next;
            self.ranges.push(range);
        }
    }

    /// The range of an offset.
    fn range(&mut self, offset: i64) -> Option<&mut Range> {
        let place = self.ranges.partition_point(|it| it.next <= offset);
        self.ranges.get_mut(place).filter(|_| offset >= self.first)
    }
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
    origins: Origins,
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
            origins: Origins::default(),
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
        let run = self.runs.entry(partition);
        let run = run.or_insert_with(|| Run::from(if whole { 0 } else { first }));
        let before = run.next;
        let (mut appended, narrow) = (0, |it: i64| i32::try_from(it).unwrap_or(i32::MAX));
        let (mut admitted, mut unchanged, mut quarantined) = (0, 0, 0);
        for count in &ledger.counts {
            admitted += count.admitted;
            unchanged += count.unchanged;
            quarantined += count.quarantined;
            appended += count.appended;
        }
        run.push(Range { next: first, ..Range::default() });
        let (appended_here, quarantined_here) = (narrow(appended), narrow(quarantined));
        run.push(Range {
            next,
            appended: appended_here,
            quarantined: quarantined_here,
            ..Range::default()
        });
        self.balance.appended += appended;
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
        let Some((partition, offset)) = source(record, &self.ingest) else {
            return self.forged(place(record), wording::SUBMISSIONLESS);
        };
        if self.origins.again(record, partition, offset) {
            return self.forged(place(record), wording::APPENDED_AGAIN);
        }
        match self.runs.get_mut(&partition).and_then(|it| it.range(offset)) {
            Some(range) => range.in_log += 1,
            None => self.origins.note(partition, offset, place(record)),
        }
    }

    fn forged(&mut self, at: Place, detail: &str) {
        let finding = Finding::new(Kind::LogForged, detail);
        self.findings.push(Finding { found_at: Some(at), ..finding });
    }

    /// One record of `quarantine.v1`, once the ledger is read. A defect told to be mended is no
    /// submission that ended there.
    pub fn quarantined(&mut self, record: &Record<'_>) {
        let value = record.value.unwrap_or_default();
        let read = decode_framed::<Quarantined>(value, &self.ids);
        if read.is_ok_and(|it| it.mended_at.is_some()) {
            return;
        }
        let Some((partition, offset)) = source(record, &self.ingest) else { return };
        if let Some(range) = self.runs.get_mut(&partition).and_then(|it| it.range(offset)) {
            range.in_quarantine += 1;
        }
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
        for (partition, offset, at) in std::mem::take(&mut self.origins).unaccounted() {
            let there = match ingest.get(&partition) {
                // Sent, and admitted, while the log was read.
                Some(it) => offset < it.end || count(partition, offset, offset + 1)? > 0,
                None => false,
            };
            if !there {
                self.forged(at, wording::SUBMISSIONLESS);
            }
        }
        Ok((self.balance, self.findings))
    }

    fn close(&mut self, partition: i32, ingest: &Ingest) {
        let run = self.runs.remove(&partition).unwrap_or_else(|| Run::from(ingest.first));
        let next = run.next;
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
        let mut first = run.first;
        for range in run.ranges {
            self.weigh(partition, first, &range);
            first = range.next;
        }
    }

    /// Compares what admit says of a range with what is there.
    fn weigh(&mut self, partition: i32, first: i64, range: &Range) {
        let Range { next, appended, in_log, quarantined, in_quarantine } = range;
        let of = format!("of submissions {first} to {} of ingest partition {partition}", next - 1);
        if appended != in_log {
            let detail = format!(
                "admit claims to have appended {appended} records to the patient log {of}; {in_log} are there"
            );
            self.find(partition, first, None, detail);
        }
        if self.quarantine_whole && quarantined != in_quarantine {
            let detail = format!(
                "admit claims to have quarantined {quarantined} {of}; {in_quarantine} are there"
            );
            self.find(partition, first, None, detail);
        }
    }

    fn find(&mut self, partition: i32, offset: i64, found_at: Option<Place>, detail: String) {
        let source = Some(Place { topic: self.ingest.clone(), partition, offset });
        let finding = Finding::new(Kind::ConservationBroken, detail);
        self.findings.push(Finding { source, found_at, ..finding });
    }
}
