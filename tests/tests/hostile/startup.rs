//! Roles that lack what they need: they say so with a code and end, with the status that is documented.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use saphan_demo::platform::Site;
use saphan_devstack::ports;

use crate::centre::Centre;
use crate::child::{Ended, run, saphan};

/// `saphan run` of one role of a platform, with some settings changed.
pub fn role(site: &Site, role: &str, settings: &[String]) -> std::process::Command {
    let mut command = saphan(&["run", "--roles", role]);
    command.arg("--config").arg(&site.config);
    // Ports of its own: the platform has taken the others.
    let listen = ["gateway", "serve", "admin"].map(|section| {
        let port = ports::pick().expect("a free port");
        format!("{section}.listen=127.0.0.1:{port}")
    });
    for setting in listen.iter().chain(settings) {
        command.arg("--set").arg(setting);
    }
    command
}

/// It ended by itself, told why, and said that it failed.
#[track_caller]
pub fn refused(ended: &Ended, code: &str) {
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let last = ended.errors.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: ") && last.contains(code), "{}", ended.errors);
    assert!(!ended.errors.contains("panicked"), "{}", ended.errors);
}

/// An address of this machine where nobody listens.
fn nobody() -> String {
    let port = ports::pick().expect("a free port");
    format!("http://127.0.0.1:{port}")
}

#[test]
fn no_role_starts_without_the_registry() {
    let site = Centre::shared().site.clone();
    for name in ["gateway", "admit", "route", "timeline", "operations"] {
        let settings = [
            format!("registry.url={}/apis/ccompat/v7", nobody()),
            "registry.start-wait-ms=300".to_owned(),
        ];
        refused(&run(&mut role(&site, name, &settings), Duration::from_secs(20)), "SP-1520");
    }
}

#[test]
fn no_sink_starts_without_the_store() {
    let site = Centre::shared().site.clone();
    let settings =
        [format!("clickhouse.url={}", nobody()), "clickhouse.start-wait-ms=300".to_owned()];
    refused(&run(&mut role(&site, "timeline", &settings), Duration::from_secs(20)), "SP-1701");
}

/// A signal is heeded at once while a role still waits for what it needs.
#[test]
fn a_role_that_waits_can_be_stopped() {
    let site = Centre::shared().site.clone();
    let waits = [
        ("gateway", format!("registry.url={}/apis/ccompat/v7", nobody()), "schema registry"),
        ("timeline", format!("clickhouse.url={}", nobody()), "analytical store"),
    ];
    for (name, setting, awaited) in waits {
        let log = site.dir.join(format!("logs/waits-{name}.log"));
        let file = std::fs::File::create(&log).expect("a log");
        let mut child =
            role(&site, name, &[setting]).stderr(file).spawn().expect("the program starts");
        let text = || std::fs::read_to_string(&log).expect("a log");
        let begun = Instant::now();
        while !text().contains(&format!("waiting for the {awaited}")) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", text());
            std::thread::sleep(Duration::from_millis(20));
        }
        let pid = i32::try_from(child.id()).expect("a process id fits");
        kill(Pid::from_raw(pid), Signal::SIGTERM).expect("our child");
        let asked = Instant::now();
        let status = child.wait().expect("our child");
        assert_eq!((status.code(), asked.elapsed().as_secs()), (Some(0), 0), "{}", text());
    }
}

#[track_caller]
fn check(arguments: &[&str], status: i32, told: &str) {
    let ended = run(&mut saphan(arguments), Duration::from_secs(20));
    assert_eq!(ended.status, Some(status), "{ended:?}");
    let mut lines = ended.errors.lines();
    assert!(lines.any(|it| it.starts_with("error") && it.contains(told)), "{ended:?}");
}

#[test]
fn the_exit_status_tells_usage_from_configuration() {
    check(&["--nonsense"], 64, "--nonsense");
    check(&["run", "--roles", "nonsense"], 64, "nonsense");
    check(&["adapter", "f43"], 64, "required arguments");
    check(&["--set", "gateway.nonsense=1", "run"], 78, "SP-1001");
    check(&["--set", "pipeline.workers=many", "run"], 78, "SP-1002");
    check(&["run", "--roles", "gateway"], 78, "SP-1007");
}
