//! A revocation reaches route before route reaches it in the log.

use saphan_kafka::Failure;
use saphan_model::directive::Purpose;
use saphan_model::label::Labels;
use saphan_model::{Body, Content, EventType, Private, Submission, Timestamp};

use crate::samples::{another, directive, known, retraction, unknown, visit};
use crate::world::{World, appended_at, outcomes};

fn consent(active: bool) -> Submission {
    directive("health-link", Purpose::Treatment, Labels::NONE, active)
}

/// What became of health-link and of nhso, whose basis is a statute, in each decision from `first` on.
fn told(world: &World, first: usize) -> Vec<[String; 2]> {
    let decisions = world.decisions().into_iter().skip(first);
    let of = |words: &[String], agency: &str| {
        let word = words.iter().find_map(|it| it.strip_prefix(agency)).unwrap_or_default();
        word.trim().to_owned()
    };
    decisions.map(|it| outcomes(&it)).map(|it| [of(&it, "health-link"), of(&it, "nhso")]).collect()
}

#[test]
fn what_was_appended_before_a_withdrawal_and_not_yet_routed_stays() {
    let mut world = World::new();
    world.send(&[consent(true)]);
    world.admit(&[
        visit("1", "A90", known()),
        visit("2", "J00", known()),
        consent(false),
        visit("3", "J00", known()),
        visit("4", "J00", another()),
    ]);
    assert_eq!(world.learn(), 1, "the first directive was routed before anybody learnt of it");
    world.route_rest();
    assert_eq!(
        told(&world, 1),
        [
            ["withheld:revoked-overlay", "delivered"],
            ["withheld:revoked-overlay", "delivered"],
            ["", ""],
            ["withheld:directive-not-in-force", "delivered"],
            ["withheld:no-directive", "delivered"],
        ]
    );
    assert!(world.topic("agency.health-link.encounter.v1").is_empty());
    assert!(world.overlay.is_empty(), "the log says it now");
}

#[test]
fn without_the_overlay_they_would_have_left() {
    let mut world = World::new();
    world.send(&[consent(true)]);
    world.admit(&[visit("1", "A90", known()), consent(false)]);
    world.route_rest();
    assert_eq!(told(&world, 1)[0], ["delivered", "delivered"]);
}

#[test]
fn a_change_that_still_permits_stops_nothing() {
    let mut world = World::new();
    world.send(&[consent(true)]);
    let mut wider = consent(true);
    let Content::Put(Body::Directive(it)) = &mut wider.content else { panic!("a directive") };
    it.provisions[0].recipients.push("phr".to_owned());
    world.admit(&[visit("1", "J00", known()), wider]);
    assert_eq!(world.learn(), 1);
    world.route_rest();
    assert_eq!(told(&world, 1)[0], ["delivered", "delivered"]);
}

#[test]
fn a_permission_renewed_since_is_a_permission() {
    let mut world = World::new();
    world.send(&[consent(true)]);
    world.admit(&[
        visit("1", "J00", known()),
        consent(false),
        visit("2", "J00", known()),
        consent(true),
        visit("3", "J00", known()),
    ]);
    world.learn();
    world.route_rest();
    let of_health_link: Vec<_> = told(&world, 1).into_iter().map(|it| it[0].clone()).collect();
    assert_eq!(
        of_health_link,
        ["delivered", "", "withheld:directive-not-in-force", "", "delivered"]
    );
}

#[test]
fn changes_of_the_past_mean_nothing_to_a_new_process() {
    let mut world = World::new();
    world.send(&[consent(true)]);
    world.send(&[consent(false)]);
    world.send(&[consent(true)]);
    world.restart();
    // In any order, as several admits may bring them, and with the newest still on its way.
    world.learn_backwards(1);
    world.send(&[visit("1", "J00", known())]);
    assert_eq!(told(&world, 3), [["delivered", "delivered"]]);
}

#[test]
fn whoever_holds_an_event_is_told_to_forget_it() {
    let mut world = World::new();
    world.send(&[consent(true), visit("1", "J00", known())]);
    world.admit(&[visit("1", "A90", known()), consent(false)]);
    world.learn();
    world.route_rest();
    assert_eq!(told(&world, 2)[0], ["retracted:revoked-overlay", "delivered"]);
    world.send(&[retraction("1")]);
    assert_eq!(told(&world, 4), [["", "retracted"]], "health-link holds nothing any more");
}

#[test]
fn a_directive_deleted_counts_as_well() {
    let mut world = World::new();
    world.send(&[consent(true)]);
    let deleted = Submission { content: Content::Retract(EventType::Directive), ..consent(true) };
    world.admit(&[visit("1", "J00", known()), deleted]);
    world.learn();
    world.route_rest();
    assert_eq!(told(&world, 1)[0], ["withheld:revoked-overlay", "delivered"]);
}

