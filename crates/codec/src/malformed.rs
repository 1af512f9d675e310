//! Why bytes are not the record they should be. Never carries a byte of the input.

use std::fmt;

/// The kinds of fault in bytes. Each has a code and a page in `docs/errors/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// The bytes end inside a value.
    Truncated,
    /// A number does not fit the type of its field.
    Number,
    /// A text is not UTF-8.
    Text,
    /// An enum index names no symbol.
    Symbol,
    /// A union index names no branch.
    Branch,
    /// A length or count is negative, false, or over its limit.
    Length,
    /// Records nest deeper than the limit.
    Depth,
    /// Bytes follow the last field.
    LeftOver,
    /// Not exactly one of several alternatives is set.
    Alternatives,
    /// A value breaks the rule of its type (a boolean of 2, a citizen id with a wrong check digit).
    Value,
    /// No registry frame where one was expected.
    Unframed,
    /// The frame names a schema id this process does not know.
    UnknownId,
    /// The frame names the schema of another record than the one expected.
    OtherRecord,
    /// No single-object marker where one was expected.
    Unmarked,
    /// The single-object fingerprint belongs to another schema.
    Fingerprint,
    /// The event type of the envelope is not the one of the record it stands in.
    TypeMismatch,
    /// An older version of a record could not be brought up to today's schema.
    Upgrade,
    /// A delivery was given an identity the contract does not provide for.
    Identity,
}

impl Fault {
    /// Every fault, by code.
    pub const ALL: &'static [Self] = &[
        Self::Truncated,
        Self::Number,
        Self::Text,
        Self::Symbol,
        Self::Branch,
        Self::Length,
        Self::Depth,
        Self::LeftOver,
        Self::Alternatives,
        Self::Value,
        Self::Unframed,
        Self::UnknownId,
        Self::OtherRecord,
        Self::Unmarked,
        Self::Fingerprint,
        Self::TypeMismatch,
        Self::Upgrade,
        Self::Identity,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Truncated => "SP-1401",
            Self::Number => "SP-1402",
            Self::Text => "SP-1403",
            Self::Symbol => "SP-1404",
            Self::Branch => "SP-1405",
            Self::Length => "SP-1406",
            Self::Depth => "SP-1407",
            Self::LeftOver => "SP-1408",
            Self::Alternatives => "SP-1409",
            Self::Value => "SP-1410",
            Self::Unframed => "SP-1411",
            Self::UnknownId => "SP-1412",
            Self::OtherRecord => "SP-1413",
            Self::Unmarked => "SP-1414",
            Self::Fingerprint => "SP-1415",
            Self::TypeMismatch => "SP-1416",
            Self::Upgrade => "SP-1417",
            Self::Identity => "SP-1418",
        }
    }

    /// What is wrong, in words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Truncated => "the record ends inside a value; send it again whole",
            Self::Number => "a number does not fit its field; check the writer's schema",
            Self::Text => "a text is not UTF-8; convert it before encoding",
            Self::Symbol => {
                "an enum index names no symbol; the writer's schema is newer or another"
            }
            Self::Branch => "a union index names no branch; the writer's schema is another",
            Self::Length => {
                "a length or count is negative, false or over its limit; split the record"
            }
            Self::Depth => "records nest too deep; write fewer levels of exceptions",
            Self::LeftOver => "bytes follow the last field; the writer's schema is another",
            Self::Alternatives => {
                "not exactly one alternative is set; the writer is newer or wrong"
            }
            Self::Value => "a value breaks the rule of its type; mend it at the source",
            Self::Unframed => "no registry frame; write 0x00 and the 4-byte schema id first",
            Self::UnknownId => {
                "the schema id is not known here; register the schemas, then restart"
            }
            Self::OtherRecord => "the schema id is that of another record; check the topic",
            Self::Unmarked => "no single-object marker; write 0xC3 0x01 and the fingerprint first",
            Self::Fingerprint => "the fingerprint is of another schema; update the sender",
            Self::TypeMismatch => "envelope and record disagree about the event type",
            Self::Upgrade => "an older version could not be read under today's schema",
            Self::Identity => "the identity given is not the one the contract provides for",
        }
    }
}

/// Bytes that are not what they should be: which fault, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    fault: Fault,
    at: u32,
}

impl Malformed {
    /// A fault at a byte position of the input.
    #[cold]
    pub const fn new(fault: Fault, at: usize) -> Self {
        // Inputs are far smaller than 4 GiB; a larger position is shown cut, never wrong in kind.
        Self { fault, at: at as u32 }
    }

    /// The kind of fault.
    pub const fn fault(self) -> Fault {
        self.fault
    }

    /// The stable code, `SP-14xx`.
    pub const fn code(self) -> &'static str {
        self.fault.code()
    }

    /// What is wrong and what to do, in words.
    pub const fn what(self) -> &'static str {
        self.fault.what()
    }

    /// The byte at which it was noticed, from 0.
    pub const fn at(self) -> usize {
        self.at as usize
    }

    /// The same fault, seen from `bytes` further outside.
    #[must_use]
    pub const fn shifted(self, bytes: usize) -> Self {
        Self::new(self.fault, self.at() + bytes)
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (byte {})", self.code(), self.what(), self.at)
    }
}

impl std::error::Error for Malformed {}
