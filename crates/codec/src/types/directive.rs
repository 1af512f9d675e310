//! Consent directives. `schemas/types/directive`.

use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision, Purpose};

use crate::wire::macros::{enums, record};

enums! {
    "th.saphan.body.Effect" => Effect,
    "th.saphan.body.Purpose" => Purpose,
    "th.saphan.body.Grantor" => Grantor,
    "th.saphan.body.Method" => Method,
}

record! {
    "th.saphan.body.Directive" => Directive {
        directive_id, active, base, provisions, valid_from, valid_until, grantor, method, given_at,
        note,
    }
}

record! {
    nested "th.saphan.body.Provision" => Provision {
        effect, recipients, purposes, types, labels, facilities, data_from, data_until, exceptions,
    }
}
