//! What admit makes of submissions.

use saphan_model::envelope::RetractReason;
use saphan_model::label::Labels;
use saphan_model::{Body, Content, Defect, Event, EventType};

use crate::samples::{
    CITIZEN, citizen, directive, known, referral, reply, retraction, unknown, visit,
};
use crate::world::{World, keys};

#[test]
fn an_unchanged_resend_is_recognised_and_leaves_no_record() {
    let mut world = World::new();
    world.send(&[visit("1", "J00", known())]);
    let mut again = visit("1", "J00", known());
    again.recorded_at = again.recorded_at.plus_seconds(3_600);
    again.provenance.document = "another.zip".to_owned();
    world.send(&[again]);
    assert_eq!(world.totals(), (1, 1, 0));
    assert_eq!(world.log().len(), 1);
}

#[test]
fn a_correction_is_a_new_revision_of_the_same_event() {
    let mut world = World::new();
    world.send(&[visit("1", "J00", known()), visit("1", "J01", known())]);
    let log = world.log();
    assert_eq!(log[0].envelope.event_id, log[1].envelope.event_id);
    assert_ne!(log[0].envelope.revision, log[1].envelope.revision);
    assert!(log[0].envelope.sequence < log[1].envelope.sequence);
    assert_eq!(world.totals(), (2, 0, 0));
}

#[test]
fn a_retraction_is_admitted_once_and_a_later_put_revives() {
    let mut world = World::new();
    world.send(&[visit("1", "J00", known()), retraction("1"), retraction("1")]);
    assert_eq!(world.totals(), (2, 1, 0));
    let log = world.log();
    let Event::Retract { retracted_type, reason } = log[1].event else { panic!("a retraction") };
    assert_eq!((retracted_type, reason), (EventType::Encounter, RetractReason::SourceDeleted));
    assert_eq!(log[1].envelope.patient, log[0].envelope.patient);
    world.send(&[visit("1", "J00", known())]);
    assert_eq!(world.totals(), (3, 1, 0));
}

#[test]
fn what_cannot_be_admitted_is_quarantined_once_with_its_code() {
    let mut world = World::new();
    let mut stranger = visit("1", "J00", known());
    stranger.facility = "00000".to_owned();
    let nobody = visit("2", "J00", saphan_model::Subject::default());
    let mut bad_row = visit("3", "J00", known());
    let remedy = "write the year as 2026".to_owned();
    let code = "SP-1104".to_owned();
    bad_row.content = Content::Defect(Defect { code, column: "DATE_SERV".to_owned(), remedy });
    let all = [stranger, nobody, retraction("9"), bad_row];
    world.send(&all);
    world.send(&all);
    let codes: Vec<String> = world.quarantined().into_iter().map(|it| it.defect.code).collect();
    assert_eq!(codes, ["SP-1302", "SP-1303", "SP-1310", "SP-1104"]);
    assert_eq!(world.totals(), (0, 4, 4));
}

/// A sender that writes the bytes itself can get a check digit wrong; its facility must find the row.
#[test]
fn what_cannot_be_read_stands_under_the_facility_of_its_key() {
    let mut world = World::new();
    let mut good = Vec::new();
    saphan_codec::encode_framed(&visit("1", "J00", known()), &world.ids, &mut good);
    let at = good.windows(13).position(|it| it == CITIZEN.as_bytes()).expect("it is in there");
    let mut wrong_digit = good.clone();
    wrong_digit[at + 12] = b'2';
    let cut = &good[..good.len() - 1];

    world.send_bytes(b"99001", wrong_digit.clone());
    world.send_bytes(b"99001", cut.to_vec());
    for key in [&b""[..], b"9900", b"990011", b"99 01", b"\xFF\xFF\xFF\xFF\xFF", CITIZEN.as_bytes()]
    {
        world.send_bytes(key, wrong_digit.clone());
    }

    let rows = world.quarantined();
    let told: Vec<_> = rows.iter().map(|it| (&*it.facility, &*it.defect.code)).collect();
    assert_eq!(told[..2], [("99001", "SP-1304"), ("99001", "SP-1301")]);
    assert_eq!(told[2..], [("", "SP-1304"); 6], "no other key is a facility");
    assert_eq!(rows[0].provenance.document, "ingest.v1/0");
    assert!(!format!("{rows:?}").contains(&CITIZEN[..12]), "nothing of the bytes");
    let counts: Vec<_> = world.ledgers().into_iter().flat_map(|it| it.counts).collect();
    let quarantined: i64 =
        counts.iter().filter(|it| it.facility == "99001").map(|it| it.quarantined).sum();
    assert_eq!((quarantined, world.totals()), (2, (0, 0, 8)));
}

