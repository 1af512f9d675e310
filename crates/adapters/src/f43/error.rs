//! Why a document as a whole could not be read.

use std::io;

use super::defect::Code;
use super::people::IndexError;
use crate::outcome::SinkError;

/// The reading of a document ended early. Submissions made before are good: each stands for itself.
#[derive(Debug, thiserror::Error)]
pub enum F43Error {
    /// The file or folder cannot be read.
    #[error("SP-1130: the document cannot be read; check that it exists and may be read")]
    Open(#[source] io::Error),
    /// No facility code in the name, and none given.
    #[error(
        "SP-1119: the document's name has no facility code; name it F43_<hospcode>_<date and time>.zip or give the facility"
    )]
    NoFacility,
    /// A code that is no 5-digit code and not paired with one.
    #[error(
        "SP-1119: the facility code is not 5 digits and not in the list of 9-character codes; give the 5-digit code"
    )]
    UnknownFacility,
    /// The name says another facility than the one given.
    #[error("SP-1119: the document's name has the code of another facility than the one given")]
    OtherFacility,
    /// The zip, or a file in it, is damaged or made in a way that is not read.
    #[error("SP-1113: the zip cannot be read; make it again and send it whole")]
    UnreadableZip(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The zip unpacks to far more than a real export, or its parts overlap.
    #[error("SP-1114: the zip unpacks to far more than a real export; make it again")]
    ZipBomb,
    /// The temporary folder is full or not writable.
    #[error(
        "SP-1131: rows cannot be kept in the temporary folder; make room there or name another one"
    )]
    Spill(#[source] io::Error),
    /// The receiver failed.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The person index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl F43Error {
    /// Its page in `docs/errors`; none where the cause has one of its own.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Open(_) => Some("SP-1130"),
            Self::Spill(_) => Some("SP-1131"),
            _ => match self.defect() {
                Some(code) => Some(code.as_str()),
                None => None,
            },
        }
    }

    /// The defect to submit: a fault of the document itself, not trouble on this side, which passes.
    pub(super) const fn defect(&self) -> Option<Code> {
        match self {
            Self::NoFacility | Self::UnknownFacility | Self::OtherFacility => Some(Code::Facility),
            Self::UnreadableZip(_) => Some(Code::UnreadableZip),
            Self::ZipBomb => Some(Code::ZipBomb),
            Self::Open(_) | Self::Spill(_) | Self::Sink(_) | Self::Index(_) => None,
        }
    }
}
