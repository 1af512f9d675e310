//! The whole platform, from a province's export files to agencies' topics, timelines and statistics,
//! against the generator's own ground truth. The binaries are built first: `make test` does.

#[path = "whole/foreign.rs"]
mod foreign;
#[path = "whole/place.rs"]
mod place;

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use saphan_demo::feed::Order;
use saphan_demo::platform::Spread;
use saphan_demo::scenario::Scenario;
use saphan_demo::soak::Soak;
use saphan_synth::Options;

use place::{fresh, root, run_dir};

/// Three brokers and two processes a role are as much as a small machine bears: their test runs alone.
static ALONE: RwLock<()> = RwLock::new(());

fn small(name: &str) -> Scenario {
    // The roles read topology/ from the folder they run in.
    std::env::set_current_dir(root()).expect("the repository");
    Scenario {
        dir: fresh(&run_dir(name)),
        province: Options { seed: 7, mistaken_ids: false, ..Options::small() },
        order: Order::Forward,
        spread: Spread::Together,
        kills: 0,
        kill_interval: Duration::from_millis(700),
        brokers: 1,
        lanes: 2,
    }
}

#[test]
fn every_figure_equals_the_truth_and_a_foreign_client_sees_its_contract_only() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let fed = small("equal").feed().expect("the feed goes through");
    assert!(fed.compare(Order::Forward).expect("figures"), "figures differ; see above");
    let site = fed.platform.lock().expect("no holder panics").site.clone();
    foreign::sees_only_its_contract(&site);
    fed.stop().expect("everything stops");
}

#[test]
fn processes_killed_and_stopped_at_random_lose_and_double_nothing() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let spread = Spread::Apart { workers: 2 };
    let storm = Scenario { spread, kills: 20, ..small("kills") };
    let fed = storm.feed().expect("the feed goes through");
    assert!(fed.compare(Order::Forward).expect("figures"), "figures differ; see above");
    let struck = &fed.struck;
    assert!(struck.kills >= 20, "only {} processes were killed", struck.kills);
    assert!(struck.pauses >= 3, "only {} processes were stopped for a while", struck.pauses);
    fed.stop().expect("everything stops");
}

#[test]
fn consents_that_change_under_way_while_three_brokers_are_hit_in_turn_leak_nothing() {
    let _alone = ALONE.write().unwrap_or_else(PoisonError::into_inner);
    let (seed, time, rate) = (7, Duration::from_secs(60), 400);
    let storm = Scenario {
        province: Soak::province(seed, time, rate, 0),
        kills: 20,
        kill_interval: Duration::from_millis(1_500),
        brokers: 3,
        ..small("three")
    };
    let soak = Soak { scenario: storm, workers: 2, time, events: 0, rate, race: true, long: false };
    let it = soak.run().expect("the feed goes through");
    assert!(it.clean, "{}", it.line);
    assert!(it.sent.waves >= 2, "nobody changed their mind: {}", it.sent);
    // Everything is hit once before anything is hit again, and there are fewer victims than kills.
    let hit = |broker: &&&str| it.struck.blows.iter().any(|blow| blow.ends_with(**broker));
    assert_eq!(["kafka-1", "kafka-2", "kafka-3"].iter().filter(hit).count(), 3, "{:?}", it.struck);
}
