//! A change of consent calls back what `phr` holds, whose contract says `on-revoke = "retract"`, and
//! leaves alone what `health-link` holds, whose contract does not.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use saphan_model::decision::{Decision, Recalled, WithholdReason};
use saphan_model::directive::{Effect, Purpose};
use saphan_model::label::{Label, Labels};
use saphan_model::{Body, Content, Date, EventId, EventType, PatientId, Private, Submission};
use saphan_policy::{PatientConsent, Question, consent};

use crate::samples::{another, directive, known, retraction, unknown, visit};
use crate::world::{World, keys};

const PHR: &str = "agency.phr.encounter.v1";
const HEALTH_LINK: &str = "agency.health-link.encounter.v1";

/// A directive that permits both agencies, or is withdrawn.
fn both(active: bool) -> Submission {
    edited(active, |it| {
        it.provisions[0].recipients = vec!["phr".to_owned(), "health-link".to_owned()];
        it.provisions[0].purposes = Vec::new();
    })
}

fn edited(active: bool, edit: impl FnOnce(&mut saphan_model::directive::Directive)) -> Submission {
    let mut submission = directive("phr", Purpose::PatientRequest, Labels::NONE, active);
    let Content::Put(Body::Directive(it)) = &mut submission.content else { panic!("a directive") };
    edit(it);
    submission
}

fn event(number: &str) -> EventId {
    keys().event_id("99001", Some(EventType::Encounter), &format!("O:{number}:20260302"))
}

/// Event, upsert or not and version of every record of a topic, in order.
fn heads(world: &World, topic: &str) -> Vec<(EventId, bool, i64)> {
    let values = world.topic(topic).iter().map(|it| it.value.as_deref().expect("a value"));
    values.map(crate::order::head).collect()
}

/// Who an agency holds, by the guide: the greatest version of each event.
fn held(world: &World, topic: &str) -> BTreeSet<EventId> {
    let mut rows: BTreeMap<EventId, (i64, bool)> = BTreeMap::new();
    for (id, upsert, version) in heads(world, topic) {
        if rows.get(&id).is_none_or(|it| version > it.0) {
            rows.insert(id, (version, upsert));
        }
    }
    rows.into_iter().filter(|it| it.1.1).map(|it| it.0).collect()
}

fn last(world: &World) -> Decision {
    world.decisions().pop().expect("a decision")
}

fn told(decision: &Decision) -> Vec<(EventId, &str, WithholdReason)> {
    decision.recalls.iter().map(|it| (it.event_id, it.agency.as_str(), it.reason)).collect()
}

#[test]
fn a_withdrawal_calls_back_all_the_app_holds_in_the_directives_decision() {
    let mut world = World::new();
    world.send(&[both(true), visit("1", "J00", known()), visit("2", "A90", known())]);
    world.send(&[visit("3", "J00", another()), both(false)]);
    let mut both_events = [event("1"), event("2")];
    both_events.sort_unstable();
    let why = WithholdReason::DirectiveNotInForce;
    let decision = last(&world);
    assert_eq!(decision.event_type, EventType::Directive);
    assert!(decision.outcomes.is_empty());
    assert_eq!(told(&decision), both_events.map(|it| (it, "phr", why)));
    let Recalled { facility, event_type, contract_version, .. } = &decision.recalls[0];
    assert_eq!(
        (facility.as_str(), *event_type, *contract_version),
        ("99001", EventType::Encounter, 1)
    );
    assert!(held(&world, PHR).is_empty());
    assert_eq!(held(&world, HEALTH_LINK).len(), 2, "kept until the events change");
    // Newer than the delivery at the same sequence, and both name the directive's record.
    let heads = heads(&world, PHR);
    let delivered = heads.iter().find(|it| it.0 == both_events[0]).expect("delivered");
    assert_eq!(heads[2], (both_events[0], false, delivered.2 + 1));
    let of_recalls = &world.topic(PHR)[2..];
    assert_eq!(of_recalls.len(), 2);
    assert!(of_recalls.iter().all(|it| it.headers[0].value[..] == b"patient.log.v1/0/4"[..]));
    assert!(
        of_recalls.iter().all(|it| it.key == world.topic(PHR)[0].key),
        "in the patient's order"
    );
}

