//! Why a page cannot be shown, told to the reader in their language, to the operator by a code.

use axum::http::StatusCode;
use saphan_store::{Failure, QueryError};

use crate::text::Texts;

/// A page that cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// SP-1801: ClickHouse does not answer.
    #[error("the tables cannot be read now: {0}")]
    Down(QueryError),
    /// SP-1802: no such page or place.
    #[error("no such page or place")]
    Missing,
    /// SP-1803: a value in the address is not known.
    #[error("a value in the address is not known")]
    Question,
    /// SP-1804: ClickHouse answers what we do not understand, or refuses.
    #[error("the tables do not fit this version: {0}")]
    Fault(QueryError),
    /// SP-1805: too many pages at once.
    #[error("too many pages are asked for at once")]
    Busy,
}

impl From<QueryError> for PageError {
    fn from(error: QueryError) -> Self {
        match error.failure {
            Failure::Unreachable | Failure::Busy { .. } => Self::Down(error),
            // Without tables nothing has been written yet: wait for the sinks.
            Failure::Refused { code: 60 | 81 } => Self::Down(error),
            Failure::Refused { .. } | Failure::Answer => Self::Fault(error),
        }
    }
}

impl PageError {
    /// The code of its page.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Down(_) => "SP-1801",
            Self::Missing => "SP-1802",
            Self::Question => "SP-1803",
            Self::Fault(_) => "SP-1804",
            Self::Busy => "SP-1805",
        }
    }

    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Down(_) | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Question => StatusCode::BAD_REQUEST,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the reader is told.
    pub const fn sentence(&self, texts: &Texts) -> &'static str {
        match self {
            Self::Down(_) => texts.error_down,
            Self::Missing => texts.error_missing,
            Self::Question => texts.error_question,
            Self::Fault(_) => texts.error_fault,
            Self::Busy => texts.error_busy,
        }
    }
}
