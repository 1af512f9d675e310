//! A submission that was set aside comes again once its cause is mended: in its old place, and once.

use std::path::Path;

use saphan_model::Submission;
use saphan_topology::Topology;

use crate::samples::{known, retraction, visit};
use crate::world::World;

const NEWCOMER: &str = "99999";

/// The topology with one more facility.
fn with_newcomer(test: &str) -> Topology {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    let register = std::fs::read_to_string(dir.join("facilities.csv")).expect("the register");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.csv"));
    let line = format!("{NEWCOMER},SY3099999,ใหม่,New (synthetic),regional,30,3001,9\n");
    std::fs::write(&file, register + &line).expect("a copy");
    Topology::load(&dir, Some(&file)).unwrap_or_else(|it| panic!("{}", it[0]))
}

fn of_newcomer(number: &str, code: &str) -> Submission {
    let mut it = visit(number, code, known());
    it.facility = NEWCOMER.to_owned();
    it
}

#[test]
fn a_mended_cause_admits_what_was_set_aside_and_closes_the_defect() {
    let mut world = World::new();
    world.send(&[of_newcomer("1", "J00"), of_newcomer("2", "J01")]);
    assert_eq!((world.open_defects().len(), world.log().len()), (2, 0));
    world.update(with_newcomer("mended"));
    world.redrive();
    assert_eq!((world.open_defects().len(), world.log().len()), (0, 2));
    assert_eq!(world.totals(), (2, 0, 2), "every submission ended once");
    let mended = world.quarantined().pop().expect("a record");
    assert_eq!((&*mended.facility, &*mended.defect.code), (NEWCOMER, "SP-1302"));
}

#[test]
fn a_second_redrive_counts_nothing_twice() {
    let mut world = World::new();
    world.send(&[of_newcomer("1", "J00")]);
    let before = world.quarantined();
    world.update(with_newcomer("twice"));
    world.redrive();
    world.redrive_of(&before);
    assert_eq!((world.log().len(), world.totals()), (1, (1, 1, 1)));
    assert!(world.open_defects().is_empty());
}

#[test]
fn what_came_later_stands_and_the_old_content_is_dropped() {
    let mut world = World::new();
    world.send(&[of_newcomer("1", "J00")]);
    world.update(with_newcomer("order"));
    world.send(&[of_newcomer("1", "J09")]);
    world.redrive();
    assert_eq!(world.log().len(), 1, "the newer content is not overwritten");
    assert_eq!(world.totals(), (1, 1, 1));
    assert!(world.open_defects().is_empty(), "there is nothing left to mend");
}

#[test]
fn what_was_deleted_later_stays_deleted() {
    let mut world = World::new();
    world.send(&[of_newcomer("1", "J00")]);
    world.update(with_newcomer("deleted"));
    let mut deletion = retraction("1");
    deletion.facility = NEWCOMER.to_owned();
    world.send(&[of_newcomer("1", "J00"), deletion]);
    world.redrive();
    assert_eq!(world.log().len(), 2, "the event and its end");
}

#[test]
fn a_cause_that_is_not_mended_is_one_open_defect_however_often_it_is_tried() {
    let mut world = World::new();
    world.send(&[of_newcomer("1", "J00")]);
    world.send_bytes(b"99001", b"no submission".to_vec());
    let names = |world: &World| -> Vec<_> {
        let mut names: Vec<_> = world.open_defects().iter().map(|it| it.event_id).collect();
        names.sort_unstable();
        names
    };
    let before = names(&world);
    world.redrive();
    world.restart();
    world.redrive();
    assert_eq!(names(&world), before);
    assert_eq!(world.totals(), (0, 0, 6), "each attempt ends in quarantine and is told so");
}