#[test]
fn what_is_still_permitted_stays() {
    let mut world = World::new();
    let labelled = Labels::NONE.with(Label::MentalHealth);
    world.send(&[
        edited(true, |it| {
            let named =
                saphan_model::directive::Provision { labels: labelled, ..it.provisions[0].clone() };
            it.provisions.push(named);
        }),
        visit("1", "J00", known()),
        visit("2", "F32", known()),
    ]);
    assert_eq!(held(&world, PHR).len(), 2);
    world.send(&[directive("phr", Purpose::PatientRequest, Labels::NONE, true)]);
    let decision = last(&world);
    assert_eq!(told(&decision), [(event("2"), "phr", WithholdReason::LabelNotPermitted)]);
    assert_eq!(held(&world, PHR), BTreeSet::from([event("1")]));
    let before = edited(true, |it| {
        it.provisions[0].effect = Effect::Deny;
        it.base = Effect::Permit;
        it.provisions[0].data_until = Date::from_ymd(2026, 3, 1);
    });
    world.send(&[before]);
    assert!(last(&world).recalls.is_empty(), "the visit was a day later");
}

#[test]
fn a_directive_deleted_calls_back_as_well() {
    let mut world = World::new();
    world.send(&[both(true), visit("1", "J00", known())]);
    world.send(&[Submission { content: Content::Retract(EventType::Directive), ..both(true) }]);
    assert_eq!(told(&last(&world)), [(event("1"), "phr", WithholdReason::NoDirective)]);
}

#[test]
fn a_later_permission_brings_nothing_back_but_the_next_revision_comes() {
    let mut world = World::new();
    world.send(&[both(true), visit("1", "J00", known()), both(false), both(true)]);
    assert!(held(&world, PHR).is_empty());
    world.send(&[visit("1", "J00", known())]);
    assert!(held(&world, PHR).is_empty(), "nothing new in it");
    world.send(&[visit("1", "J01", known())]);
    assert_eq!(held(&world, PHR), BTreeSet::from([event("1")]));
    world.send(&[both(false)]);
    assert_eq!(last(&world).recalls.len(), 1, "and is called back again");
    let heads = heads(&world, PHR);
    assert!(heads.is_sorted_by_key(|it| it.2), "{heads:?}");
}

#[test]
fn nothing_is_told_twice() {
    let mut world = World::new();
    world.send(&[both(true), visit("1", "J00", known()), both(false)]);
    let mut other = both(false);
    other.natural_key = Private::new("consent-2".to_owned());
    world.send(&[other, retraction("1")]);
    assert_eq!(world.topic(PHR).len(), 2, "delivered and called back");
    assert!(world.decisions().iter().skip(3).all(|it| it.recalls.is_empty()));
}

#[test]
fn what_the_overlay_took_back_is_not_called_back_again() {
    let mut world = World::new();
    world.send(&[both(true), visit("1", "J00", known()), visit("2", "J00", known())]);
    world.admit(&[visit("1", "A90", known()), both(false)]);
    world.learn();
    world.route_rest();
    assert_eq!(told(&last(&world)), [(event("2"), "phr", WithholdReason::DirectiveNotInForce)]);
    assert_eq!(heads(&world, PHR).len(), 4, "two deliveries, one retraction of each");
}

