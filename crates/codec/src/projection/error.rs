//! What can be wrong with a rule's fields.

use saphan_model::EventType;
use saphan_model::contract::IdentityMode;

/// Why no projection can be derived from a rule. Every sentence says what to change in the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectionError {
    /// The type never leaves the platform.
    #[error("SP-1420: {0} is never delivered; remove the rule")]
    Undeliverable(EventType),
    /// A path names no field.
    #[error("SP-1421: {event_type} has no field `{path}`; did you mean `{nearest}`?")]
    UnknownField {
        /// The rule's type.
        event_type: EventType,
        /// The path as written.
        path: String,
        /// The existing path most like it.
        nearest: String,
    },
    /// A path is named twice, or once itself and once as part of another.
    #[error("SP-1422: `{0}` is named twice; name it, or fields inside it, once")]
    Repeated(String),
    /// The rule names no field of the body.
    #[error("SP-1423: the rule for {0} names no field of the body; name at least one")]
    NoFields(EventType),
    /// An envelope field that is there anyway, or is given by `identity`.
    #[error("SP-1424: `{path}` cannot be named; {reason}")]
    Reserved {
        /// The path as written.
        path: String,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// A personal field under an identity that must not let the person be known.
    #[error(
        "SP-1425: `{path}` tells who the patient is, but the rule's identity is {identity}; remove the field or change the identity"
    )]
    Identifying {
        /// The personal field.
        path: String,
        /// The rule's identity.
        identity: IdentityMode,
    },
    /// The schema has a form projections do not know; found by tests of the schema files.
    #[error("SP-1426: `{0}` has a schema that cannot be projected")]
    Unsupported(String),
}
