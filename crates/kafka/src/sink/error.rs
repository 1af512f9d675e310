//! Why a sink stopped.

use crate::failure::Trouble;
use crate::group::{GroupError, Place};

/// The sink cannot go on without a person or a fresh process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// The log no longer holds the committed position.
    #[error(
        "a position committed by group {group} is no longer in its topic: records were deleted \
         before they were written; restore them or reset the group by hand"
    )]
    PositionMissing {
        /// Consumer group.
        group: String,
    },
    /// Two processes with one identity.
    #[error("another process runs as {identity}; give every copy its own ordinal")]
    Fenced {
        /// The shared identity.
        identity: String,
    },
    /// The planned range reads differently now.
    #[error(
        "the range planned for {topic}/{partition} cannot be read again as it was: the topic was \
         changed behind the log; compare the store with the log before resetting the group"
    )]
    PlanBroken {
        /// Topic.
        topic: String,
        /// Partition.
        partition: i32,
    },
    /// The metadata was not written by this sink.
    #[error(
        "the offset metadata of {topic}/{partition} is not a plan of this version; finish the range \
         with the version that wrote it, or clear it by committing the same offset without metadata"
    )]
    PlanUnreadable {
        /// Topic.
        topic: String,
        /// Partition.
        partition: i32,
    },
    /// The store reported a fatal failure.
    #[error("{0}")]
    Sink(Trouble),
    /// Trouble that should have passed did not.
    #[error("gave up after {attempts} attempts in a row, the last one ended with {last}")]
    GaveUp {
        /// Attempts without a written range in between.
        attempts: u32,
        /// What the last one ended with.
        last: Trouble,
    },
}

impl SinkError {
    /// The page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        match self {
            SinkError::PositionMissing { .. } => "SP-1503",
            SinkError::Fenced { .. } => "SP-1504",
            SinkError::GaveUp { .. } => "SP-1506",
            SinkError::PlanBroken { .. } => "SP-1515",
            SinkError::PlanUnreadable { .. } => "SP-1516",
            SinkError::Sink(trouble) => trouble.code,
        }
    }

    pub(super) fn broken(place: &Place) -> Self {
        SinkError::PlanBroken { topic: place.topic.clone(), partition: place.partition }
    }

    pub(super) fn unreadable(place: &Place) -> Self {
        SinkError::PlanUnreadable { topic: place.topic.clone(), partition: place.partition }
    }
}

/// How a session ends early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The group is joined anew.
    Restart(Trouble),
    /// Likewise, unless it happens again and again.
    Fenced,
    /// The sink returns.
    Final(SinkError),
}

impl Stop {
    pub fn of(error: GroupError, group: &str) -> Self {
        match error {
            GroupError::Passing(trouble) | GroupError::Broken(trouble) => Stop::Restart(trouble),
            GroupError::PositionMissing => {
                Stop::Final(SinkError::PositionMissing { group: group.to_owned() })
            }
            GroupError::Fenced => Stop::Fenced,
            GroupError::Stranded => Stop::Restart(GroupError::stranded()),
        }
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Stop::Restart(trouble)
    }
}
