//! The topology folder that ships with the platform: it loads, and says what it should.

use std::path::{Path, PathBuf};

use saphan_topology::check::check;
use saphan_topology::{Problem, Topology};

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
fn its_scenarios_hold_and_its_schemas_are_sound() {
    let checked = check(&folder(), None);
    let text: Vec<_> = checked.problems.iter().map(Problem::to_string).collect();
    assert!(text.is_empty(), "{}", text.join("\n\n"));
    assert!(checked.cases >= 30, "only {} cases were found", checked.cases);
}