#[test]
fn the_ledger_covers_every_offset_once() {
    let mut world = World::new();
    world.send(&[visit("1", "J00", known()), retraction("7")]);
    world.send(&[visit("1", "J00", known())]);
    let ranges: Vec<_> =
        world.ledgers().iter().map(|it| (it.first_offset, it.next_offset)).collect();
    assert_eq!(ranges, [(0, 2), (2, 3)]);
}

#[test]
fn a_citizen_id_moves_the_events_of_a_local_number() {
    let mut world = World::new();
    world.send(&[visit("1", "J00", unknown()), visit("2", "A90", unknown()), retraction("1")]);
    let local = world.log()[0].envelope.patient;
    assert_eq!(local, keys().local_pseudonym("99001", "77"));
    world.send(&[visit("3", "J00", known())]);
    let log = world.log();
    let moved = &log[3..];
    let citizen = keys().pseudonym(&citizen());
    let patients: Vec<_> = moved.iter().map(|it| it.envelope.patient == citizen).collect();
    assert_eq!(
        moved.iter().map(|it| it.envelope.event_type.as_str()).collect::<Vec<_>>(),
        ["link", "retraction", "encounter", "encounter"]
    );
    assert_eq!(patients, [true, false, true, true], "only the retraction is the old patient's");
    assert_eq!(moved[1].envelope.event_id, moved[2].envelope.event_id);
    assert!(moved[2].envelope.sealed_citizen_id.is_some());
    world.send(&[visit("4", "J00", unknown())]);
    let last = world.log().pop().expect("a record");
    assert_eq!(last.envelope.patient, citizen, "the number stays linked");
}

/// A put of the old content and one of the new at one position would be two states of one version.
#[test]
fn an_event_that_brings_the_citizen_id_itself_moves_once_with_its_new_content() {
    let mut world = World::new();
    world.send(&[visit("1", "J00", unknown()), visit("2", "J00", unknown())]);
    world.send(&[visit("1", "A90", known())]);
    let log = world.log();
    let (one, two) = (log[0].envelope.event_id, log[1].envelope.event_id);
    let moved: Vec<_> = log[3..].iter().map(|it| (it.envelope.event_id, &it.event)).collect();
    assert!(
        matches!(
            moved[..],
            [
                (a, Event::Retract { .. }),
                (b, Event::Put(_)),
                (c, Event::Retract { .. }),
                (d, Event::Put(_))
            ] if (a, b, c, d) == (two, two, one, one)
        ),
        "{moved:?}"
    );
    assert_eq!(log[6].envelope.facets.main_code.as_deref(), Some("A90"));
    assert!(log[2..].iter().all(|it| it.envelope.sequence == 2));
}

#[test]
fn labels_and_facets_follow_the_diagnoses() {
    let mut world = World::new();
    world.send(&[visit("1", "F32", known()), visit("2", "A90", known())]);
    let log = world.log();
    let labels = |n: usize| log[n].envelope.labels.iter().map(|it| it.as_str()).collect::<Vec<_>>();
    assert_eq!(labels(0), ["mental-health"]);
    assert!(labels(1).is_empty());
    let facets = &log[1].envelope.facets;
    assert_eq!((facets.region, facets.province.as_str()), (9, "30"));
    assert_eq!(facets.notifiable, ["66"]);
    assert_eq!(facets.main_code.as_deref(), Some("A90"));
}

#[test]
fn what_is_said_in_free_text_only_carries_every_label() {
    let mut world = World::new();
    let mut undiagnosed = visit("1", "J00", known());
    let Content::Put(Body::Encounter(it)) = &mut undiagnosed.content else { panic!("a visit") };
    it.diagnoses.clear();
    world.send(&[referral("1"), reply("1", None), reply("2", Some("made up")), undiagnosed]);
    let labels: Vec<_> = world.log().iter().map(|it| it.envelope.labels).collect();
    assert_eq!(labels, [Labels::ALL, Labels::NONE, Labels::ALL, Labels::ALL]);
}

#[test]
fn a_rolled_back_batch_is_admitted_again_as_if_for_the_first_time() {
    let mut world = World::new();
    world.send_and_roll_back(&visit("1", "J00", unknown()));
    assert!(world.log().is_empty());
    world.send(&[visit("1", "J00", unknown())]);
    assert_eq!(world.totals(), (1, 0, 0));
}

#[test]
fn a_directive_is_an_event_like_any_other() {
    let mut world = World::new();
    let it = directive(
        "health-link",
        saphan_model::directive::Purpose::Treatment,
        Default::default(),
        true,
    );
    world.send(&[it.clone(), it]);
    assert_eq!(world.totals(), (1, 1, 0));
    assert!(matches!(world.log()[0].event, Event::Put(Body::Directive(_))));
}
