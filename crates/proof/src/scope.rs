//! Which part of the platform's work is verified. The replay itself always begins at the beginning of
//! the log: what a patient may keep to himself today follows from all he said before.

use saphan_model::{AgencyId, PatientId, Timestamp};

/// What findings are asked for. Everything by default.
#[derive(Clone)]
pub struct Scope {
    /// Only records appended at or after this instant.
    pub since: Option<Timestamp>,
    /// Only this agency, and the decisions.
    pub agency: Option<AgencyId>,
    /// Only this patient.
    pub patient: Option<PatientId>,
    /// Within how many milliseconds of its append route must have heard of a change of consent. What left
    /// later rests on nothing, even if it is older in the log than the change.
    pub heard_within_ms: i64,
}

/// Two minutes: route hears of a change within a second, and waits when it has not been able to read them
/// for about a minute; a transaction that was open meanwhile ends within a quarter of one.
const HEARD_WITHIN_MS: i64 = 120_000;

impl Default for Scope {
    fn default() -> Self {
        Self { since: None, agency: None, patient: None, heard_within_ms: HEARD_WITHIN_MS }
    }
}

impl Scope {
    /// Is the record of such a key replayed?
    pub(crate) fn replays(&self, key: Option<&[u8]>) -> bool {
        self.patient.is_none_or(|it| key == Some(&it.0[..]))
    }

    /// Is a record of that append time compared?
    pub(crate) fn compares(&self, appended_at: Timestamp) -> bool {
        self.since.is_none_or(|it| appended_at >= it)
    }

    /// Are outputs without a record findings of this scope?
    pub(crate) fn whole_log(&self) -> bool {
        self.patient.is_none()
    }

    /// Does the ledger of admission belong to it?
    pub fn ledger(&self) -> bool {
        self.patient.is_none() && self.agency.is_none()
    }
}