#[test]
fn after_a_restart_the_state_knows_what_to_call_back() {
    let mut world = World::new();
    world.send(&[both(true), visit("1", "J00", known()), visit("2", "J00", known())]);
    world.send(&[retraction("2")]);
    world.restart();
    world.send(&[both(false)]);
    assert_eq!(told(&last(&world)), [(event("1"), "phr", WithholdReason::DirectiveNotInForce)]);
    world.restart();
    world.send(&[both(true), both(false)]);
    assert!(last(&world).recalls.is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    Visit(u8, &'static str, u8),
    Delete(u8),
    Consent(u8, u8),
    Forget(u8),
    Restart,
    /// Ends the batch; the changes of consent in it are told ahead or not.
    Batch(bool),
}

/// Directives of different reach, by number.
fn variant(which: u8, name: u8) -> Submission {
    let mut submission = edited(which != 0, |it| match which {
        1 => it.provisions[0].labels = Labels::NONE.with(Label::MentalHealth),
        2 => it.provisions[0].facilities = vec!["99002".to_owned()],
        3 => it.base = Effect::Permit,
        4 => {
            it.base = Effect::Permit;
            it.provisions[0].effect = Effect::Deny;
        }
        _ => {}
    });
    submission.natural_key = Private::new(format!("consent-{name}"));
    submission
}

fn step() -> impl Strategy<Value = Step> {
    let code = prop::sample::select(vec!["J00", "A90", "F32"]);
    prop_oneof![
        6 => (0..4_u8, code, 0..3_u8).prop_map(|(number, code, whose)| Step::Visit(number, code, whose)),
        1 => (0..4_u8).prop_map(Step::Delete),
        5 => (0..6_u8, 0..2_u8).prop_map(|(which, name)| Step::Consent(which, name)),
        1 => (0..2_u8).prop_map(Step::Forget),
        1 => Just(Step::Restart),
        4 => any::<bool>().prop_map(Step::Batch),
    ]
}

fn submission(step: &Step) -> Option<Submission> {
    let whose = |it: u8| [known(), unknown(), another()][usize::from(it)].clone();
    Some(match step {
        Step::Visit(number, code, of) => visit(&number.to_string(), code, whose(*of)),
        Step::Delete(number) => retraction(&number.to_string()),
        Step::Consent(which, name) => variant(*which, *name),
        Step::Forget(name) => {
            let content = Content::Retract(EventType::Directive);
            Submission { content, ..variant(0, *name) }
        }
        Step::Restart | Step::Batch(_) => return None,
    })
}

/// The log and what was decided about it, told again by the simplest means: a patient's directives, and
/// the last state of each event an agency was sent.
fn check(world: &World) -> Result<(), TestCaseError> {
    let mut consents: BTreeMap<PatientId, PatientConsent> = BTreeMap::new();
    for (record, decision) in world.log().into_iter().zip(world.decisions()) {
        let envelope = &record.envelope;
        let consent = consents.entry(envelope.patient).or_default();
        match &record.event {
            saphan_model::Event::Put(Body::Directive(it)) => {
                consent.put(envelope.event_id, it.as_ref().clone());
            }
            saphan_model::Event::Retract { retracted_type: EventType::Directive, .. } => {
                consent.retract(envelope.event_id);
            }
            _ => {
                prop_assert!(decision.recalls.is_empty(), "only consent calls back");
                continue;
            }
        }
        prop_assert!(decision.recalls.iter().all(|it| it.agency == "phr"), "keep keeps");
        // Whatever the app holds now of this patient is permitted now.
        let place = format!("patient.log.v1/0/{}", decision.offset);
        for it in standing(world, &place) {
            let question = Question {
                recipient: "phr",
                purpose: Purpose::PatientRequest,
                event_type: EventType::Encounter,
                labels: it.labels,
                facility: &it.facility,
                occurred_on: it.occurred_at.thai_date(),
                now: decision.appended_at,
            };
            if it.patient == envelope.patient {
                let permitted = consent::decide(consent, &question).permits();
                prop_assert!(permitted, "still held at {place}");
            }
        }
    }
    Ok(())
}

/// Envelopes of what the app holds once it has read all that was made up to a place of the log.
fn standing(world: &World, place: &str) -> Vec<saphan_model::Envelope> {
    let offset = |src: &[u8]| -> usize {
        let text = std::str::from_utf8(src).expect("text");
        text.rsplit('/').next().and_then(|it| it.parse().ok()).expect("an offset")
    };
    let until = offset(place.as_bytes());
    let log = world.log();
    let mut rows: BTreeMap<EventId, (i64, Option<usize>)> = BTreeMap::new();
    for entry in world.topic(PHR) {
        let at = offset(&entry.headers[0].value);
        let (id, upsert, version) = crate::order::head(entry.value.as_deref().expect("a value"));
        if at <= until && rows.get(&id).is_none_or(|it| version > it.0) {
            rows.insert(id, (version, upsert.then_some(at)));
        }
    }
    rows.into_values().filter_map(|it| Some(log[it.1?].envelope.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_app_never_holds_what_the_last_directive_does_not_permit(
        steps in prop::collection::vec(step(), 1..30),
    ) {
        let mut world = World::new();
        for step in steps.iter().chain([&Step::Batch(false)]) {
            match step {
                Step::Batch(ahead) => {
                    if *ahead {
                        world.learn();
                    }
                    world.route_rest();
                }
                Step::Restart => {
                    world.route_rest();
                    world.restart();
                }
                _ => world.admit(&submission(step).into_iter().collect::<Vec<_>>()),
            }
        }
        check(&world)?;
        let mut pairs = BTreeSet::new();
        for entry in world.topic(PHR) {
            let event = crate::order::head(entry.value.as_deref().expect("a value")).0;
            let source = entry.headers[0].value.clone();
            prop_assert!(pairs.insert((source, event)), "an event once a source");
        }
    }
}
