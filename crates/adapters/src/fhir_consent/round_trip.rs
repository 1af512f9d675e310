//! A directive written as a Consent is the same directive when it is read.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision, Purpose};
use saphan_model::{CitizenId, Date, EventType, Label, Timestamp};

use super::directive::read;
use super::write::resource;

fn effect() -> impl Strategy<Value = Effect> {
    select(Effect::ALL)
}

fn some<T: Clone + std::fmt::Debug + 'static>(all: &[T]) -> impl Strategy<Value = Vec<T>> + use<T> {
    subsequence(all.to_vec(), 0..=all.len())
}

fn texts(all: &[&str]) -> impl Strategy<Value = Vec<String>> + use<> {
    some(&all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
}

fn day() -> impl Strategy<Value = Option<Date>> {
    option::of((-30_000i32..60_000).prop_map(Date))
}

fn provision() -> impl Strategy<Value = Provision> {
    let flat = (
        effect(),
        texts(&["health-link", "nhso"]),
        some(Purpose::ALL),
        some(EventType::DELIVERABLE),
        some(Label::ALL),
        texts(&["10670", "99001"]),
        (day(), day()),
    );
    let flat = flat.prop_map(|it| Provision {
        effect: it.0,
        recipients: it.1,
        purposes: it.2,
        types: it.3,
        labels: it.4.into_iter().collect(),
        facilities: it.5,
        data_from: it.6.0,
        data_until: it.6.1,
        exceptions: Vec::new(),
    });
    flat.prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), vec(inner, 0..3)).prop_map(|(mut outer, exceptions)| {
            outer.exceptions = exceptions;
            outer
        })
    })
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0i64..4_000_000_000_000).prop_map(Timestamp)
}

fn directive() -> impl Strategy<Value = Directive> {
    (
        "[A-Za-z0-9.-]{1,64}",
        any::<bool>(),
        effect(),
        vec(provision(), 0..4),
        option::of(instant()),
        option::of(instant()),
        (select(Grantor::ALL), select(Method::ALL)),
        instant(),
    )
        .prop_map(|it| Directive {
            directive_id: it.0,
            active: it.1,
            base: it.2,
            provisions: it.3,
            valid_from: it.4,
            valid_until: it.5,
            grantor: it.6.0,
            method: it.6.1,
            given_at: it.7,
            note: None,
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(directive in directive()) {
        let patient = CitizenId::parse("1234567890121").expect("a made-up id");
        let consent = resource(&directive, patient, "10670");
        let again = read(&consent).map_err(|it| TestCaseError::fail(format!("{it:?}: {consent}")))?;
        prop_assert_eq!(again.citizen_id, patient);
        prop_assert_eq!(super::directive::organization(&consent), Some("10670"));
        prop_assert_eq!(again.directive, Some(directive));
    }
}
