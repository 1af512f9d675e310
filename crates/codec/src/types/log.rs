//! Bodies of the two record types that carry no clinical body. `schemas/log`.

use saphan_model::envelope::RetractReason;
use saphan_model::{EventType, PatientId};

use crate::wire::macros::record;

/// Body of a retraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetractionBody {
    pub(crate) retracted_type: EventType,
    pub(crate) reason: RetractReason,
}

/// Body of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkBody {
    pub(crate) former: PatientId,
}

record! {
    "th.saphan.body.Retraction" => RetractionBody { retracted_type, reason }
    "th.saphan.body.Link" => LinkBody { former }
}
