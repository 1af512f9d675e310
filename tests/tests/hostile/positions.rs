//! The positions of admit and route are gone: both refuse to begin anew, and the recipe of SP-1505 finds
//! the positions in what was written together with them.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use saphan_demo::child::Running;
use saphan_demo::clickhouse;
use saphan_demo::platform::{Platform, Spread};
use saphan_devstack::Stack;
use tempfile::tempdir;

use crate::centre::{COUNTER, Centre, folder, prepare, root};
use crate::document::{Document, service, visits};
use crate::revocation::{CITIZEN, consent, feed};

const FACILITY: &str = "99001";

/// Group, input, and where the recipe finds its positions.
const READERS: [(&str, &str, &str); 2] = [
    (
        "admit",
        "ingest.v1",
        "SELECT ingest_partition, max(next_offset) FROM admission GROUP BY ingest_partition",
    ),
    (
        "route",
        "patient.log.v1",
        "SELECT log_partition, max(log_offset) + 1 FROM decision GROUP BY log_partition",
    ),
];

/// The processes of admit and route; nobody else looks at them meanwhile.
fn each(centre: &Centre, mut act: impl FnMut(&mut Running)) {
    let mut platform: MutexGuard<'_, Platform> =
        centre.platform.lock().unwrap_or_else(PoisonError::into_inner);
    let named = |it: &&mut Running| ["admit-0", "route-0"].contains(&it.name());
    platform.roles.iter_mut().filter(named).for_each(&mut act);
}

fn operator(centre: &Centre, group: &str, arguments: &[String]) {
    let python = root().join(".dev/python/bin/python");
    assert!(python.exists(), "no {}; run scripts/python-clients.sh", python.display());
    let output = Command::new(python)
        .arg(root().join("tests/foreign/positions.py"))
        .args([&centre.site.parts.kafka_bootstrap, &centre.site.name(group)])
        .args(arguments)
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn send(centre: &Centre, n_visits: u32) {
    let folder = tempdir().expect("a folder");
    let text = service(&visits(FACILITY, n_visits));
    let document = Document::of(FACILITY).file("SERVICE.txt", text).at(n_visits);
    let ended = centre.send(FACILITY, &[document.write(folder.path())]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

#[track_caller]
fn refuses_to_begin_anew(role: &mut Running) {
    let begun = Instant::now();
    while role.ended().expect("our child").is_none() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} runs on", role.name());
        std::thread::sleep(Duration::from_millis(50));
    }
    let log = std::fs::read_to_string(role.log()).expect("a log");
    let last = log.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: ") && last.contains("SP-1505"), "{last}");
}

#[test]
fn lost_positions_are_found_again_in_what_was_written_with_them() {
    let stack = Stack::shared().expect("the parts start");
    let site = prepare(stack, &folder("positions"));
    let platform = Platform::start(site.clone(), Spread::Apart { workers: 1 }, false);
    let centre = Centre { site, platform: Mutex::new(platform.expect("the roles")) };
    feed(&centre.site, COUNTER, &[consent("positions", CITIZEN, COUNTER, "active", false)]);
    send(&centre, 40);
    centre.quiet();

    each(&centre, |it| it.take_away().expect("asked to stop"));
    READERS.iter().for_each(|it| operator(&centre, it.0, &["forget".to_owned()]));
    send(&centre, 60); // Facilities go on sending.
    each(&centre, |it| it.bring_back().expect("started"));
    each(&centre, refuses_to_begin_anew);

    let page = std::fs::read_to_string(root().join("docs/errors/SP-1505.md")).expect("the page");
    for (group, topic, positions) in READERS {
        assert!(page.contains(positions), "the recipe says otherwise: {positions}");
        let rows = clickhouse::rows(&centre.site, positions).expect("positions");
        let place =
            |row: &Vec<String>| format!("{}:{}:{}", centre.site.name(topic), row[0], row[1]);
        let places: Vec<_> = ["set".to_owned()].into_iter().chain(rows.iter().map(place)).collect();
        assert!(places.len() > 1, "nothing was written");
        operator(&centre, group, &places);
    }
    each(&centre, |it| it.bring_back().expect("started"));
    centre.quiet();
    assert_eq!(centre.ends(FACILITY), [60, 40, 0]);
    let (clean, report) = centre.site.verify().expect("a report");
    assert!(clean, "{report}");
    centre.platform.into_inner().unwrap_or_else(PoisonError::into_inner).stop().expect("it stops");
}
