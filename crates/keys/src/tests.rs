use proptest::prelude::*;

use super::*;

fn keys() -> Keys {
    Keys::from_seed(&[7; 32])
}

fn citizen(text: &str) -> CitizenId {
    CitizenId::parse(text).expect("a valid citizen id")
}

fn some_citizen() -> impl Strategy<Value = CitizenId> {
    (0u64..1_000_000_000_000).prop_map(|n| {
        (0..10)
            .find_map(|check| CitizenId::parse(&format!("{n:012}{check}")).ok())
            .expect("one check digit fits")
    })
}

/// Stored data depends on these bytes: a change here is a change of every name ever given.
#[test]
fn names_stay_as_they_are() {
    let keys = keys();
    let id = citizen("1234567890121");
    let event = keys.event_id("10670", Some(EventType::Encounter), "O:1:20260102");
    let agency = "ddc".parse().expect("an agency id");
    let golden = [
        ("pseudonym", hex::encode(keys.pseudonym(&id).0)),
        ("local", hex::encode(keys.local_pseudonym("10670", "12").0)),
        ("link", hex::encode(keys.link_key("10670", "12"))),
        ("event", event.to_hex()),
        ("revision", keys.revision(event, b"body").to_hex()),
        ("agency", hex::encode(keys.agency_pseudonym(&agency, PatientId([1; 16])))),
        ("sealed", hex::encode(keys.seal(&id, &event.0))),
    ];
    let text: String = golden.iter().map(|(name, value)| format!("{name} {value}\n")).collect();
    assert_eq!(text, include_str!("tests/golden.txt"));
}

#[test]
fn sealed_text_opens_only_in_its_place() {
    let keys = keys();
    let id = citizen("1234567890121");
    let sealed = keys.seal(&id, b"here");
    assert_eq!(sealed.len(), 54);
    assert_eq!(keys.open(&sealed, b"here"), Ok(id));
    assert_eq!(keys.open(&sealed, b"there"), Err(OpenError::Refused));
    assert_eq!(Keys::from_seed(&[8; 32]).open(&sealed, b"here"), Err(OpenError::Refused));
    assert_eq!(keys.open(&[], b"here"), Err(OpenError::Malformed));
    assert_eq!(keys.open(&sealed[..20], b"here"), Err(OpenError::Malformed));
    assert_eq!(keys.open(&[9; 54], b"here"), Err(OpenError::UnknownVersion(9)));
}

#[test]
fn the_newest_key_seals_and_old_ones_still_open() {
    let secrets =
        |sealing| Secrets { pseudonym: [1; 32], event: [2; 32], agency: [3; 32], sealing };
    let id = citizen("1234567890121");
    let old = Keys::new(&secrets(vec![(1, [4; 32])])).expect("usable");
    let both = Keys::new(&secrets(vec![(1, [4; 32]), (2, [5; 32])])).expect("usable");
    let sealed = both.seal(&id, b"a");
    assert_eq!(sealed[0], 2);
    assert_eq!(both.open(&old.seal(&id, b"a"), b"a"), Ok(id));
    assert_eq!(old.open(&sealed, b"a"), Err(OpenError::UnknownVersion(2)));
    assert_eq!(both.pseudonym(&id), old.pseudonym(&id));
}

#[test]
fn unusable_secrets_are_named() {
    let secrets =
        |sealing| Secrets { pseudonym: [1; 32], event: [2; 32], agency: [3; 32], sealing };
    assert_eq!(Keys::new(&secrets(vec![])).err(), Some(SecretsError::NoSealingKey));
    let twice = vec![(3, [4; 32]), (3, [5; 32])];
    assert_eq!(Keys::new(&secrets(twice)).err(), Some(SecretsError::SealingVersionTwice(3)));
}

#[test]
fn nothing_secret_is_printed() {
    let secrets = Secrets { pseudonym: [1; 32], event: [1; 32], agency: [1; 32], sealing: vec![] };
    let agency = "ddc".parse().expect("an agency id");
    for text in
        [format!("{secrets:?}"), format!("{:?}", keys()), format!("{:?}", keys().agency(&agency))]
    {
        assert!(text.ends_with("(…)"), "{text}");
    }
}

proptest! {
    #[test]
    fn sealing_reads_back_and_repeats(id in some_citizen(), aad in proptest::collection::vec(any::<u8>(), 0..40)) {
        let sealed = keys().seal(&id, &aad);
        prop_assert_eq!(keys().open(&sealed, &aad), Ok(id));
        prop_assert_eq!(keys().seal(&id, &aad), sealed);
    }

    #[test]
    fn any_changed_byte_is_noticed(id in some_citizen(), at in 0usize..54, flip in 1u8..) {
        let mut sealed = keys().seal(&id, b"a");
        sealed[at] ^= flip;
        prop_assert!(keys().open(&sealed, b"a").is_err());
    }

    /// Moving a character from one part to the next gives another name: parts cannot run together.
    #[test]
    fn parts_do_not_run_together(a in "[0-9]{1,6}", b in "[0-9]{1,6}") {
        let moved = format!("{a}{}", &b[..1]);
        prop_assert_ne!(keys().local_pseudonym(&a, &b), keys().local_pseudonym(&moved, &b[1..]));
        prop_assert_ne!(keys().local_pseudonym(&a, &b).0, keys().link_key(&a, &b));
    }
}
