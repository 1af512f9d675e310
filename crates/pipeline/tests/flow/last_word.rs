//! What the facility said last about an event stands, however much of it was set aside on the way and
//! whatever is redriven when.

use std::collections::BTreeMap;

use saphan_model::directive::Purpose;
use saphan_model::label::Labels;
use saphan_model::{Body, Event, EventId, EventType, Subject, Submission};
use saphan_pipeline::redrive::Redrive;

use crate::redrive::{NEWCOMER, from_newcomer, with_newcomer};
use crate::samples::{another, directive, known, retraction, unknown, visit};
use crate::world::{World, keys, topology};

/// A schema id the platform learns of later.
const LATER: u32 = 999;

fn seen(code: &str) -> Submission {
    from_newcomer(visit("1", code, known()))
}

fn deleted() -> Submission {
    from_newcomer(retraction("1"))
}

fn consent(active: bool) -> Submission {
    from_newcomer(directive("health-link", Purpose::Treatment, Labels::NONE, active))
}

/// What each event became, by the patient log: a diagnosis, or whether a directive is active.
pub fn standing(world: &World) -> Vec<String> {
    let mut events: BTreeMap<EventId, String> = BTreeMap::new();
    let mut last = BTreeMap::new();
    for it in world.log() {
        let (id, put) = (it.envelope.event_id, matches!(it.event, Event::Put(_)));
        let version = 2 * it.envelope.sequence + i64::from(put);
        assert!(last.insert(id, version) < Some(version), "no version has two contents");
        match it.event {
            Event::Put(Body::Directive(of)) => drop(events.insert(id, of.active.to_string())),
            Event::Put(_) => drop(events.insert(id, it.envelope.facets.main_code.expect("one"))),
            Event::Retract { .. } => drop(events.remove(&id)),
            Event::Link { .. } => {}
        }
    }
    events.into_values().collect()
}

/// The newcomer sends these before it is registered; then they are redriven, by `redrive`, and what is
/// still open after that once more.
fn after(sent: &[Submission], test: &str, redrive: impl Fn(&mut World)) -> World {
    let mut world = World::new();
    sent.iter().for_each(|it| world.send(std::slice::from_ref(it)));
    assert_eq!(world.open_defects().len(), sent.len(), "each is set aside");
    world.update(with_newcomer(test));
    redrive(&mut world);
    world.check_balance();
    world
}

fn in_order(sent: &[Submission], test: &str) -> Vec<String> {
    let world = after(sent, test, World::redrive);
    assert!(world.open_defects().is_empty(), "all is mended: {:?}", world.open_defects());
    let mut rows = world.topic("admit.state.v1").iter().filter(|it| it.key[0] == b'r');
    let row = rows.next_back().expect("a row of what was refused");
    assert!(row.value.is_none(), "it goes once all is mended");
    standing(&world)
}

#[test]
fn a_withdrawal_set_aside_behind_its_permission_is_in_force() {
    let world = after(&[consent(true), consent(false)], "withdrawn", World::redrive);
    assert!(world.open_defects().is_empty());
    assert_eq!(standing(&world), ["false"]);
    let told = world.consent_changes().pop().and_then(|it| it.directive).expect("a directive");
    assert!(!told.active, "the routers hear of it last");
}

#[test]
fn a_correction_and_a_deletion_set_aside_behind_a_visit_stand() {
    assert_eq!(in_order(&[seen("J00"), seen("J01")], "corrected"), ["J01"]);
    assert_eq!(in_order(&[seen("J00"), seen("J01"), seen("J00")], "corrected_back"), ["J00"]);
    assert!(in_order(&[seen("J00"), deleted()], "deleted_behind").is_empty());
    assert_eq!(in_order(&[seen("J00"), deleted(), seen("J00")], "revived"), ["J00"]);
    assert!(
        in_order(
            &[consent(true), {
                let content = saphan_model::Content::Retract(EventType::Directive);
                Submission { content, ..consent(true) }
            }],
            "in_error"
        )
        .is_empty()
    );
}

