//! Why a worker stopped.

use crate::failure::Trouble;
use crate::group::GroupError;

/// The worker cannot go on without a person or a fresh process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkerError {
    /// Input and state topic do not match.
    #[error(
        "topics {input} ({input_partitions} partitions) and {state} ({state_partitions}) must have \
         equal partition counts; recreate the state topic before the first record is routed"
    )]
    PartitionCounts {
        /// Input topic.
        input: String,
        /// Its partitions.
        input_partitions: usize,
        /// State topic.
        state: String,
        /// Its partitions.
        state_partitions: usize,
    },
    /// The log no longer holds the committed position.
    #[error(
        "a position committed by group {group} is no longer in topic {topic}: records were deleted \
         before they were applied; restore them or reset the group by hand"
    )]
    PositionMissing {
        /// Consumer group.
        group: String,
        /// Input topic.
        topic: String,
    },
    /// Two processes with one identity.
    #[error("another process runs as {identity}; give every copy its own ordinal")]
    Fenced {
        /// The shared identity.
        identity: String,
    },
    /// State, output and position do not fit together.
    #[error(
        "partition {partition} is torn: {detail}; see docs/errors/SP-1505.md before starting again"
    )]
    Torn {
        /// Partition of the input topic.
        partition: i32,
        /// What does not fit.
        detail: String,
    },
    /// The processor reported a fatal failure.
    #[error("{0}")]
    Processor(Trouble),
    /// Trouble that should have passed did not.
    #[error("gave up after {attempts} attempts in a row, the last one ended with {last}")]
    GaveUp {
        /// Attempts without a commit in between.
        attempts: u32,
        /// What the last one ended with.
        last: Trouble,
    },
}

impl WorkerError {
    /// The page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        match self {
            WorkerError::PartitionCounts { .. } => "SP-1502",
            WorkerError::PositionMissing { .. } => "SP-1503",
            WorkerError::Fenced { .. } => "SP-1504",
            WorkerError::Torn { .. } => "SP-1505",
            WorkerError::GaveUp { .. } => "SP-1506",
            WorkerError::Processor(trouble) => trouble.code,
        }
    }
}

/// How a session ends early.
#[derive(Debug)]
pub(super) enum Stop {
    /// Consumer and producer are made anew.
    Restart(Trouble),
    /// Likewise, unless it happens again and again.
    Fenced,
    /// The worker returns.
    Final(WorkerError),
}

impl From<WorkerError> for Stop {
    fn from(error: WorkerError) -> Self {
        Stop::Final(error)
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Stop::Restart(trouble)
    }
}

impl Stop {
    pub(super) fn of(error: GroupError, group: &str, topic: &str) -> Self {
        match error {
            GroupError::Passing(trouble) | GroupError::Broken(trouble) => Stop::Restart(trouble),
            GroupError::PositionMissing => Stop::Final(WorkerError::PositionMissing {
                group: group.to_owned(),
                topic: topic.to_owned(),
            }),
            GroupError::Fenced => Stop::Fenced,
            GroupError::Stranded => Stop::Restart(GroupError::stranded()),
        }
    }
}
