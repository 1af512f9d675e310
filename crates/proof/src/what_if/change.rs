//! What two decisions about one record mean for one agency.

use saphan_model::decision::WithholdReason;
use saphan_model::{EventId, EventType};

use super::shape::Shape;

/// What becomes otherwise for an agency. `S`: how a shape is told, in full or by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change<S = Shape> {
    /// It would receive what it does not.
    Delivered {
        /// How it stands to it now.
        was: Stood,
        /// What it would receive.
        gained: S,
    },
    /// It receives it and would not: a lawful no.
    Withheld {
        /// Why.
        reason: WithholdReason,
        /// What it would lose.
        lost: S,
    },
    /// It receives it, and would no longer be concerned.
    Apart {
        /// What it would lose.
        lost: S,
    },
    /// It receives it either way, in another shape or on other grounds.
    Reshaped {
        /// Now.
        before: S,
        /// Then.
        after: S,
    },
    /// It is not concerned; it would be, and be refused.
    Refused {
        /// Why.
        reason: WithholdReason,
    },
    /// It keeps it after a change of consent; it would be told to drop it.
    CalledBack {
        /// Why it may no longer have it.
        reason: WithholdReason,
    },
    /// It is told to drop it after a change of consent, and would keep it.
    Kept {
        /// Why it may no longer have it.
        reason: WithholdReason,
    },
}

/// How an agency stands to a record it does not receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stood {
    /// The record does not concern it.
    Apart,
    /// It may not have it.
    Withheld(WithholdReason),
}

/// How an agency stands to a record: as decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Not concerned; a holder is told to drop what it holds.
    Apart,
    /// It receives it, in the shape of that number.
    Delivered(usize),
    /// It may not have it; a holder is told to drop what it holds.
    Withheld(WithholdReason),
}

/// Where a record is counted: a row by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) agency: usize,
    pub(super) event_type: EventType,
    pub(super) change: Change<usize>,
}

/// An event for which something would be otherwise, and where that is counted.
pub(super) struct Differing {
    pub(super) event: EventId,
    pub(super) place: Place,
}

/// The change between two decisions; none where the agency has as much as before. Another reason for
/// the same no is none: it moves no information.
pub(super) fn change(before: Stand, after: Stand) -> Option<Change<usize>> {
    match (before, after) {
        (Stand::Delivered(before), Stand::Delivered(after)) => {
            (before != after).then_some(Change::Reshaped { before, after })
        }
        (Stand::Delivered(lost), Stand::Withheld(reason)) => {
            Some(Change::Withheld { reason, lost })
        }
        (Stand::Delivered(lost), Stand::Apart) => Some(Change::Apart { lost }),
        (Stand::Apart, Stand::Delivered(gained)) => {
            Some(Change::Delivered { was: Stood::Apart, gained })
        }
        (Stand::Withheld(reason), Stand::Delivered(gained)) => {
            Some(Change::Delivered { was: Stood::Withheld(reason), gained })
        }
        (Stand::Apart, Stand::Withheld(reason)) => Some(Change::Refused { reason }),
        (Stand::Apart | Stand::Withheld(_), Stand::Apart)
        | (Stand::Withheld(_), Stand::Withheld(_)) => None,
    }
}

impl Change<usize> {
    /// With the shapes themselves.
    pub(super) fn shaped(self, shapes: &[Shape]) -> Change {
        let shape = |number: usize| shapes[number].clone();
        match self {
            Self::Delivered { was, gained } => Change::Delivered { was, gained: shape(gained) },
            Self::Withheld { reason, lost } => Change::Withheld { reason, lost: shape(lost) },
            Self::Apart { lost } => Change::Apart { lost: shape(lost) },
            Self::Reshaped { before, after } => {
                Change::Reshaped { before: shape(before), after: shape(after) }
            }
            Self::Refused { reason } => Change::Refused { reason },
            Self::CalledBack { reason } => Change::CalledBack { reason },
            Self::Kept { reason } => Change::Kept { reason },
        }
    }
}
