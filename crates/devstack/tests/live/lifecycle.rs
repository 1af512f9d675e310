//! Up, down, kill, start, reset: what is kept, what heals, what is left behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use saphan_devstack::{Dev, Part, PartState, Stack, StackOptions, UpOptions};

use crate::clients::{consume, create_topic, http, produce, register};

const PROGRAM: &str = env!("CARGO_BIN_EXE_saphan-dev");
const SCHEMA: &str = r#"{"type":"record","name":"Visit","fields":[{"name":"n","type":"int"}]}"#;

fn dev(dir: &Path) -> Dev {
    Dev::open(dir, None, PROGRAM.into(), Box::new(|line| eprintln!("{line}"))).unwrap()
}

/// Ids of the processes that bear the mark of the stack in `dir`.
fn processes_of(dir: &Path) -> Vec<String> {
    let mark = format!("SAPHAN_DEV_MARK={}::", dir.canonicalize().unwrap().display());
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let marked = entries.filter_map(|entry| {
        let environment = fs::read(entry.path().join("environ")).ok()?;
        let found = environment.split(|it| *it == 0).any(|it| it.starts_with(mark.as_bytes()));
        found.then(|| entry.file_name().to_string_lossy().into_owned())
    });
    marked.collect()
}

/// Starting Java takes a whole core for seconds: the tests that do it take turns.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Waits for the turn of a test that starts Kafka.
pub async fn turn() -> tokio::sync::MutexGuard<'static, ()> {
    TURN.lock().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_kill_and_a_down() {
    let _turn = turn().await;
    let dir = tempfile::tempdir().unwrap();
    let dev = dev(dir.path());
    let up = UpOptions { free_ports: true, ..UpOptions::default() };
    let at = dev.up(&up).unwrap();

    create_topic(&at.kafka_bootstrap, "visits", 1).await;
    produce(&at.kafka_bootstrap, "visits", "one");
    let id = register(&at.registry_url, "visit", SCHEMA);
    let run = |sql: &str| {
        let (status, reply) = http("POST", &format!("{}/", at.clickhouse_url), sql);
        assert_eq!(status, 200, "{reply}");
        reply
    };
    run("CREATE TABLE visits (n UInt32) ENGINE = MergeTree ORDER BY n");
    run("INSERT INTO visits VALUES (1)");
    let check_kept = || {
        assert_eq!(consume(&at.kafka_bootstrap, "visits", 1), ["one"]);
        let (status, schema) = http("GET", &format!("{}/schemas/ids/{id}", at.registry_url), "");
        assert!(status == 200 && schema.contains("Visit"), "{schema}");
        assert_eq!(register(&at.registry_url, "visit", SCHEMA), id);
        assert_eq!(run("SELECT n FROM visits FORMAT CSV").trim(), "1");
    };
    check_kept();

    assert_eq!(dev.up(&up).unwrap(), at, "a second up changes nothing");
    assert_eq!(processes_of(dir.path()).len(), 3);

    for part in [Part::Kafka, Part::Registry, Part::ClickHouse] {
        dev.kill(part).unwrap();
        let status = dev.status().unwrap();
        let stopped = status.parts.iter().filter(|it| it.state == PartState::Stopped).count();
        assert_eq!(stopped, 1, "{part}");
        dev.start(part).unwrap();
    }
    check_kept();

    dev.down().unwrap();
    assert_eq!(processes_of(dir.path()), [""; 0]);
    assert!(!dev.status().unwrap().running);
    assert_eq!(dev.up(&up).unwrap(), at, "ports are kept");
    check_kept();

    dev.reset().unwrap();
    assert_eq!(processes_of(dir.path()), [""; 0]);
    assert!(!dir.path().join("data").exists());
}

#[test]
fn a_killed_launcher_leaves_nothing_that_the_next_one_cannot_heal() {
    let _turn = TURN.blocking_lock();
    let dir = tempfile::tempdir().unwrap();
    let launcher = || {
        let mut command = Command::new(PROGRAM);
        command.arg("--dir").arg(dir.path()).args(["up", "--free-ports"]).stdout(Stdio::null());
        command
    };
    for pause in [300, 1500, 3000] {
        let mut child = launcher().stderr(Stdio::piped()).spawn().unwrap();
        thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        let said = child.wait_with_output().unwrap().stderr;
        assert_eq!(String::from_utf8_lossy(&said), "", "no trouble before the kill");
    }
    // A launcher that died before it wrote the state leaves processes the file does not know.
    let mut state = fs::read_to_string(dir.path().join("state.json")).unwrap();
    let cut = state.find("\"processes\"").unwrap();
    state.truncate(cut);
    fs::write(dir.path().join("state.json"), state + "\"processes\": {}}").unwrap();

    assert!(launcher().status().unwrap().success());
    assert_eq!(processes_of(dir.path()).len(), 3);
    let dev = dev(dir.path());
    assert!(dev.status().unwrap().running);
    dev.down().unwrap();
    assert_eq!(processes_of(dir.path()), [""; 0]);
}

