//! Which part of the platform's work is verified. The replay itself always begins at the beginning of
//! the log: what a patient may keep to himself today follows from all he said before.

use saphan_model::{AgencyId, PatientId, Timestamp};

/// What findings are asked for. Everything by default.
#[derive(Clone, Default)]
pub struct Scope {
    /// Only records appended at or after this instant.
    pub since: Option<Timestamp>,
    /// Only this agency, and the decisions.
    pub agency: Option<AgencyId>,
    /// Only this patient.
    pub patient: Option<PatientId>,
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
