//! The topology folder that ships with the platform: it loads, and says what it should.

use std::path::{Path, PathBuf};

use saphan_model::label::{Label, Labels};
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

/// As ICD-10 (WHO) words the codes.
#[test]
fn diagnoses_carry_the_labels_their_names_call_for() {
    use Label::{Abortion, Hiv, MentalHealth, SexualViolence, SubstanceUse};
    let sensitive = load().sensitive;
    for (code, expected) in [
        ("B20", &[Hiv][..]),
        ("B24", &[Hiv]),
        ("O98.7", &[Hiv]),
        ("R75", &[Hiv]),
        ("Z20.6", &[Hiv]),
        ("Z21", &[Hiv]),
        ("F02.4", &[Hiv, MentalHealth]),
        ("F00.0", &[MentalHealth]),
        ("F32.1", &[MentalHealth]),
        ("X60", &[MentalHealth]),
        ("X84.9", &[MentalHealth]),
        ("F10.2", &[SubstanceUse]),
        ("Z50.2", &[SubstanceUse]),
        ("Z50.3", &[SubstanceUse]),
        ("Z71.4", &[SubstanceUse]),
        ("Z71.5", &[SubstanceUse]),
        ("Z72.2", &[SubstanceUse]),
        ("T74.2", &[SexualViolence]),
        ("Y05.9", &[SexualViolence]),
        ("Z04.4", &[SexualViolence]),
        ("O03.9", &[Abortion]),
        ("Z11.4", &[]),
        ("X85", &[]),
        ("Z20.5", &[]),
        ("O98.6", &[]),
        ("I10", &[]),
    ] {
        let expected: Labels = expected.iter().copied().collect();
        assert_eq!(sensitive.labels(code), expected, "{code}");
    }
}

/// The synthetic province's witness shares no code with the platform, so it has a copy.
#[test]
fn the_witness_knows_the_same_sensitive_diagnoses() {
    let rows = |text: &'static str| -> Vec<&str> {
        text.lines().filter(|it| !it.starts_with('#')).collect()
    };
    let witness = rows(include_str!("../../synth/data/sensitive.csv"));
    assert_eq!(rows(include_str!("../../../topology/sensitive.csv")), witness);
}
