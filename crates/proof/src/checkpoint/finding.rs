//! What a check of checkpoints can find: a closed list, each with a code and a page in `docs/errors`.

/// The kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BrokenKind {
    /// A checkpoint that the key did not sign, or that is none.
    Forged,
    /// Records were altered, dropped, inserted or put in another order.
    Altered,
    /// Records are gone from the end, or from the beginning before their time.
    Shortened,
    /// Checkpoints do not follow from each other.
    Inconsistent,
    /// A patient's list is not the whole list.
    ListIncomplete,
}

impl BrokenKind {
    /// Every kind, by code.
    pub const ALL: [Self; 5] =
        [Self::Forged, Self::Altered, Self::Shortened, Self::Inconsistent, Self::ListIncomplete];

    /// `SP-NNNN`, the page in `docs/errors`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Forged => "SP-2061",
            Self::Altered => "SP-2062",
            Self::Shortened => "SP-2063",
            Self::Inconsistent => "SP-2064",
            Self::ListIncomplete => "SP-2065",
        }
    }

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forged => "forged-checkpoint",
            Self::Altered => "history-altered",
            Self::Shortened => "history-shortened",
            Self::Inconsistent => "checkpoints-inconsistent",
            Self::ListIncomplete => "list-incomplete",
        }
    }

    /// What it means, in a sentence for a data-protection officer.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Forged => "A checkpoint was not signed by the key it must be signed by.",
            Self::Altered => {
                "What was decided or delivered is recorded otherwise than it was when the checkpoint was \
                 made: records were altered, dropped, inserted or put in another order."
            }
            Self::Shortened => "Records that a checkpoint speaks of are not there any more.",
            Self::Inconsistent => {
                "The checkpoints do not follow from each other: some are missing, were exchanged, or tell \
                 two different stories."
            }
            Self::ListIncomplete => {
                "A patient's list of decisions is not the whole list that was committed to."
            }
        }
    }
}

impl std::fmt::Display for BrokenKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding. Names no person: topics, positions and checkpoints only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}", code = .kind.code())]
pub struct Broken {
    /// What it is.
    pub kind: BrokenKind,
    /// The number of the checkpoint it shows at, from 1.
    pub checkpoint: Option<u64>,
    /// The topic and partition.
    pub place: Option<(String, i32)>,
    /// What was found, in a sentence.
    pub detail: String,
}

impl Broken {
    /// A finding with nothing but its sentence.
    pub fn new(kind: BrokenKind, detail: impl Into<String>) -> Self {
        Self { kind, checkpoint: None, place: None, detail: detail.into() }
    }

    /// The same, at a checkpoint.
    #[must_use]
    pub fn at(self, checkpoint: u64) -> Self {
        Self { checkpoint: Some(checkpoint), ..self }
    }
}
