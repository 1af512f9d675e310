//! What the feed says, as facts: the oracle's input. The rows in the files are another form of
//! the same facts; no reader of files stands between.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::citizen::Cid;
use crate::consent::Directive;

macro_rules! event_types {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        /// The type of an event, by its word on the wire.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum EventType { $(#[allow(missing_docs)] $variant),+ }

        impl EventType {
            /// Every type.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

event_types! {
    Person = "person",
    Encounter = "encounter",
    Referral = "referral",
    ReferralReply = "referral-reply",
    Condition = "condition",
    Screening = "screening",
    Immunisation = "immunisation",
    Maternity = "maternity",
    Appointment = "appointment",
    Death = "death",
    Directive = "directive",
}

/// One event as one zip tells it.
#[derive(Clone, PartialEq)]
pub struct Put {
    /// Type.
    pub event_type: EventType,
    /// Natural key inside facility and type.
    pub key: Box<str>,
    /// PID.
    pub pid: Box<str>,
    /// The citizen id the rows carry, if they do.
    pub cid: Option<Cid>,
    /// Digest of everything the rows say but the citizen id.
    pub content: u64,
    /// When it happened.
    pub on: Date,
    /// INSTYPE of encounters.
    pub scheme: &'static str,
    /// All ICD-10 codes, the principal first, separated by spaces.
    pub icd10: Box<str>,
    /// CODE506 of a surveillance case.
    pub code506: &'static str,
    /// Principal diagnosis or main code; empty where the type has none.
    pub main: Box<str>,
    /// A visit (SERVICE), not a stay.
    pub ambulatory: bool,
    /// Where a referral goes, as an index of facilities.
    pub destination: Option<u16>,
    /// Does it say something in free text that it codes nowhere?
    pub uncoded: bool,
}

impl Put {
    /// An event of a type, with nothing special about it.
    pub fn new(event_type: EventType, key: String, pid: &str, on: Date) -> Self {
        Self {
            event_type,
            key: key.into(),
            pid: pid.into(),
            cid: None,
            content: 0,
            on,
            scheme: "",
            icd10: "".into(),
            code506: "",
            main: "".into(),
            ambulatory: false,
            destination: None,
            uncoded: false,
        }
    }
}

impl fmt::Debug for Put {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Put({}, redacted)", self.event_type.word())
    }
}

/// One thing a file says.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// The event is so. Person rows are puts of the type person; their `cid` is the link.
    Put(Put),
    /// The event is deleted.
    Retract {
        /// Type.
        event_type: EventType,
        /// Natural key.
        key: Box<str>,
        /// Where the row stands.
        place: Place,
    },
    /// A row nobody should accept.
    Defect {
        /// The code it must be refused with.
        code: &'static str,
        /// Where the row stands.
        place: Place,
    },
    /// A consent directive.
    Directive(Box<Directive>),
}

/// A row of a zip: its inner file and line, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Name of the inner file without extension.
    pub file: &'static str,
    /// Line in it, the header counted.
    pub line: u32,
}

/// One file of the feed.
#[derive(Debug)]
pub struct FeedFile {
    /// 1 and 3 consent, 2 and 4 clinical.
    pub phase: u8,
    /// Index of the facility it is from.
    pub facility: u16,
    /// File name.
    pub name: String,
    /// What it says, person rows first.
    pub items: Vec<Item>,
}

/// In which order the files are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// Phases 1, 2, 3, 4; in each, every facility's files by name.
    Forward,
    /// The same, each file twice in a row.
    Twice,
    /// Phases 1, 3, 4, 2; in each, files in the opposite order.
    Reverse,
}

impl Order {
    /// Every order there is a truth for.
    pub const ALL: &'static [Self] = &[Self::Forward, Self::Twice, Self::Reverse];

    /// The name of its folder.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Twice => "twice",
            Self::Reverse => "reverse",
        }
    }

    /// The files in this order. `files` are in forward order.
    pub fn apply(self, files: &[FeedFile]) -> Vec<&FeedFile> {
        let phase = |wanted: u8| files.iter().filter(move |it| it.phase == wanted);
        match self {
            Self::Forward => files.iter().collect(),
            Self::Twice => files.iter().flat_map(|it| [it, it]).collect(),
            Self::Reverse => [1, 3, 4, 2].into_iter().flat_map(|it| phase(it).rev()).collect(),
        }
    }
}
