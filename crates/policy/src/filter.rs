//! Does a record satisfy a contract's filter? Reads facets only.

use saphan_model::Envelope;
use saphan_model::contract::Filter;

/// Every condition that is given must hold; an empty list is no condition.
pub(crate) fn admits(filter: &Filter, envelope: &Envelope) -> bool {
    let facets = &envelope.facets;
    if !filter.regions.is_empty() && !filter.regions.contains(&facets.region) {
        return false;
    }
    if !filter.facilities.is_empty() && !filter.facilities.contains(&envelope.facility) {
        return false;
    }
    if !filter.schemes.is_empty() && !filter.schemes.contains(&facets.scheme) {
        return false;
    }
    if filter.notifiable && facets.notifiable.is_empty() {
        return false;
    }
    let codes = &filter.notifiable_codes;
    if !codes.is_empty() && !facets.notifiable.iter().any(|it| codes.contains(it)) {
        return false;
    }
    if !filter.counterparts.is_empty() {
        return facets.counterpart.as_ref().is_some_and(|it| filter.counterparts.contains(it));
    }
    true
}
