//! What no waiting mends.

use crate::outbox::OutboxError;

/// Why the sender stopped. The outbox keeps everything that was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The gateway does not take this token.
    #[error(
        "SP-1232: the gateway refuses the facility's token ({detail}); nothing is lost: ask the centre \
         for a new token, put it in the token file and start again"
    )]
    TokenRefused {
        /// What the gateway said: code and sentence.
        detail: String,
    },
    /// The address cannot be used, or no gateway answers there.
    #[error("SP-1233: {url} cannot be used as the gateway: {reason}; check edge.gateway-url")]
    Address {
        /// As configured.
        url: String,
        /// Why.
        reason: String,
    },
    /// Another sender works on this outbox.
    #[error("SP-1234: another sender holds {path}; stop it first, or let it do the work")]
    Busy {
        /// The lock file.
        path: String,
    },
    /// The lock file cannot be used.
    #[error("SP-1234: the lock file {path} cannot be used: {reason}")]
    Lock {
        /// The lock file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// The token or certificate file cannot be read.
    #[error("SP-1236: {0}")]
    Credentials(String),
    /// The gateway could not be asked. Only [`super::Sender::check`] gives up so soon.
    #[error(
        "SP-1237: the gateway did not answer: {0}; check the line, the address and the time of day"
    )]
    Unreachable(String),
    /// The outbox failed.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl SenderError {
    /// Its page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenRefused { .. } => "SP-1232",
            Self::Address { .. } => "SP-1233",
            Self::Busy { .. } | Self::Lock { .. } => "SP-1234",
            Self::Credentials(_) => "SP-1236",
            Self::Unreachable(_) => "SP-1237",
            Self::Outbox(it) => it.code(),
        }
    }
}
