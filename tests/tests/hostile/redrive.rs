//! A facility nobody had registered: what it sent waits in quarantine and is admitted, once, by a redrive.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use saphan_demo::platform::{Platform, Spread};
use saphan_devstack::Stack;
use saphan_kafka::{Isolation, KafkaConfig, Outbound, Producer, ProducerLimits, Reader};
use tempfile::tempdir;

use crate::centre::{Centre, folder};
use crate::document::{Document, service, visits};

const KNOWN: &str = "99001";
const NEWCOMER: &str = "99777";

#[test]
fn a_redrive_admits_what_waited_for_its_facility_to_be_registered() {
    let stack = Stack::shared().expect("the parts start");
    let centre = Centre::start(stack, &folder("redrive"));
    let folder = tempdir().expect("a folder");
    let document = Document::of(KNOWN).file("SERVICE.txt", service(&visits(KNOWN, 3)));
    centre.send(KNOWN, &[document.write(folder.path())]);
    let waiting = send_as_newcomer(&centre);
    centre.quiet();
    assert_eq!(centre.ends(NEWCOMER), [0, 0, waiting]);
    let site = centre.site.clone();
    let redrive = |more: &[&str]| {
        let arguments = [&["quarantine", "redrive", "--facility", NEWCOMER][..], more].concat();
        site.saphan(&arguments).expect("it ends well")
    };
    assert_eq!(redrive(&["--dry-run"]), format!("{waiting} would be redriven\n"));
    let too_early = format!("{waiting} redriven\n0 mended, {waiting} set aside again\n");
    assert_eq!(redrive(&["--wait"]), too_early);
    let centre = register(centre);
    let in_time = format!("{waiting} redriven\n{waiting} mended, 0 set aside again\n");
    assert_eq!(redrive(&["--wait"]), in_time);
    centre.quiet();
    assert_eq!(centre.ends(NEWCOMER), [waiting, 0, 2 * waiting]);
    assert_eq!(redrive(&["--wait"]), "0 redriven\n");
    let (clean, report) = site.verify().expect("a report");
    assert!(clean, "{report}");
    let list = centre.site.saphan(&["quarantine", "list", "--facility", NEWCOMER]);
    assert_eq!(list.expect("a list"), "");
    centre.platform.into_inner().unwrap_or_else(PoisonError::into_inner).stop().expect("it stops");
}

/// What the known facility sent, under the newcomer's code; how many.
fn send_as_newcomer(centre: &Centre) -> i64 {
    let kafka = KafkaConfig::plaintext(&centre.site.parts.kafka_bootstrap);
    let topic: Arc<str> = centre.site.name("ingest.v1").into();
    let reader = Reader::new(&kafka, "newcomer", Isolation::Committed).expect("a reader");
    let mut outbound = Vec::new();
    let read = reader.read_to_end(&topic, |it| {
        let mut value = it.value.expect("a value").to_vec();
        let at = value.windows(5).position(|it| it == KNOWN.as_bytes()).expect("its facility");
        value[at..at + 5].copy_from_slice(NEWCOMER.as_bytes());
        outbound.push(Outbound::keyed(topic.clone(), NEWCOMER.as_bytes(), value));
    });
    let read = i64::try_from(read.expect("it is read")).expect("few");
    let producer = Producer::new(&kafka, "newcomer", &ProducerLimits::default()).expect("one");
    let answers = producer.send(outbound).wait(Duration::from_secs(20));
    assert!(read >= 3 && answers.iter().all(Result::is_ok), "{answers:?}");
    read
}

/// Adds the facility to the register, and starts the roles again to read it.
fn register(centre: Centre) -> Centre {
    let Centre { site, platform } = centre;
    platform.into_inner().unwrap_or_else(PoisonError::into_inner).stop().expect("they stop");
    let file = std::fs::File::options().append(true).open(site.dir.join("facilities.csv"));
    writeln!(file.expect("the register"), "\n{NEWCOMER},,ใหม่,New (synthetic),regional,30,3001,9")
        .expect("room on the disk");
    let platform = Platform::start(site.clone(), Spread::Together, false).expect("the roles");
    Centre { site, platform: Mutex::new(platform) }
}
