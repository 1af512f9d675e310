//! Decisions. `schemas/decision`.

use saphan_model::contract::BasisKind;
use saphan_model::decision::{Decision, Outcome, OutcomeKind, Recalled, WithholdReason};

use crate::wire::macros::{enums, record};

enums! {
    "th.saphan.OutcomeKind" => OutcomeKind,
    "th.saphan.WithholdReason" => WithholdReason,
    "th.saphan.BasisKind" => BasisKind,
}

record! {
    "th.saphan.Decision" => Decision {
        partition, offset, appended_at, event_id, revision, event_type, facility, outcomes,
        recalls,
    }
    "th.saphan.Outcome" => Outcome {
        agency, kind, reason, basis, directive_id, contract_version,
    }
    "th.saphan.Recalled" => Recalled {
        event_id, event_type, facility, agency, reason, directive_id, contract_version,
    }
}
