//! What an adapter sends and `ingest.v1` holds: a canonical event before admission.

use crate::body::Body;
use crate::envelope::Provenance;
use crate::ids::CitizenId;
use crate::private::Private;
use crate::{EventType, Timestamp};

/// Who the event is about, as the facility knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The citizen id, where the facility's person file or the row itself has one.
    pub citizen_id: Option<CitizenId>,
    /// The person number inside the facility (43 files: PID).
    pub local_id: Option<Private<String>>,
}

/// One message of `ingest.v1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The reporting facility, 5-digit code; must be the one whose token sent it.
    pub facility: String,
    /// Whose it is.
    pub subject: Subject,
    /// Names the event inside facility and type, e.g. `O:` + SEQ + `:` + DATE_SERV.
    pub natural_key: Private<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the source last edited it.
    pub recorded_at: Timestamp,
    /// Where it came from.
    pub provenance: Provenance,
    /// Names of fields the adapter filled.
    pub defaulted: Vec<String>,
    /// What it says.
    pub content: Content,
}

/// What a submission says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The event is so (new, repeated or corrected: admit finds out).
    Put(Body),
    /// The source deleted the event of this type.
    Retract(EventType),
    /// The adapter could not read a row; nothing of it is here but where it stands.
    Defect(Defect),
}

impl Content {
    /// The type of event the submission is about; a defect is about none.
    pub fn event_type(&self) -> Option<EventType> {
        match self {
            Self::Put(body) => Some(body.event_type()),
            Self::Retract(event_type) => Some(*event_type),
            Self::Defect(_) => None,
        }
    }
}

/// Bad input, told so that the sender can mend it: place, code and remedy, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Stable code, `SP-11xx` for adapters, `SP-13xx` for admit.
    pub code: String,
    /// The column at fault, empty when it is the whole row.
    pub column: String,
    /// What to do, one sentence.
    pub remedy: String,
}
