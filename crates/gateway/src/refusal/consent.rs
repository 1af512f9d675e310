//! What is refused about withdrawals of consent and their receipts alone.

use axum::http::StatusCode;

use crate::withdrawal::Fault;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfConsent {
    /// Another content type than JSON.
    NotJson,
    /// A body that is no withdrawal.
    Withdrawal(Fault),
    /// No such receipt, or another facility's.
    NoReceipt,
    /// Admit took a withdrawal for none.
    SetAside,
    /// The log does not tell now.
    Untold,
}

impl OfConsent {
    /// Status, code and sentence.
    pub const fn told(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NotJson => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "SP-1240",
                "send Content-Type: application/json, not compressed",
            ),
            Self::Withdrawal(fault) => (StatusCode::BAD_REQUEST, fault.code(), fault.remedy()),
            Self::NoReceipt => (
                StatusCode::NOT_FOUND,
                "SP-1245",
                "this facility has no such receipt; copy the address from Location as it is, and ask with \
                 the token it was sent with",
            ),
            Self::SetAside => (
                StatusCode::CONFLICT,
                "SP-1246",
                "the withdrawal is no change of consent: it was set aside, or a later one took its place; ask \
                 the centre, have the cause mended, and send it again",
            ),
            Self::Untold => (
                StatusCode::SERVICE_UNAVAILABLE,
                "SP-1247",
                "the log does not tell about receipts now; ask the same again after Retry-After",
            ),
        }
    }
}
