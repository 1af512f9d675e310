//! Consent directives. `schemas/types/directive`.

use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision, Purpose};

use saphan_model::limits::PROVISIONS_MAX;

use crate::wire::macros::{enums, record};

enums! {
    "th.saphan.body.Effect" => Effect,
    "th.saphan.body.Purpose" => Purpose,
    "th.saphan.body.Grantor" => Grantor,
    "th.saphan.body.Method" => Method,
}

record! {
    checked by within_limits, "th.saphan.body.Directive" => Directive {
        directive_id, active, base, provisions, valid_from, valid_until, grantor, method, given_at,
        note,
    }
}

record! {
    nested "th.saphan.body.Provision" => Provision {
        effect, recipients, purposes, types, labels, facilities, data_from, data_until, exceptions,
    }
}

fn within_limits(directive: &Directive) -> bool {
    fn count(provisions: &[Provision]) -> usize {
        provisions.iter().map(|it| 1 + count(&it.exceptions)).sum()
    }
    count(&directive.provisions) <= PROVISIONS_MAX
}
