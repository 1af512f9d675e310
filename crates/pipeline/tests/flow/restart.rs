//! State restored from the compacted topics behaves like the state it was.

use saphan_model::directive::Purpose;
use saphan_model::label::Labels;

use crate::samples::{directive, known, retraction, unknown, visit};
use crate::world::World;

#[test]
fn after_a_restart_nothing_is_admitted_or_delivered_again() {
    let mut world = World::new();
    let permit = directive("health-link", Purpose::Treatment, Labels::NONE, true);
    world.send(&[permit.clone(), visit("1", "A90", known()), visit("2", "J00", unknown())]);
    world.restart();
    world.send(&[permit, visit("1", "A90", known())]);
    assert_eq!(world.totals(), (4, 1, 0), "one resend unchanged; the other one links the number");
    world.send(&[retraction("1")]);
    assert_eq!(
        world.last_outcomes(),
        ["ddc retracted", "health-link retracted", "nhso retracted", "region-09 retracted"]
    );
    world.restart();
    world.send(&[visit("3", "J00", known())]);
    assert!(world.last_outcomes().contains(&"health-link delivered".to_owned()));
}

#[test]
fn a_state_ahead_of_its_offset_stops_the_stage() {
    let mut world = World::new();
    world.send(&[visit("1", "A90", known()), visit("2", "A90", known())]);
    assert!(world.restore_admit_at(2).is_ok());
    let error = world.restore_admit_at(1).expect_err("a torn transaction");
    assert!(error.starts_with("SP-1323"), "{error}");
}