#[test]
fn a_change_is_told_with_the_place_and_time_it_has_in_the_log() {
    let mut world = World::new();
    world.send_and_roll_back(&consent(true));
    world.send(&[
        visit("1", "J00", known()),
        consent(true),
        visit("2", "J00", known()),
        consent(false),
    ]);
    let changes = world.consent_changes();
    let log = world.log();
    assert_eq!(changes.iter().map(|it| it.offset).collect::<Vec<_>>(), [1, 3]);
    for (change, decision) in changes.iter().zip([1, 3].map(|it| world.decisions()[it].clone())) {
        let offset = usize::try_from(change.offset).expect("small");
        assert_eq!(change.event_id, log[offset].envelope.event_id);
        assert_eq!(change.appended_at, decision.appended_at);
    }
    assert_eq!(changes[1].directive.as_ref().map(|it| it.active), Some(false));
    // Whoever sent it finds it by the submission it came with, as in the log.
    let (told, written) = (world.topic("consent.revoked.v1"), world.topic("patient.log.v1"));
    for (entry, offset) in told.iter().zip([1, 3]) {
        assert!(entry.headers == written[offset].headers && entry.headers[0].name == "src");
    }
    assert!(told[0].headers != told[1].headers);
}

/// A local number becomes a citizen after a withdrawal. The directive moves as it is: what follows it under
/// the citizen's pseudonym is withheld as it was under the number, and so is what moves with it.
#[test]
fn a_withdrawn_directive_moves_withdrawn() {
    let of_number = |it: Submission| Submission { subject: unknown(), ..it };
    for withdrawn in [true, false] {
        let mut world = World::new();
        world.send(&[of_number(consent(true))]);
        world.admit(&[
            visit("1", "J00", unknown()),
            of_number(consent(!withdrawn)),
            visit("2", "J00", unknown()),
            visit("3", "J00", known()),
        ]);
        world.learn();
        world.route_rest();
        let last = world.consent_changes().pop().and_then(|it| it.directive);
        assert_eq!(last.map(|it| it.active), Some(!withdrawn), "it moved");
        let delivered = world.topic("agency.health-link.encounter.v1");
        assert_eq!(delivered.is_empty(), withdrawn, "{} delivered", delivered.len());
    }
}

/// The patient ends a permission by its validity; what it is asked for is the instant of the last change.
#[test]
fn a_permission_that_ended_meanwhile_is_none() {
    let mut world = World::new();
    world.send(&[consent(true)]);
    let (mut ending, mut other) = (consent(true), consent(false));
    let Content::Put(Body::Directive(it)) = &mut ending.content else { panic!("a directive") };
    it.valid_until = Some(Timestamp(appended_at(3)));
    other.natural_key = Private::new("consent-2".to_owned());
    world.admit(&[visit("1", "J00", known()), ending, other]);
    world.learn();
    world.route_rest();
    assert_eq!(told(&world, 1)[0], ["withheld:revoked-overlay", "delivered"]);
}

#[test]
fn a_change_is_ahead_until_its_own_place_is_routed() {
    let mut world = World::new();
    world.admit(&[consent(true), consent(false)]);
    assert_eq!(world.learn(), 2);
    assert_eq!(world.learn(), 0, "told twice, it counts once");
    for (next, none_ahead) in [(0, false), (1, false), (2, true), (1, true)] {
        world.overlay.routed([(0, next), (1, 9)]);
        assert_eq!(world.overlay.is_empty(), none_ahead, "{next}");
    }
    assert_eq!(world.learn(), 0, "what was routed is nothing new");
}

#[test]
fn a_router_that_hears_nothing_routes_nothing() {
    let mut world = World::new();
    world.admit(&[consent(true), visit("1", "J00", known())]);
    world.overlay.set_deaf(true);
    let failure = world.try_route().expect_err("it waits");
    assert!(matches!(failure, Failure::Transient(_)), "tried again: {failure}");
    assert!(failure.to_string().starts_with("SP-1339"), "{failure}");
    assert!(world.topic("decision.v1").is_empty());
    world.overlay.set_deaf(false);
    world.route_rest();
    assert_eq!(world.topic("decision.v1").len(), 2);
}

#[test]
fn an_unreadable_change_stops_route() {
    let world = World::new();
    let short = world.overlay.take(&[1; 15], Some(&[0; 9]), &world.ids);
    let empty = world.overlay.take(&[1; 32], Some(&[0; 9]), &world.ids);
    for refused in [short, empty] {
        let text = refused.expect_err("not a change").to_string();
        assert!(text.starts_with("SP-1338"), "{text}");
    }
}
