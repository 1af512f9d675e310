//! A member of a consumer group. Turns librdkafka's callbacks into one closed enum, [`LogEvent`], so
//! that the loops handle a rebalance at a point of their choosing: a revoked partition stays ours until
//! [`Member::release`] answers. Must not know what is done with the records.

mod context;
mod coverage;
mod fences;
mod hush;
mod member;
mod watch;

use std::fmt;
use std::time::Duration;

use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;

pub(crate) use fences::Fences;
pub(crate) use hush::Hush;
pub(crate) use member::{Member, MemberConfig};

use crate::failure::Trouble;

/// One partition of one topic.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub topic: String,
    pub partition: i32,
}

/// Where to start a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Offset(i64),
    Beginning,
}

/// What a poll brought.
pub(crate) enum LogEvent<'a> {
    Record(BorrowedMessage<'a>),
    /// The partitions are offered; answer with [`Member::take`].
    Assigned(Vec<Place>),
    /// The partitions must be given up; answer with [`Member::release`]. When `lost`, somebody else may
    /// own them already, so nothing can be committed.
    Revoked {
        places: Vec<Place>,
        lost: bool,
    },
    /// Nothing came within the timeout.
    Idle,
    Error(GroupError),
}

/// Why a member of a group cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupError {
    /// Passes by itself; the client keeps trying.
    Passing(Trouble),
    /// The member must be made anew.
    Broken(Trouble),
    /// The committed position is no longer in the log.
    PositionMissing,
    /// Another process uses the same identity.
    Fenced,
    /// Partitions have no owner, and this member must leave and join again for the group to see it.
    Stranded,
}

impl Start {
    /// From the committed position, or the beginning when the group never committed one.
    pub fn at(committed: Option<i64>) -> Self {
        committed.map_or(Start::Beginning, Start::Offset)
    }
}

impl GroupError {
    /// What [`GroupError::Stranded`] is told as.
    pub fn stranded() -> Trouble {
        let text = "partitions stayed without an owner; leaving the group so that it assigns anew";
        Trouble::new("SP-1518", text)
    }

    pub fn of(error: &KafkaError) -> Self {
        use rdkafka::error::RDKafkaErrorCode as Code;
        let text = describe(error);
        match error.rdkafka_error_code() {
            Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => GroupError::PositionMissing,
            Some(Code::FencedInstanceId) => GroupError::Fenced,
            _ if matches!(error, KafkaError::MessageConsumptionFatal(_)) => {
                GroupError::Broken(Trouble::new("SP-1501", text))
            }
            Some(
                Code::UnknownTopic
                | Code::UnknownTopicOrPartition
                | Code::TopicAuthorizationFailed
                | Code::GroupAuthorizationFailed
                | Code::Authentication
                | Code::SaslAuthenticationFailed,
            ) => GroupError::Broken(Trouble::new("SP-1501", text)),
            _ => GroupError::Passing(Trouble::new("SP-1501", text)),
        }
    }
}

/// A sentence for a client error. Settings are named without their value, which may be a secret.
pub(crate) fn describe(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, _, key, _) => {
            format!("the client refuses the value of setting {key}")
        }
        KafkaError::Transaction(error) => format!("transaction error {}: {error}", error.name()),
        other => other.to_string(),
    }
}

/// Time left until `deadline`, for calls that want a duration.
pub(crate) fn left(deadline: std::time::Instant) -> Duration {
    deadline.saturating_duration_since(std::time::Instant::now())
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}
