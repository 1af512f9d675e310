//! What admit and route keep and tell. `schemas/quarantined`, `schemas/admission-ledger`,
//! `schemas/consent-change`, `schemas/state`.

use saphan_model::admission::{
    AdmissionCount, AdmissionLedger, ConsentChange, ConsentState, EventState, HeldDirective,
    Holding, LinkState, Quarantined, Recallable, RefusalState,
};

use crate::wire::macros::record;

record! {
    "th.saphan.AdmissionLedger" => AdmissionLedger {
        partition, first_offset, next_offset, appended_at, counts,
    }
    "th.saphan.AdmissionCount" => AdmissionCount {
        facility, event_type, admitted, unchanged, quarantined, appended,
    }
    "th.saphan.Quarantined" => Quarantined {
        facility, defect, provenance, event_id, partition, offset, appended_at, mended_at,
    }
    "th.saphan.state.EventState" => EventState {
        revision, patient, sequence, event_type, held, origin,
    }
    "th.saphan.state.RefusalState" => RefusalState { sequence, origin, content, deletion }
    "th.saphan.state.LinkState" => LinkState { patient, sequence, sealed_citizen_id, events }
    "th.saphan.state.ConsentState" => ConsentState { applied_offset, directives }
    "th.saphan.state.HeldDirective" => HeldDirective { event_id, directive }
    "th.saphan.ConsentChange" => ConsentChange {
        partition, offset, appended_at, event_id, directive,
    }
    "th.saphan.state.Holding" => Holding {
        applied_offset, event_type, agencies, recallable,
    }
    "th.saphan.state.Recallable" => Recallable {
        agencies, revision, sequence, facility, occurred_at, labels,
    }
}
