//! The envelope and what it is made of. `schemas/envelope`.

use saphan_model::envelope::RetractReason;
use saphan_model::facets::{Facets, SchemeGroup};
use saphan_model::{Defect, Envelope, EventType, Label, Provenance};

use crate::wire::macros::{enums, record};

enums! {
    "th.saphan.EventType" => EventType,
    "th.saphan.Label" => Label,
    "th.saphan.SchemeGroup" => SchemeGroup,
    "th.saphan.body.RetractReason" => RetractReason,
}

record! {
    "th.saphan.Envelope" => Envelope {
        event_id, revision, sequence, patient, sealed_citizen_id, facility, event_type,
        occurred_at, recorded_at, labels, facets, provenance, defaulted,
    }
    "th.saphan.Facets" => Facets {
        region, province, district, scheme, notifiable, counterpart, counterpart_region, main_code,
    }
    "th.saphan.Provenance" => Provenance { source, document, file, line, adapter }
    "th.saphan.Defect" => Defect { code, column, remedy }
}