#[test]
fn whose_it_is_belongs_to_what_was_said() {
    let sent = [seen("J00"), from_newcomer(visit("1", "J00", another()))];
    let world = after(&sent, "whose", World::redrive);
    let citizen = another().citizen_id.expect("one");
    let last = world.log().pop().expect("a record");
    assert_eq!(last.envelope.patient, keys().pseudonym(&citizen));
}

#[test]
fn a_redriven_visit_is_older_than_the_deletion_that_had_nothing_to_delete() {
    let mut world = World::new();
    world.send(&[seen("J00")]);
    world.update(with_newcomer("nothing_to_delete"));
    world.send(&[deleted()]);
    let codes: Vec<_> = world.open_defects().into_iter().map(|it| it.defect.code).collect();
    assert_eq!(codes, ["SP-1302", "SP-1310"]);
    world.redrive();
    world.check_balance();
    assert!(standing(&world).is_empty(), "it is deleted");
    assert!(world.open_defects().is_empty(), "and nothing is left to mend");
}

#[test]
fn an_operator_who_redrives_backwards_brings_nothing_old_back() {
    let backwards = |world: &mut World| {
        let open = world.open_defects();
        for it in open.iter().rev() {
            world.redrive_of(std::slice::from_ref(it));
        }
    };
    let cases: [(&[Submission], &[&str]); 4] = [
        (&[consent(true), consent(false)], &["false"]),
        (&[seen("J00"), seen("J01")], &["J01"]),
        (&[seen("J00"), deleted()], &[]),
        (&[seen("J00"), deleted(), seen("J01")], &["J01"]),
    ];
    for (n, (sent, expected)) in cases.into_iter().enumerate() {
        let mut world = after(sent, &format!("backwards_{n}"), backwards);
        assert_eq!(standing(&world), expected, "case {n}");
        world.redrive();
        assert_eq!(standing(&world), expected, "case {n}, once more");
        assert!(world.open_defects().is_empty(), "case {n}: {:?}", world.open_defects());
        world.check_balance();
    }
}

#[test]
fn what_was_sent_meanwhile_stands_before_and_after_the_redrive() {
    let mut world = World::new();
    world.send(&[seen("J00"), seen("J01")]);
    world.update(with_newcomer("meanwhile"));
    let open = world.open_defects();
    world.redrive_of(&open[..1]);
    world.send(&[seen("J02")]);
    world.redrive();
    assert_eq!(standing(&world), ["J02"]);
    assert!(world.open_defects().is_empty());
    world.check_balance();
}

#[test]
fn a_resend_of_what_was_redriven_is_newer_than_what_is_not_yet() {
    let mut world = World::new();
    world.send(&[seen("J00"), seen("J01")]);
    world.update(with_newcomer("not_yet"));
    let open = world.open_defects();
    world.redrive_of(&open[..1]);
    world.send(&[seen("J00")]);
    world.redrive();
    assert_eq!(standing(&world), ["J00"]);
    assert_eq!(world.totals(), (1, 2, 2));
    assert!(world.open_defects().is_empty());
}

/// The resend changes nothing, but it is what the facility said last.
#[test]
fn an_unchanged_resend_is_newer_than_what_waits() {
    for last in [seen("J00"), deleted()] {
        let mut world = World::of(with_newcomer("resent"));
        let first = [seen("J00"), last.clone()];
        world.send(&first);
        world.update(topology());
        world.send(&[seen("J01")]);
        world.update(with_newcomer("resent"));
        let before = standing(&world);
        world.send(&[last]);
        world.redrive();
        assert_eq!(standing(&world), before);
        assert!(world.open_defects().is_empty());
        world.check_balance();
    }
}

