//! Parts that die while the platform runs, on a stack of its own: the process lives on, says what is
//! wrong, and catches up; nothing is lost and nothing is counted twice.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use saphan_demo::platform::Platform;
use saphan_devstack::{Part, Stack, StackOptions};
use tempfile::tempdir;

use crate::centre::{Centre, folder};
use crate::child::{Ended, Started, run, start};
use crate::document::{Document, service, visits};
use crate::door;
use crate::startup::{refused, role};

/// A platform with the parts under it, to be killed.
struct Private {
    stack: Stack,
    centre: Centre,
}

impl Private {
    /// One for all tests here, one test at a time.
    fn shared() -> MutexGuard<'static, Self> {
        static SHARED: OnceLock<Mutex<Private>> = OnceLock::new();
        let launch = || {
            let dir = folder("private");
            let options = StackOptions { dir: Some(dir.join("stack")), ..StackOptions::private() };
            let stack = Stack::start(options).expect("the parts start");
            let centre = Centre::start(&stack, &dir);
            Mutex::new(Self { stack, centre })
        };
        SHARED.get_or_init(launch).lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process of all roles must live.
    #[track_caller]
    fn alive(&self) {
        let platform: &Mutex<Platform> = &self.centre.platform;
        platform.lock().expect("no holder panics").tend().expect("the roles run");
    }

    #[track_caller]
    fn send(&self, facility: &'static str, count: u32) -> Ended {
        let folder = tempdir().expect("a folder");
        self.centre.send(facility, &[document(facility, count).write(folder.path())])
    }

    fn encounters(&self, facility: &str) -> i64 {
        let sql = "SELECT toInt64(count()) FROM event_fact FINAL WHERE event_type = 'encounter'";
        self.centre.count(&format!("{sql} AND facility = '{facility}'"))
    }
}

fn document(facility: &'static str, count: u32) -> Document {
    Document::of(facility).file("SERVICE.txt", service(&visits(facility, count))).at(count)
}

/// Waits until a program that runs has said something.
#[track_caller]
fn until_told(started: &Started, what: &str) {
    let begun = Instant::now();
    while !started.errors().contains(what) {
        assert!(begun.elapsed() < Duration::from_secs(20), "not told: {}", started.errors());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Roles that run have what they need from the registry; a role that starts says that it is away.
#[test]
fn the_registry_is_away() {
    let it = Private::shared();
    it.stack.kill(Part::Registry).expect("killed");
    let settings = ["registry.start-wait-ms=300".to_owned()];
    let ended = run(&mut role(&it.centre.site, "admit", &settings), Duration::from_secs(20));
    refused(&ended, "SP-1520");
    assert_eq!(it.send("99001", 40).status, Some(0));
    it.centre.quiet();
    assert_eq!((it.centre.ends("99001"), it.encounters("99001")), ([40, 0, 0], 40));
    it.stack.restart(Part::Registry).expect("restarted");
    it.alive();
}

/// The gateway says that it cannot take anything now; who waits goes on by itself, who is stopped goes on
/// the next time, and every visit is admitted once.
#[test]
fn the_brokers_are_away() {
    let it = Private::shared();
    let (folder, centre) = (tempdir().expect("a folder"), &it.centre);
    it.stack.kill(Part::Kafka).expect("killed");
    let answer = door::post_one(centre, "99006");
    door::check(&answer, 503, "SP-1213");
    assert!(answer.1.contains(r#""retry-after": "5""#), "{}", answer.1);
    let waiting = start(centre.adapter("99002").arg(document("99002", 300).write(folder.path())));
    let stopped = start(centre.adapter("99003").arg(document("99003", 200).write(folder.path())));
    for it in [&waiting, &stopped] {
        until_told(it, "SP-1213");
        assert!(it.errors().contains("trying again"), "{}", it.errors());
    }
    kill(Pid::from_raw(stopped.pid()), Signal::SIGTERM).expect("our child");
    let stopped = stopped.wait(Duration::from_secs(20));
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    assert!(stopped.errors.contains("0 accepted, 0 refused\nstopped"), "{}", stopped.errors);
    it.alive();

    it.stack.restart(Part::Kafka).expect("restarted");
    let waited = waiting.wait(Duration::from_secs(60));
    assert_eq!(waited.status, Some(0), "{waited:?}");
    assert!(waited.errors.contains("300 accepted, 0 refused"), "{}", waited.errors);
    let again = it.send("99003", 1);
    assert!(again.errors.contains("201 accepted, 0 refused"), "{again:?}");
    centre.quiet();
    // The one visit of the second document was in the first one too.
    assert_eq!((centre.ends("99002"), it.encounters("99002")), ([300, 0, 0], 300));
    assert_eq!((centre.ends("99003"), it.encounters("99003")), ([200, 1, 0], 200));
}

/// The store is away while records arrive: sinks wait, pages say so, and after its return every figure is
/// as if nothing had been.
#[test]
fn the_store_is_away() {
    let it = Private::shared();
    assert_eq!(it.send("99004", 100).status, Some(0));
    it.centre.quiet();
    it.stack.kill(Part::ClickHouse).expect("killed");
    // The hundred again, and fifty more.
    assert_eq!(it.send("99004", 150).status, Some(0));
    let (status, page) = page(&it.centre, "/conservation");
    assert_eq!((status, page.contains("SP-1801")), (503, true), "{page}");
    std::thread::sleep(Duration::from_secs(3));
    it.alive();
    assert!(it.centre.log().contains("SP-1701"), "the log says what is missing");
    it.stack.restart(Part::ClickHouse).expect("restarted");
    it.centre.quiet();
    assert_eq!((it.centre.ends("99004"), it.encounters("99004")), ([150, 100, 0], 150));
    assert_eq!(self::page(&it.centre, "/conservation").0, 200);
}

fn page(centre: &Centre, path: &str) -> (u16, String) {
    let mut answer = ureq::get(format!("http://{}{path}", centre.site.pages))
        .config()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .call()
        .expect("an answer");
    (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
}
