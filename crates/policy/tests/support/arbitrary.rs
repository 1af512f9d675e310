//! Small worlds: few agencies, types, labels, facilities and instants, so that rules meet events often.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use saphan_model::admission::HeldDirective;
use saphan_model::contract::{BasisKind, Contract, Filter, IdentityMode, OnRevoke, Rule};
use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision, Purpose};
use saphan_model::facets::{Facets, SchemeGroup};
use saphan_model::label::{Label, Labels};
use saphan_model::{
    AgencyId, Date, Envelope, EventId, EventType, PatientId, Provenance, Revision, Timestamp,
};
use saphan_policy::{PatientConsent, RouteTable};

const AGENCIES: [&str; 4] = ["alpha", "bravo", "charlie", "delta"];
const TYPES: [EventType; 2] = [EventType::Encounter, EventType::Referral];
const PURPOSES: [Purpose; 2] = [Purpose::Treatment, Purpose::Payment];
const LABELS: [Label; 2] = [Label::Hiv, Label::Abortion];
const FACILITIES: [&str; 2] = ["10001", "10002"];

/// Instants 0 to 9 and days 0 to 9 are all there are.
pub fn instant() -> impl Strategy<Value = Timestamp> {
    (0i64..10).prop_map(Timestamp)
}

fn date() -> impl Strategy<Value = Date> {
    (0i32..10).prop_map(Date)
}

/// One or the other.
pub fn effect() -> impl Strategy<Value = Effect> {
    select(vec![Effect::Permit, Effect::Deny])
}

fn labels() -> impl Strategy<Value = Labels> {
    subsequence(LABELS.to_vec(), 0..=2).prop_map(|it| it.into_iter().collect())
}

fn some_of<T: Clone + std::fmt::Debug + 'static>(
    all: &[T],
) -> impl Strategy<Value = Vec<T>> + use<T> {
    // Empty means "any", which is what makes provisions meet questions.
    prop_oneof![Just(Vec::new()), subsequence(all.to_vec(), 0..=all.len())]
}

fn texts(all: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    some_of(all).prop_map(|it| it.into_iter().map(str::to_owned).collect())
}

/// A provision whose own and inner effects come from `effects`.
pub fn provision(effects: Vec<Effect>) -> impl Strategy<Value = Provision> {
    let flat = (
        select(effects),
        texts(&AGENCIES),
        some_of(&PURPOSES),
        some_of(&TYPES),
        prop_oneof![2 => Just(Labels::NONE), 1 => labels()],
        texts(&FACILITIES),
        option::weighted(0.2, date()),
        option::weighted(0.2, date()),
    )
        .prop_map(|it| Provision {
            effect: it.0,
            recipients: it.1,
            purposes: it.2,
            types: it.3,
            labels: it.4,
            facilities: it.5,
            data_from: it.6,
            data_until: it.7,
            exceptions: Vec::new(),
        });
    flat.prop_recursive(2, 8, 2, |inner| {
        (inner.clone(), vec(inner, 0..3)).prop_map(|(mut outer, exceptions)| {
            outer.exceptions = exceptions;
            outer
        })
    })
}

/// Any provision.
pub fn any_provision() -> impl Strategy<Value = Provision> {
    provision(vec![Effect::Permit, Effect::Deny])
}

/// A directive whose base and provisions come from `effects`.
pub fn directive(effects: Vec<Effect>) -> impl Strategy<Value = Directive> {
    (
        select(effects.clone()),
        prop::bool::weighted(0.8),
        vec(provision(effects), 0..4),
        option::weighted(0.2, instant()),
        option::weighted(0.2, instant()),
        "[a-f]",
        instant(),
    )
        .prop_map(|it| Directive {
            directive_id: it.5,
            active: it.1,
            base: it.0,
            provisions: it.2,
            valid_from: it.3,
            valid_until: it.4,
            grantor: Grantor::Patient,
            method: Method::Electronic,
            given_at: it.6,
            note: None,
        })
}

/// Any directive.
pub fn any_directive() -> impl Strategy<Value = Directive> {
    directive(vec![Effect::Permit, Effect::Deny])
}

/// Up to four directives of one patient.
pub fn consent() -> impl Strategy<Value = PatientConsent> {
    vec(any_directive(), 0..4).prop_map(|all| {
        let entry = |(place, directive)| HeldDirective { event_id: event(place), directive };
        PatientConsent::from_held(all.into_iter().enumerate().map(entry).collect())
    })
}

/// The event that carried the directive of that number.
pub fn event(number: usize) -> EventId {
    EventId([u8::try_from(number).expect("few"); 16])
}

/// An event of a type any contract may name.
pub fn envelope() -> impl Strategy<Value = Envelope> {
    (select(TYPES.to_vec()), select(FACILITIES.to_vec()), date(), labels(), 1i32..3, any::<bool>())
        .prop_map(|(event_type, facility, day, labels, region, notifiable)| Envelope {
            event_id: EventId([9; 16]),
            revision: Revision([9; 16]),
            sequence: 0,
            patient: PatientId([9; 16]),
            sealed_citizen_id: None,
            facility: facility.to_owned(),
            event_type,
            occurred_at: day.thai_midnight(),
            recorded_at: day.thai_midnight(),
            labels,
            facets: Facets {
                region,
                province: String::new(),
                district: String::new(),
                scheme: SchemeGroup::Unknown,
                notifiable: if notifiable { vec!["66".to_owned()] } else { Vec::new() },
                counterpart: None,
                counterpart_region: None,
                main_code: None,
            },
            provenance: Provenance::default(),
            defaulted: Vec::new(),
        })
}

fn rule(event_type: EventType) -> impl Strategy<Value = Rule> {
    let bases = vec![BasisKind::Consent, BasisKind::Consent, BasisKind::Statute];
    let regions = prop_oneof![Just(Vec::new()), Just(vec![1])];
    let on_revoke = select(OnRevoke::ALL.to_vec());
    let notifiable = prop::bool::weighted(0.2);
    (select(PURPOSES.to_vec()), select(bases), labels(), regions, notifiable, on_revoke).prop_map(
        move |(purpose, basis, labels, regions, notifiable, on_revoke)| Rule {
            event_type,
            purpose,
            basis,
            basis_source: String::new(),
            filter: Filter { regions, notifiable, ..Filter::default() },
            fields: Vec::new(),
            identity: IdentityMode::None,
            labels,
            on_revoke,
        },
    )
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let [encounter, referral] = TYPES.map(rule);
    (option::weighted(0.8, encounter), option::weighted(0.8, referral))
        .prop_map(|(encounter, referral)| encounter.into_iter().chain(referral).collect())
}

/// Four agencies with two versions each, the second from instant 5.
pub fn table() -> impl Strategy<Value = RouteTable> {
    vec(rules(), 2 * AGENCIES.len()).prop_map(|all| {
        let contract = |(place, rules): (usize, Vec<Rule>)| {
            let version = place % 2;
            Contract {
                agency: AGENCIES[place / 2].parse::<AgencyId>().expect("an id"),
                name_th: String::new(),
                name_en: String::new(),
                version: if version == 0 { 1 } else { 2 },
                effective_from: Timestamp(if version == 0 { 1 } else { 5 }),
                rules,
            }
        };
        let contracts = all.into_iter().enumerate().map(contract).collect();
        RouteTable::new(contracts).expect("contracts that go together")
    })
}