#[test]
fn a_registry_killed_before_it_ever_answered_begins_anew() {
    let _turn = TURN.blocking_lock();
    let dir = tempfile::tempdir().unwrap();
    let dev = dev(dir.path());
    let parts = vec![Part::Registry];
    let up = UpOptions { free_ports: true, parts, ..UpOptions::default() };
    let database = dir.path().join("data/registry/registry.mv.db");
    thread::scope(|scope| {
        let first = scope.spawn(|| dev.up(&up));
        while !database.exists() {
            assert!(!first.is_finished(), "it answered without tables");
            thread::sleep(Duration::from_millis(5));
        }
        for process in processes_of(dir.path()) {
            Command::new("kill").args(["-9", &process]).status().unwrap();
        }
        let error = first.join().unwrap().unwrap_err().to_string();
        assert!(error.contains("SP-1905"), "{error}");
    });
    // Whatever the kill left: at worst this.
    fs::write(&database, "half a database").unwrap();

    let at = dev.up(&up).unwrap();
    let aside = fs::read_to_string(dir.path().join("data/registry.unfinished/registry.mv.db"));
    assert_eq!(aside.unwrap(), "half a database", "nothing is thrown away");
    let id = register(&at.registry_url, "visit", SCHEMA);
    dev.kill(Part::Registry).unwrap();
    dev.start(Part::Registry).unwrap();
    let (status, _) = http("GET", &format!("{}/schemas/ids/{id}", at.registry_url), "");
    assert_eq!(status, 200, "once it answered, what is in it stays");
    dev.down().unwrap();
}

#[test]
fn what_a_registry_took_after_its_launcher_was_killed_stays() {
    let _turn = TURN.blocking_lock();
    let dir = tempfile::tempdir().unwrap();
    let mut launcher = Command::new(PROGRAM)
        .arg("--dir")
        .arg(dir.path())
        .args(["up", "--free-ports", "registry"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !dir.path().join("data/registry/registry.mv.db").exists() {
        assert_eq!(launcher.try_wait().unwrap(), None, "it answered without tables");
        thread::sleep(Duration::from_millis(5));
    }
    launcher.kill().unwrap();
    launcher.wait().unwrap();
    let dev = dev(dir.path());
    let registry = || dev.status().unwrap().parts.into_iter().find(|it| it.name == "registry");
    while registry().unwrap().state != PartState::Running {
        thread::sleep(Duration::from_millis(100));
    }
    let url = dev.status().unwrap().addresses.unwrap().registry_url;
    let id = register(&url, "visit", SCHEMA);

    dev.kill(Part::Registry).unwrap();
    dev.start(Part::Registry).unwrap();
    let (status, _) = http("GET", &format!("{url}/schemas/ids/{id}"), "");
    assert_eq!(status, 200);
    dev.down().unwrap();
}

#[test]
fn a_dropped_stack_leaves_nothing() {
    let _turn = TURN.blocking_lock();
    let options = StackOptions::private().only([Part::Registry, Part::ClickHouse]);
    let stack = Stack::start(options).unwrap();
    let dir = stack.addresses().dir.clone();
    assert_eq!(processes_of(&dir).len(), 2);
    assert_ne!(stack.unique_prefix(), stack.unique_prefix());
    assert!(Stack::attach(&dir).is_err(), "Kafka does not run");
    let attached = Stack::attach_to(&dir, &[Part::ClickHouse]).unwrap();
    assert_eq!(attached.addresses(), stack.addresses());
    drop(attached);
    assert_eq!(processes_of(&dir).len(), 2, "who only attached stops nothing");
    drop(stack);
    assert!(!dir.exists());
}

#[test]
fn a_taken_port_is_named_with_the_stack_that_has_it() {
    let ours = Stack::shared_clickhouse().unwrap().addresses();
    let port = ours.clickhouse_url.rsplit(':').next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(PROGRAM)
        .arg("--dir")
        .arg(dir.path())
        .args(["up", "--free-ports", "--clickhouse-port", port])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("SP-1902") && said.contains(ours.dir.to_str().unwrap()), "{said}");
    assert_eq!(processes_of(dir.path()), [""; 0], "nothing was started");
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let output = Command::new(PROGRAM)
        .arg("--dir")
        .arg(dir.path())
        .arg("--cache")
        .arg(cache.path())
        .args(["up", "--free-ports"])
        .env("PATH", dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    for word in ["SP-1901", "`java`", "`mvn`", "`npm`", "apt-get install"] {
        assert!(said.contains(word), "{word} in {said}");
    }
}
