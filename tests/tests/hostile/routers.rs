//! "In force" with two route processes: the one that owns the patient's partition stands still, and the
//! withdrawal is in force only when the other one has taken over and passed it.

use std::time::{Duration, Instant};

use saphan_demo::child::Running;
use saphan_demo::platform::Site;
use saphan_devstack::Stack;
use serde_json::json;

use crate::centre::{COUNTER as FACILITY, folder, prepare, set};
use crate::revocation::{Answer, ask, consent, feed, token, until, withdraw};

/// Made up; its check digit holds.
pub const CITIZEN: &str = "1100000000008";
const DIRECTIVE: &str = "with-two-routers";
/// The group notices after 30 seconds that a member is silent.
const PATIENCE: Duration = Duration::from_secs(120);

/// The value of a metric's series at a process; 0 before the first.
fn metric(process: &Running, series: &str) -> u64 {
    let answer = ureq::get(format!("http://{}/metrics", process.admin()))
        .config()
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .call();
    let Ok(mut answer) = answer else { return 0 };
    let text = answer.body_mut().read_to_string().expect("text");
    let value = text.lines().find_map(|it| it.strip_prefix(series)?.strip_prefix(' '));
    value.map_or(0, |it| it.parse().expect("a number"))
}

fn owned(route: &Running) -> u64 {
    metric(route, r#"saphan_loop_partitions_owned{role="route",worker="0"}"#)
}

fn directives(route: &Running) -> u64 {
    metric(route, r#"saphan_route_received_total{type="directive"}"#)
}

#[track_caller]
fn wait(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "not after {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A gateway, admit, and two routers, each a process of its own.
fn start(site: &Site) -> (Running, Running, [Running; 2]) {
    let launch = |name: &str, role: &str, ordinal: u32| {
        let mut launch = site.launch(name, role).expect("a free port");
        // No two routers may share a number.
        let number = launch.arguments.iter_mut().find(|it| it.starts_with("pipeline.ordinal="));
        *number.expect("a setting") = format!("pipeline.ordinal={ordinal}");
        launch.start().expect("it starts")
    };
    let routes = [0, 1].map(|ordinal| launch(&format!("route-{ordinal}"), "route", ordinal));
    let (gateway, admit) = (launch("gateway", "gateway", 0), launch("admit", "admit", 0));
    wait("both routers own partitions", || {
        let owned = routes.each_ref().map(owned);
        owned.iter().all(|it| *it > 0) && owned.iter().sum::<u64>() == 8
    });
    wait("the gateway listens", || listens(site));
    (gateway, admit, routes)
}

fn listens(site: &Site) -> bool {
    std::net::TcpStream::connect(&site.gateway).is_ok()
}

#[test]
fn a_withdrawal_is_in_force_once_the_partitions_new_owner_has_passed_it() {
    let stack = Stack::shared().expect("the parts start");
    let site = prepare(stack, &folder("routers"));
    set(&site, "gateway", "receipt-wait-ms = 500");
    let (mut gateway, mut admit, mut routes) = start(&site);
    feed(&site, FACILITY, &[consent(DIRECTIVE, CITIZEN, FACILITY, "active", false)]);
    wait("the consent is routed", || routes.iter().any(|it| directives(it) == 1));
    let owner = routes.iter().position(|it| directives(it) == 1).expect("one of them");

    // Admit is behind for a while, too: whoever withdraws has to ask again.
    admit.suspend(true).expect("stopped where it stands");
    routes[owner].suspend(true).expect("stopped where it stands");
    let own = token(&site, FACILITY);
    let body = json!({
        "directive": DIRECTIVE, "citizen_id": CITIZEN, "grantor": "patient", "method": "electronic",
    });
    let sent = withdraw(&site, &own, &body);
    assert_eq!(sent.status, 202, "{sent:?}");

    // Another process answers, which knows of nothing but the log.
    gateway.kill_and_restart().expect("started again");
    wait("the gateway listens", || listens(&site));
    let still = ask(&site, &own, &sent.location);
    assert_eq!((still.status, &still.location), (202, &sent.location), "{still:?}");
    // Once more, with a receipt of its own; the first one's must not be lost by it.
    let again = withdraw(&site, &own, &body);
    assert_eq!(again.status, 202, "{again:?}");
    admit.suspend(false).expect("it goes on");
    let known = |it: &Answer| it.status == 200;
    let receipt = until(PATIENCE, || ask(&site, &own, &sent.location), known);
    let at = receipt.location.clone();
    let before = Instant::now();
    while before.elapsed() < Duration::from_secs(5) {
        let answer = ask(&site, &own, &at);
        assert_eq!((answer.status, &answer.body["in_force"]), (200, &json!(false)), "{answer:?}");
        std::thread::sleep(Duration::from_millis(250));
    }
    let other = 1 - owner;
    assert_eq!(directives(&routes[other]), 0, "it does not own the partition yet");

    let in_force = |it: &Answer| it.body["in_force"] == json!(true);
    let passed = until(PATIENCE, || ask(&site, &own, &at), in_force);
    assert_eq!(passed.body["sha256"], receipt.body["sha256"]);
    wait("the other one routed both", || directives(&routes[other]) == 2);
    // The slow ones are measured, too, though nobody got their receipts with the first answer.
    for stage in ["receipt", "in-force"] {
        let count = format!("saphan_gateway_revocation_seconds_count{{stage=\"{stage}\"}}");
        wait(&count, || metric(&gateway, &count) == 1);
    }
    assert_eq!(owned(&routes[other]), 8, "it took over everything");

    // The first one wakes up with a batch that is not its own any more: nothing goes back.
    routes[owner].suspend(false).expect("it goes on");
    wait("both own partitions again", || {
        let owned = routes.each_ref().map(owned);
        owned.iter().all(|it| *it > 0) && owned.iter().sum::<u64>() == 8
    });
    assert!(in_force(&ask(&site, &own, &at)));
    for process in routes.iter().chain([&gateway, &admit]) {
        let log = std::fs::read_to_string(process.log()).expect("a log");
        assert!(!log.contains(CITIZEN), "nobody is named");
    }
}
