//! A facility whose token or disk is not as it should be: the adapter says so, keeps what it has, and
//! sends it once the cause is mended.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use tempfile::tempdir;

use crate::centre::Centre;
use crate::child::{Ended, run, saphan};
use crate::document::{Document, service, visits};

/// Sends visits of a facility with some settings changed.
fn send(centre: &Centre, facility: &'static str, count: u32, settings: &[String]) -> Ended {
    let folder = tempdir().expect("a folder");
    let document = Document::of(facility).file("SERVICE.txt", service(&visits(facility, count)));
    let mut command = centre.adapter(facility);
    for setting in settings {
        command.arg("--set").arg(setting);
    }
    run(command.arg(document.write(folder.path())), Duration::from_secs(60))
}

fn outbox(centre: &Centre, facility: &str, action: &str) -> Ended {
    let mut command = saphan(&["outbox", action]);
    command.arg("--set").arg(format!("edge.dir={}", centre.edge(facility).display()));
    let ended = run(&mut command, Duration::from_secs(20));
    assert_eq!(ended.status, Some(0), "{ended:?}");
    ended
}

fn token_file(path: &Path) -> [String; 1] {
    [format!("edge.token-file={}", path.display())]
}

/// The command failed, and its last words name the code.
#[track_caller]
fn failed(ended: &Ended, code: &str) {
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let last = ended.errors.rsplit("error: ").next().unwrap_or_default();
    assert!(ended.errors.contains("error: ") && last.contains(code), "{}", ended.errors);
}

#[test]
fn visits_sent_with_another_facilitys_token_are_kept() {
    let centre = Centre::shared();
    let (facility, other) = ("99007", centre.edge("99008").join("token"));
    failed(&send(&centre, facility, 20, &token_file(&other)), "SP-1203: 20 refused");
    let status = outbox(&centre, facility, "status").output;
    assert!(status.contains("waiting 0") && status.contains("SP-1203: 20 refused"), "{status}");
    outbox(&centre, facility, "requeue");
    let ended = send(&centre, facility, 1, &[]);
    assert!(ended.errors.contains("21 accepted, 0 refused"), "{ended:?}");
    centre.quiet();
    assert_eq!(centre.ends(facility), [20, 1, 0]);
    let status = outbox(&centre, facility, "status").output;
    assert!(status.contains("waiting 0") && status.contains("refused 0"), "{status}");
}

#[test]
fn visits_sent_with_an_unknown_token_are_kept() {
    let centre = Centre::shared();
    let (facility, folder) = ("99003", tempdir().expect("a folder"));
    let wrong = folder.path().join("token");
    std::fs::write(&wrong, format!("saphan-{facility}-{}", "0".repeat(64))).expect("room");
    std::fs::set_permissions(&wrong, Permissions::from_mode(0o600)).expect("our file");
    let ended = send(&centre, facility, 20, &token_file(&wrong));
    failed(&ended, "SP-1232");
    assert!(ended.errors.contains("SP-1202"), "{}", ended.errors);
    let missing = folder.path().join("nothing");
    failed(&send(&centre, facility, 1, &token_file(&missing)), "SP-1236");
    assert!(outbox(&centre, facility, "status").output.contains("waiting 21"));
    let ended = send(&centre, facility, 1, &[]);
    assert!(ended.errors.contains("22 accepted, 0 refused"), "{ended:?}");
    centre.quiet();
    assert_eq!(centre.ends(facility), [20, 2, 0]);
}

/// A full outbox takes nothing new and loses nothing old; the same document goes in once there is room.
#[test]
fn a_full_outbox_says_so() {
    let centre = Centre::shared();
    let facility = "99008";
    let ended = send(&centre, facility, 3_000, &["edge.outbox-bytes-max=200000".to_owned()]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.errors.contains("SP-1230"), "{}", ended.errors);
    let ended = send(&centre, facility, 3_000, &[]);
    assert!(ended.errors.contains("3000 accepted, 0 refused"), "{ended:?}");
    centre.quiet();
    let [admitted, again, quarantined] = centre.ends(facility);
    assert_eq!((admitted, quarantined), (3_000, 0));
    assert!((1..3_000).contains(&again), "a part went in the first time: {again}");
}
