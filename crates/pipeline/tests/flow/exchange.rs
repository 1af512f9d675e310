//! Who receives what, through both stages.

use saphan_model::directive::Purpose;
use saphan_model::label::{Label, Labels};

use crate::samples::{directive, known, referral, reply, retraction, unknown, visit};
use crate::world::{World, outcomes};

const TREAT: Purpose = Purpose::Treatment;

#[test]
fn a_statute_delivers_and_consent_is_needed_for_the_rest() {
    let mut world = World::new();
    world.send(&[visit("1", "J00", known())]);
    assert_eq!(
        world.last_outcomes(),
        [
            "health-link withheld:no-directive",
            "nhso delivered",
            "phr withheld:no-directive",
            "region-09 delivered",
        ]
    );
    assert_eq!(world.topic("agency.nhso.encounter.v1").len(), 1);
    assert_eq!(world.topic("agency.health-link.encounter.v1").len(), 0);
}

#[test]
fn a_permission_reaches_later_records_and_its_withdrawal_ends_it() {
    let mut world = World::new();
    world.send(&[directive("health-link", TREAT, Labels::NONE, true), visit("1", "J00", known())]);
    assert!(world.last_outcomes().contains(&"health-link delivered".to_owned()));
    world.send(&[directive("health-link", TREAT, Labels::NONE, false), visit("2", "J00", known())]);
    assert!(
        world.last_outcomes().contains(&"health-link withheld:directive-not-in-force".to_owned())
    );
    assert_eq!(world.topic("agency.health-link.encounter.v1").len(), 1);
}

#[test]
fn a_labelled_event_needs_a_permission_that_names_the_label() {
    let mut world = World::new();
    world.send(&[directive("health-link", TREAT, Labels::NONE, true), visit("1", "F32", known())]);
    assert!(world.last_outcomes().contains(&"health-link withheld:label-not-permitted".to_owned()));
    let named = Labels::NONE.with(Label::MentalHealth);
    world.send(&[directive("health-link", TREAT, named, true), visit("2", "F32", known())]);
    assert!(world.last_outcomes().contains(&"health-link delivered".to_owned()));
}

/// Its diagnosis is text: what a permission without HIV withholds of the visit must not come in a referral.
#[test]
fn a_referral_needs_a_permission_that_names_every_label() {
    let mut world = World::new();
    let labels = [Labels::NONE, Labels::NONE.with(Label::MentalHealth), Labels::ALL];
    for (named, number, expected) in [
        (labels[0], "1", "health-link withheld:label-not-permitted"),
        (labels[1], "2", "health-link withheld:label-not-permitted"),
        (labels[2], "3", "health-link delivered"),
    ] {
        world.send(&[directive("health-link", TREAT, named, true), referral(number)]);
        let outcomes = world.last_outcomes();
        assert!(outcomes.contains(&expected.to_owned()), "{named:?}: {outcomes:?}");
        assert!(outcomes.contains(&"refer-link delivered".to_owned()), "{outcomes:?}");
    }
    assert_eq!(world.topic("agency.health-link.referral.v1").len(), 1);
}

#[test]
fn a_referral_and_its_answer_reach_the_hospitals_whatever_they_mention() {
    let mut world = World::new();
    for it in [reply("1", None), reply("2", Some("made up"))] {
        world.send(&[it]);
        assert_eq!(world.last_outcomes(), ["refer-link delivered"]);
    }
}

#[test]
fn a_correction_takes_the_event_back_from_who_no_longer_qualifies() {
    let mut world = World::new();
    world.send(&[visit("1", "A90", known())]);
    assert!(world.last_outcomes().contains(&"ddc delivered".to_owned()));
    world.send(&[visit("1", "K30", known())]);
    assert!(world.last_outcomes().contains(&"ddc retracted".to_owned()));
    world.send(&[visit("1", "K31", known())]);
    assert!(!world.last_outcomes().iter().any(|it| it.starts_with("ddc")), "told once");
}

#[test]
fn a_retraction_reaches_its_holders_and_nobody_else() {
    let mut world = World::new();
    world.send(&[visit("1", "A90", known()), retraction("1")]);
    assert_eq!(world.last_outcomes(), ["ddc retracted", "nhso retracted", "region-09 retracted"]);
}

#[test]
fn a_moved_event_is_taken_back_from_the_old_patient_and_delivered_for_the_new() {
    let mut world = World::new();
    world.send(&[visit("1", "A90", unknown())]);
    world.send(&[visit("2", "J00", known())]);
    let decisions = world.decisions();
    assert!(outcomes(&decisions[1]).is_empty(), "a link concerns no agency");
    assert_eq!(outcomes(&decisions[2]), ["ddc retracted", "nhso retracted", "region-09 retracted"]);
    assert!(outcomes(&decisions[3]).contains(&"ddc delivered".to_owned()));
}

#[test]
fn every_output_names_its_source_once_a_topic() {
    let mut world = World::new();
    world.send(&[visit("1", "A90", known()), visit("1", "K30", known()), retraction("1")]);
    assert_eq!(world.decisions().len(), world.log().len());
    let sources: Vec<String> = world
        .topic("agency.ddc.encounter.v1")
        .iter()
        .map(|it| String::from_utf8(it.headers[0].value.to_vec()).expect("text"))
        .collect();
    assert_eq!(sources, ["patient.log.v1/0/0", "patient.log.v1/0/1"]);
}
