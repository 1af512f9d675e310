//! What admit works out about an event: facets and sensitivity labels. Pure.

use saphan_model::body::{Body, Condition};
use saphan_model::facets::{Facets, SchemeGroup};
use saphan_model::label::Labels;
use saphan_topology::{Facility, Topology};

/// The sensitivity labels of an event: of every ICD-10 code in it; all where it speaks without codes,
/// so that a permission which leaves a category out withholds what may mention it.
pub fn labels(body: &Body, topology: &Topology) -> Labels {
    if body.uncoded() {
        return Labels::ALL;
    }
    body.icd10_codes().into_iter().flat_map(|code| topology.sensitive.labels(code).iter()).collect()
}

/// The routing facts of an event reported by `facility`; `None` for a retraction, which has no body.
pub fn facets(body: Option<&Body>, facility: &Facility, topology: &Topology) -> Facets {
    let counterpart = body.and_then(counterpart).map(|code| match topology.facilities.get(code) {
        Some(known) => (known.hospcode.clone(), Some(known.region)),
        None => (code.to_owned(), None),
    });
    Facets {
        region: facility.region,
        province: facility.province.clone(),
        district: facility.district.clone(),
        scheme: match body {
            Some(Body::Encounter(it)) => SchemeGroup::of_instype(&it.scheme),
            _ => SchemeGroup::Unknown,
        },
        notifiable: body.map(|it| notifiable(it, topology)).unwrap_or_default(),
        counterpart_region: counterpart.as_ref().and_then(|it| it.1),
        counterpart: counterpart.map(|it| it.0),
        main_code: body.and_then(main_code),
    }
}

fn counterpart(body: &Body) -> Option<&str> {
    match body {
        Body::Referral(it) => Some(&it.destination),
        Body::ReferralReply(it) => Some(&it.source_facility),
        _ => None,
    }
}

/// Report-506 codes: those of the ICD-10 codes, and those a surveillance case states itself.
fn notifiable(body: &Body, topology: &Topology) -> Vec<String> {
    let mut codes: Vec<String> = body
        .icd10_codes()
        .into_iter()
        .flat_map(|code| topology.notifiable.codes(code))
        .cloned()
        .collect();
    if let Body::Condition(condition) = body
        && let Condition::Surveillance(it) = condition.as_ref()
    {
        codes.push(it.code506.clone());
        codes.extend(it.last_code506.clone());
    }
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn main_code(body: &Body) -> Option<String> {
    match body {
        Body::Encounter(it) => it.principal().map(|it| it.code.clone()),
        Body::Condition(it) => Some(match it.as_ref() {
            Condition::Chronic(it) => it.code.clone(),
            Condition::Allergy(it) => it.drug_code.clone(),
            Condition::Surveillance(it) => it.code.clone(),
        }),
        Body::Immunisation(it) => Some(it.vaccine.clone()),
        Body::Death(it) => Some(it.cause.clone()),
        Body::Appointment(it) => it.diagnosis.clone(),
        Body::Person(_)
        | Body::Referral(_)
        | Body::ReferralReply(_)
        | Body::Maternity(_)
        | Body::Screening(_)
        | Body::Directive(_) => None,
    }
}
