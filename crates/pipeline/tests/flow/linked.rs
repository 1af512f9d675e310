//! When a local number is linked, consent arrives before what it is asked about.

use saphan_model::directive::{Effect, Purpose};
use saphan_model::label::Labels;
use saphan_model::{Body, Content, Event, Private, Submission};

use crate::samples::{directive, known, unknown, visit};
use crate::world::World;

const HEALTH_LINK: &str = "agency.health-link.encounter.v1";

/// The patient permits or denies the agency, in a directive of this name, under the local number.
fn says(name: &str, effect: Effect) -> Submission {
    let mut it = directive("health-link", Purpose::Treatment, Labels::NONE, true);
    let Content::Put(Body::Directive(of)) = &mut it.content else { panic!("a directive") };
    of.directive_id = name.to_owned();
    of.provisions[0].effect = effect;
    Submission { subject: unknown(), natural_key: Private::new(name.to_owned()), ..it }
}

/// Directives and visits put by the last submission, by name and diagnosis, in the order of the log.
fn put_last(world: &World) -> Vec<String> {
    let log = world.log();
    let last = log.last().expect("a record").envelope.sequence;
    let new = log.into_iter().filter(|it| it.envelope.sequence == last);
    new.filter_map(|it| match it.event {
        Event::Put(Body::Directive(of)) => Some(of.directive_id.clone()),
        Event::Put(_) => it.envelope.facets.main_code,
        _ => None,
    })
    .collect()
}

#[test]
fn directives_move_first_and_in_their_order() {
    let mut world = World::new();
    world.send(&[
        says("permit", Effect::Permit),
        visit("1", "J00", unknown()),
        says("deny", Effect::Deny),
        visit("2", "J01", unknown()),
        says("again", Effect::Permit),
        visit("1", "J02", unknown()),
    ]);
    world.send(&[visit("3", "J03", known())]);
    assert_eq!(put_last(&world), ["permit", "deny", "again", "J02", "J01", "J03"]);
    let first = &world.log()[6].event;
    assert!(matches!(first, Event::Link { .. }), "the link comes before all of them");
}

#[test]
fn a_visit_corrected_after_a_denial_is_not_delivered_by_the_move() {
    let mut world = World::new();
    world.send(&[
        says("permit", Effect::Permit),
        visit("1", "J00", unknown()),
        says("deny", Effect::Deny),
        visit("1", "J01", unknown()),
    ]);
    let before = world.topic(HEALTH_LINK).len();
    world.send(&[visit("2", "J02", known())]);
    let delivered = world.topic(HEALTH_LINK)[before..].iter();
    let upserts = delivered.filter(|it| crate::order::head(it.value.as_deref().expect("one")).1);
    assert_eq!(upserts.count(), 0, "denied before the visit moves");
}

/// The directive that brings the citizen id is the newest of them.
#[test]
fn a_directive_that_brings_the_citizen_id_itself_comes_before_the_visits() {
    let mut world = World::new();
    world.send(&[says("permit", Effect::Permit), visit("1", "J00", unknown())]);
    world.send(&[says("other", Effect::Deny)]);
    world.send(&[Submission { subject: known(), ..says("permit", Effect::Deny) }]);
    assert_eq!(put_last(&world), ["other", "permit", "J00"]);
    assert!(world.last_outcomes().iter().all(|it| !it.starts_with("health-link delivered")));
}