/// A visit that moves to its citizen was not said again by that.
#[test]
fn a_move_is_no_newer_word() {
    let mut world = World::of(with_newcomer("moved"));
    world.send(&[from_newcomer(visit("1", "J00", unknown()))]);
    world.update(topology());
    world.send(&[from_newcomer(visit("1", "J01", unknown()))]);
    world.update(with_newcomer("moved"));
    world.send(&[from_newcomer(visit("2", "J02", known()))]);
    world.redrive();
    let mut codes = standing(&world);
    codes.sort_unstable();
    assert_eq!(codes, ["J01", "J02"]);
    world.check_balance();
}

#[test]
fn only_a_resend_of_what_was_refused_last_is_unchanged() {
    let mut world = World::new();
    let mut resent = seen("J00");
    resent.recorded_at = resent.recorded_at.plus_seconds(3_600);
    resent.provenance.document = "another.zip".to_owned();
    world.send(&[seen("J00"), seen("J00"), resent, seen("J01"), seen("J01"), seen("J00")]);
    world.restart();
    world.send(&[seen("J00"), deleted(), deleted()]);
    let places: Vec<_> = world.open_defects().iter().map(|it| it.offset).collect();
    assert_eq!(places, [0, 3, 5, 7]);
    assert_eq!(world.totals(), (0, 5, 4));
    world.check_balance();
}

/// The last word about the visit cannot be admitted; what was said before it is that it is deleted.
#[test]
fn a_deletion_counts_behind_a_later_content_nobody_can_admit() {
    let nobody = Submission { subject: Subject::default(), ..seen("J02") };
    let world = after(&[seen("J00"), deleted(), nobody], "nobody", World::redrive);
    assert!(standing(&world).is_empty());
    assert!(world.log().is_empty(), "it was never delivered either");
}

#[test]
fn a_refusal_that_was_rolled_back_is_told() {
    let mut world = World::new();
    world.send_and_roll_back(&seen("J00"));
    world.send(&[seen("J00")]);
    assert_eq!(world.open_defects().len(), 1);
}

/// Bytes nobody could read have their place like any other, once they can be read.
#[test]
fn unreadable_bytes_keep_their_order() {
    let mut world = World::new();
    world.send(&[visit("1", "J00", known())]);
    for code in ["J01", "J00"] {
        let mut value = Vec::new();
        saphan_codec::encode_framed(&visit("1", code, known()), &world.ids, &mut value);
        value[1..5].copy_from_slice(&LATER.to_be_bytes());
        world.send_bytes(b"99001", value);
    }
    let open = world.open_defects();
    world.read_submissions_as(LATER);
    world.redrive_of(&open[1..]);
    world.redrive_of(&open[..1]);
    assert_eq!(standing(&world), ["J00"]);
    assert!(world.open_defects().is_empty());
    world.check_balance();
}

/// What an earlier release set aside has one name for all contents of an event.
#[test]
fn a_defect_told_under_its_earlier_name_is_mended() {
    let mut world = World::of(with_newcomer("earlier"));
    world.send(&[visit("7", "J00", known())]);
    let name = "quarantine|SP-1302|encounter|O:1:20260302";
    let defect = keys().event_id(NEWCOMER, None, name);
    let redrive = Redrive { origin: 0, defect, code: "SP-1302".to_owned() };
    world.send_as_redriven(&seen("J00"), &redrive);
    let mended = world.quarantined();
    assert_eq!((mended.len(), mended[0].event_id), (1, defect));
    assert!(mended[0].mended_at.is_some());
    world.update(topology());
    let deletion = Redrive { defect: keys().event_id(NEWCOMER, None, name), ..redrive };
    world.send_as_redriven(&seen("J01"), &deletion);
    let told = world.quarantined();
    assert_eq!(told.len(), 3, "set aside under a name of its own, and the earlier one is settled");
    assert_eq!(world.open_defects().len(), 1);
    assert_ne!(world.open_defects()[0].event_id, defect);
}
