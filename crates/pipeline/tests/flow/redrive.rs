//! A submission that was set aside comes again once its cause is mended: in its old place, and once.

use std::path::Path;

use saphan_model::{Content, Defect, EventId, Submission};
use saphan_pipeline::redrive::Redrive;
use saphan_topology::Topology;

use crate::samples::{known, retraction, visit};
use crate::world::{World, topology};

/// A facility the register does not list, before [`with_newcomer`].
pub const NEWCOMER: &str = "99999";

/// The topology with one more facility.
pub fn with_newcomer(test: &str) -> Topology {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    let register = std::fs::read_to_string(dir.join("facilities.csv")).expect("the register");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.csv"));
    let line = format!("{NEWCOMER},SY3099999,ใหม่,New (synthetic),regional,30,3001,9\n");
    std::fs::write(&file, register + &line).expect("a copy");
    Topology::load(&dir, Some(&file)).unwrap_or_else(|it| panic!("{}", it[0]))
}

fn of_newcomer(number: &str, code: &str) -> Submission {
    from_newcomer(visit(number, code, known()))
}

/// The same, as the newcomer sends it.
pub fn from_newcomer(it: Submission) -> Submission {
    Submission { facility: NEWCOMER.to_owned(), ..it }
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

#[test]
fn bytes_that_can_be_read_at_last_close_their_defect() {
    let mut world = World::new();
    let mut value = Vec::new();
    saphan_codec::encode_framed(&visit("1", "J00", known()), &world.ids, &mut value);
    let later = 999_u32;
    value[1..5].copy_from_slice(&later.to_be_bytes());
    world.send_bytes(b"99001", value);
    assert_eq!((world.open_defects().len(), world.log().len()), (1, 0));
    world.read_submissions_as(later);
    world.redrive();
    assert_eq!((world.open_defects().len(), world.log().len()), (0, 1));
}

/// A header that anybody who may write to `ingest.v1` could have made up.
fn made_up(defect: EventId) -> Redrive {
    Redrive { origin: 0, defect, code: "SP-1302".to_owned() }
}

#[test]
fn a_redrive_makes_no_event_forgotten() {
    for deleted in [false, true] {
        let mut world = World::new();
        let event = visit("1", "J00", known());
        world.send(std::slice::from_ref(&event));
        if deleted {
            world.send(&[retraction("1")]);
        }
        let made_up = made_up(world.log()[0].envelope.event_id);
        let logged = world.log().len();
        world.send_as_redriven(&visit("2", "J01", known()), &made_up);
        assert_eq!(world.log().len(), logged + 1, "it is as good as any submission");
        let again = if deleted { retraction("1") } else { event };
        world.send(std::slice::from_ref(&again));
        world.send_as_redriven(&again, &made_up);
        assert_eq!(world.log().len(), logged + 1, "the event's row is still there");
        assert!(world.quarantined().is_empty(), "nothing was mended");
    }
}

#[test]
fn a_redrive_settles_no_defect_but_its_own() {
    let mut world = World::new();
    world.send(&[of_newcomer("1", "J00")]);
    let open = world.open_defects();
    let defect = open[0].event_id;
    world.send_as_redriven(&visit("2", "J01", known()), &made_up(defect));
    assert_eq!(world.open_defects(), open);
    world.send_as_redriven(&of_newcomer("2", "J00"), &made_up(defect));
    assert_eq!(world.open_defects().len(), 2, "one of its own, and the old one");
}

/// Nothing is remembered of a defect that is mended: should its cause come back, it is told.
#[test]
fn a_report_whose_facility_is_struck_again_is_told_again() {
    let remedy = "write the year as 2026".to_owned();
    let defect = Defect { code: "SP-1104".to_owned(), column: "DATE_SERV".to_owned(), remedy };
    let report = Submission { content: Content::Defect(defect), ..of_newcomer("1", "J00") };
    let codes = |world: &World| -> Vec<String> {
        world.open_defects().into_iter().map(|it| it.defect.code).collect()
    };
    let mut world = World::new();
    world.send(std::slice::from_ref(&report));
    world.update(with_newcomer("struck"));
    world.redrive();
    assert_eq!(codes(&world), ["SP-1104"]);
    world.update(topology());
    world.send(&[report]);
    assert_eq!(codes(&world), ["SP-1104", "SP-1302"]);
}
