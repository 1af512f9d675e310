//! The topology folder that ships with the platform: it loads, and says what it should.

use std::path::{Path, PathBuf};

use saphan_topology::{Problem, Topology, scenario};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology")
}

fn load() -> Topology {
    Topology::load(&folder(), None).unwrap_or_else(|problems| {
        let text: Vec<_> = problems.iter().map(Problem::to_string).collect();
        panic!("{}", text.join("\n\n"))
    })
}

#[test]
fn it_loads() {
    let topology = load();
    assert_eq!(topology.agencies.len(), 20);
    assert_eq!(topology.regions.iter().count(), 77);
}

#[test]
fn its_scenarios_hold() {
    let report = scenario::run(&load(), &folder().join("tests"));
    let text: Vec<_> = report.problems.iter().map(Problem::to_string).collect();
    assert!(text.is_empty(), "{}", text.join("\n\n"));
    assert!(report.cases >= 30, "only {} cases were found", report.cases);
}
