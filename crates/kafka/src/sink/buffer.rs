//! Records of one partition waiting for their range. Pure: counts and times, no broker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::RangeLimits;
use super::plan::Pending;
use crate::record::{Record, RecordBuf};

pub(super) struct Buffer {
    topic: Arc<str>,
    records: Vec<RecordBuf>,
    bytes: usize,
    since: Option<Instant>,
    /// Next offset expected; smaller ones are an error of the client.
    next: Option<i64>,
    /// A plan of a predecessor that must be read and written exactly.
    replay: Option<Pending>,
    /// After a plan could not be written down, no new attempt before this.
    not_before: Option<Instant>,
}

/// What a pushed record means for the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    More,
    /// A limit is reached, or the replayed range is complete: cut.
    Cut,
    /// The record came twice.
    Repeated,
    /// The replayed range ended without its last record.
    ReplayBroken,
}

impl Buffer {
    pub fn new(topic: Arc<str>, next: Option<i64>, replay: Option<Pending>) -> Self {
        Self { topic, records: Vec::new(), bytes: 0, since: None, next, replay, not_before: None }
    }

    pub fn push(&mut self, record: &Record<'_>, limits: &RangeLimits, now: Instant) -> Pushed {
        if self.next.is_some_and(|it| record.offset < it) {
            return Pushed::Repeated;
        }
        if self.replay.is_some_and(|it| record.offset > it.last) {
            return Pushed::ReplayBroken;
        }
        self.next = Some(record.offset + 1);
        self.since.get_or_insert(now);
        self.bytes += record.size();
        self.records.push(record.to_buf(Arc::clone(&self.topic)));
        let full = match self.replay {
            Some(it) => record.offset == it.last,
            None => self.records.len() >= limits.rows_max || self.bytes >= limits.bytes_max,
        };
        if full { Pushed::Cut } else { Pushed::More }
    }

    /// When the range must be cut for its age; `None` while empty or replaying.
    pub fn due_at(&self, age_max: Duration) -> Option<Instant> {
        if self.replay.is_some() {
            return None;
        }
        let due = self.since? + age_max;
        Some(self.not_before.map_or(due, |it| it.max(due)))
    }

    /// The plan for what is buffered: the predecessor's, if its records came out equal.
    pub fn plan(&self) -> Result<Option<Pending>, PlanBroken> {
        match self.replay {
            Some(it) if it.matches(&self.records) => Ok(Some(it)),
            Some(_) => Err(PlanBroken),
            None => Ok(Pending::of(&self.records)),
        }
    }

    pub fn is_replay(&self) -> bool {
        self.replay.is_some()
    }

    /// Hands the records over and starts the next range.
    pub fn cut(&mut self) -> Vec<RecordBuf> {
        self.bytes = 0;
        self.since = None;
        self.replay = None;
        self.not_before = None;
        std::mem::take(&mut self.records)
    }

    pub fn delay(&mut self, until: Instant) {
        self.not_before = Some(until);
    }

    /// False while a failed plan waits for its next attempt.
    pub fn may_cut(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|it| it <= now)
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn next(&self) -> Option<i64> {
        self.next
    }
}

/// The records read again are not those of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlanBroken;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Headers;

    const LIMITS: RangeLimits = RangeLimits {
        rows_max: 3,
        bytes_max: 100,
        age_max: Duration::from_secs(1),
        total_bytes_max: 1000,
    };

    fn record(offset: i64, value: &[u8]) -> Record<'_> {
        let (key, headers, value) = (None, Headers::NONE, Some(value));
        Record { topic: "t", partition: 0, offset, append_time_ms: 0, key, headers, value }
    }

    #[track_caller]
    fn check(replay: Option<Pending>, pushes: &[(i64, usize, Pushed)]) -> Buffer {
        let (mut it, now) = (Buffer::new("t".into(), Some(10), replay), Instant::now());
        let zeros = [0; 200];
        for (offset, size, expected) in pushes {
            let pushed = it.push(&record(*offset, &zeros[..*size]), &LIMITS, now);
            assert_eq!(pushed, *expected, "offset {offset}");
        }
        it
    }

    #[test]
    fn a_range_ends_by_rows_or_bytes() {
        use Pushed::{Cut, More, Repeated};
        check(None, &[(10, 1, More), (12, 1, More), (15, 1, Cut)]);
        check(None, &[(10, 99, More), (11, 1, Cut)]);
        check(None, &[(9, 1, Repeated)]);
        check(None, &[(10, 1, More), (10, 1, Repeated)]);
    }

    #[test]
    fn a_replayed_range_ignores_limits_and_must_come_out_equal() {
        use Pushed::{Cut, More, ReplayBroken};
        let records: Vec<_> =
            [10, 11, 12, 14, 15].map(|it| record(it, &[0; 60]).to_buf("t".into())).into();
        let pending = Pending::of(&records).unwrap();
        let same: Vec<_> =
            [10, 11, 12, 14].map(|it| (it, 60, More)).into_iter().chain([(15, 60, Cut)]).collect();
        let mut it = check(Some(pending), &same);
        assert_eq!(it.plan(), Ok(Some(pending)));
        assert_eq!(it.due_at(LIMITS.age_max), None);
        assert_eq!(it.cut(), records);
        assert!(!it.is_replay());

        let gap = check(Some(pending), &[(10, 60, More), (15, 60, Cut)]);
        assert_eq!(gap.plan(), Err(PlanBroken));
        check(Some(pending), &[(10, 60, More), (16, 60, ReplayBroken)]);
    }
}
