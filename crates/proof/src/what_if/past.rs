//! Would the proposal decide the past otherwise? A version that has taken effect is evidence: a replay
//! of the log needs it as it was.

use std::collections::BTreeMap;

use saphan_model::contract::Contract;
use saphan_model::{AgencyId, Timestamp};
use saphan_policy::RouteTable;

/// A contract version that records of the log were decided by, or would now be said to have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// The agency.
    pub agency: String,
    /// The version.
    pub version: u32,
    /// Since when it is, or would be, in effect.
    pub effective_from: Timestamp,
    /// What the proposal does with it.
    pub how: How,
}

/// What a proposal does with a version in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is not there any more.
    Missing,
    /// It says something else.
    Changed,
    /// It is new, and takes effect before the end of the log.
    Backdated,
}

/// Versions that differ, until it is known how far the log reaches.
pub struct Past {
    different: Vec<Rewritten>,
    end: Timestamp,
}

impl Past {
    pub(super) fn new(
        current: &RouteTable,
        proposed: &RouteTable,
        only: Option<&AgencyId>,
    ) -> Self {
        let asked = |it: &&Contract| only.is_none_or(|only| *only == it.agency);
        let (current, proposed) = (versions(current), versions(proposed));
        let mut different = Vec::new();
        for (key, now) in current.iter().filter(|it| asked(it.1)) {
            let how = match proposed.get(key) {
                None => How::Missing,
                Some(then) if same(now, then) => continue,
                Some(_) => How::Changed,
            };
            let earliest = proposed
                .get(key)
                .map_or(now.effective_from, |it| it.effective_from.min(now.effective_from));
            different.push(Rewritten::new(now, earliest, how));
        }
        for (key, then) in proposed.iter().filter(|it| asked(it.1)) {
            if !current.contains_key(key) {
                different.push(Rewritten::new(then, then.effective_from, How::Backdated));
            }
        }
        different.sort_by(|a, b| (&a.agency, a.version).cmp(&(&b.agency, b.version)));
        Self { different, end: Timestamp(i64::MIN) }
    }

    /// The log holds a record of that append time.
    pub(super) fn reaches(&mut self, appended_at: Timestamp) {
        self.end = self.end.max(appended_at);
    }

    /// What differs and has taken effect by the end of the log.
    pub(super) fn rewritten(self) -> Vec<Rewritten> {
        let end = self.end;
        self.different.into_iter().filter(|it| it.effective_from <= end).collect()
    }
}

impl Rewritten {
    fn new(of: &Contract, effective_from: Timestamp, how: How) -> Self {
        Self { agency: of.agency.to_string(), version: of.version, effective_from, how }
    }
}

fn versions(table: &RouteTable) -> BTreeMap<(String, u32), &Contract> {
    let all = table.contracts();
    all.map(|it| ((it.agency.to_string(), it.version), it)).collect()
}

/// Names of an agency may change; what is decided may not.
fn same(a: &Contract, b: &Contract) -> bool {
    a.effective_from == b.effective_from && a.rules == b.rules
}
