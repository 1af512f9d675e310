//! The schema files, carried in the program. Versions of one folder stand oldest first.

macro_rules! sources {
    ($($path:literal,)+) => {
        &[$(($path, include_str!(concat!("../../../../schemas/", $path, ".avsc")))),+]
    };
}

/// Path below `schemas/` without `.avsc`, and text, of every schema file.
pub static SOURCES: &[(&str, &str)] = sources! {
    "admission-ledger/v1",
    "consent-change/v1",
    "decision/v1",
    "decision/v2",
    "envelope/v1",
    "log/appointment/v1",
    "log/condition/v1",
    "log/death/v1",
    "log/directive/v1",
    "log/encounter/v1",
    "log/immunisation/v1",
    "log/link/v1",
    "log/maternity/v1",
    "log/person/v1",
    "log/referral-reply/v1",
    "log/referral/v1",
    "log/retraction/v1",
    "log/screening/v1",
    "quarantined/v1",
    "quarantined/v2",
    "state/consent/v1",
    "state/event/v1",
    "state/event/v2",
    "state/holding/v1",
    "state/holding/v2",
    "state/link/v1",
    "state/refusal/v1",
    "submission-batch/v1",
    "submission/v1",
    "types/appointment/v1",
    "types/condition/v1",
    "types/death/v1",
    "types/defect/v1",
    "types/directive/v1",
    "types/encounter/v1",
    "types/event-type/v1",
    "types/ids/v1",
    "types/immunisation/v1",
    "types/label/v1",
    "types/maternity/v1",
    "types/person/v1",
    "types/provenance/v1",
    "types/referral-reply/v1",
    "types/referral/v1",
    "types/screening/v1",
};
