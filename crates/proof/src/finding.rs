//! What a verification can find: one closed list, each with a code, a page in `docs/errors` and a
//! sentence for a data-protection officer.

use saphan_model::{EventId, Timestamp};

macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident = $code:literal, $name:literal, $meaning:literal;)+) => {
        /// The kinds of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$meta])* $variant,)+ }

        impl Kind {
            /// Every kind, by code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// `SP-NNNN`, the page in `docs/errors`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The name in reports.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it means, in a sentence for a data-protection officer.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

kinds! {
    /// An agency's topic holds what the log does not permit.
    Leak = "SP-2001", "leak",
        "An agency received information it was not permitted to have.";
    /// Permitted, decided, and not there.
    Loss = "SP-2002", "loss",
        "An agency did not receive information, or the order to drop it, that was due to it.";
    /// The same source twice in one topic.
    Duplicate = "SP-2003", "duplicate",
        "An agency received the same information more than once.";
    /// Right source, right agency, other bytes.
    WrongContent = "SP-2004", "wrong-content",
        "An agency received other content, or other fields, than its contract gives it.";
    /// One agency's delivery in another agency's topic.
    WrongAgency = "SP-2005", "wrong-agency",
        "Information meant for one agency was given to another.";
    /// One person's records out of order.
    WrongOrder = "SP-2006", "wrong-order",
        "An agency received a person's information in another order than it happened, so that an old \
         state can replace a new one.";
    /// No decision for a record of the log.
    DecisionMissing = "SP-2007", "decision-missing",
        "There is no evidence of what was decided about an event.";
    /// The decision is not what the log leads to.
    DecisionDiffers = "SP-2008", "decision-differs",
        "The evidence says something else than what the contracts and the patient's directives lead to.";
    /// Decisions of a partition not in its order.
    DecisionOutOfOrder = "SP-2009", "decision-out-of-order",
        "The evidence is not in the order of the events, so that the last word on a person may not be \
         the newest one.";
    /// A decision about nothing.
    DecisionWithoutRecord = "SP-2010", "decision-without-record",
        "There is evidence of a decision about an event that never was.";
    /// Two decisions about one record.
    DecisionDoubled = "SP-2011", "decision-doubled",
        "There is more than one decision about the same event.";
    /// The ledger does not account for every submission exactly once.
    ConservationBroken = "SP-2012", "conservation-broken",
        "What facilities sent is not accounted for exactly once: something was lost, or counted twice.";
    /// Another pseudonym than the agency's key makes, or a citizen id that cannot be opened.
    WrongKey = "SP-2013", "wrong-key",
        "A person was named with another key than the platform's, so that records of one person fall \
         apart, or those of two agencies can be joined.";
    /// A record that cannot be read.
    Unreadable = "SP-2014", "unreadable",
        "A record of the platform cannot be read, so nothing can be proved about it.";
    /// Deliveries without their decision.
    TornTransaction = "SP-2015", "torn-transaction",
        "Information left without the decision that belongs to it, although both are written together.";
    /// Results of records that count as not yet processed.
    AheadOfOffset = "SP-2016", "ahead-of-offset",
        "Results exist of events that count as not yet processed, so that they would be processed twice.";
    /// In another partition than its key's.
    WrongPartition = "SP-2017", "wrong-partition",
        "A person's records are spread over several partitions, so that nobody can say which is the newest.";
    /// Delivered although the person had withdrawn before it left.
    OverlayIgnored = "SP-2018", "overlay-ignored",
        "An agency received information after the person had taken back the consent it rested on.";
    /// A record of the patient log that no submission stands behind.
    LogForged = "SP-2019", "log-forged",
        "The patient log holds a record that no facility sent, or the same one twice.";
    /// Route's state is not what the log leads to.
    StateDiffers = "SP-2020", "state-differs",
        "What the router remembers of people's consent, or of who holds what, is not what happened, so that \
         it would decide wrongly from now on.";
}

/// A place in a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
}

/// One finding. Names no person: events and positions only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The record of the patient log, or of `ingest.v1` for the ledger, it is about.
    pub source: Option<Place>,
    /// When that record was appended.
    pub appended_at: Option<Timestamp>,
    /// The event.
    pub event_id: Option<EventId>,
    /// The agency concerned.
    pub agency: Option<String>,
    /// Where the wrong record stands; none where one is missing.
    pub found_at: Option<Place>,
    /// What was found, in a sentence.
    pub detail: String,
}

impl Finding {
    /// A finding with nothing but its sentence.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            source: None,
            appended_at: None,
            event_id: None,
            agency: None,
            found_at: None,
            detail: detail.into(),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.topic, self.partition, self.offset)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
