//! Dependency arrows point down, and each heavy library has one home.

use std::collections::BTreeMap;
use std::process::Command;

use super::files::root;

/// What each crate may depend on inside the workspace. ARCHITECTURE.md says why.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("policy", &["model"]),
    ("codec", &["model"]),
    ("keys", &["model"]),
    ("ops", &["model", "keys", "kafka"]),
    ("kafka", &[]),
    ("store", &["model"]),
    ("adapters", &["model"]),
    ("edge", &["model", "codec"]),
    ("topology", &["model", "codec", "policy", "kafka"]),
    ("gateway", &["model", "codec", "kafka", "ops"]),
    ("pipeline", &["model", "codec", "policy", "keys", "kafka", "store", "topology"]),
    ("proof", &["model", "codec", "policy", "keys", "kafka", "topology", "pipeline"]),
    ("serve", &["model", "policy", "store"]),
    ("synth", &[]),
    ("devstack", &[]),
    (
        "saphan",
        &[
            "model", "codec", "policy", "keys", "ops", "kafka", "store", "adapters", "edge",
            "topology", "gateway", "pipeline", "proof", "serve", "synth",
        ],
    ),
    ("demo", &["model", "codec", "kafka", "store", "topology", "synth", "devstack"]),
    ("tests", &[]),
];

/// The only crates that may name a library.
const HOMES: &[(&str, &[&str])] = &[
    ("rdkafka", &["kafka"]),
    ("clickhouse", &["store"]),
    ("apache-avro", &["codec"]),
    ("rusqlite", &["edge"]),
    ("axum", &["gateway", "serve", "ops"]),
    ("askama", &["serve"]),
    ("prometheus", &["ops"]),
    ("tracing-subscriber", &["ops"]),
    ("clap", &["saphan", "devstack", "demo"]),
    ("libloading", &["devstack"]),
    ("chacha20poly1305", &["keys"]),
    ("ed25519-dalek", &["proof"]),
    ("ct-merkle", &["proof"]),
    ("zip", &["adapters", "synth"]),
];

/// The core decides; it must not be able to touch the world.
const CORE: &[&str] = &["model", "policy", "codec", "keys"];
const CORE_MUST_NOT_NAME: &[&str] = &["tokio", "tracing", "ureq", "rdkafka", "nix", "tempfile"];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().map(|it| (short(&it["name"]), normal_dependencies(it))).collect()
}

fn normal_dependencies(package: &serde_json::Value) -> Vec<String> {
    let all = package["dependencies"].as_array().expect("dependencies");
    all.iter().filter(|it| it["kind"].is_null()).map(|it| short(&it["name"])).collect()
}

fn short(name: &serde_json::Value) -> String {
    let name = name.as_str().expect("a name");
    name.strip_prefix("saphan-").unwrap_or(name).to_owned()
}

#[test]
fn arrows_point_down() {
    let known: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for (package, dependencies) in dependencies() {
        let allowed = known.get(package.as_str()).unwrap_or_else(|| {
            panic!("crate {package} has no row in ARROWS and no section in ARCHITECTURE.md")
        });
        for dependency in dependencies.iter().filter(|it| known.contains_key(it.as_str())) {
            assert!(allowed.contains(&dependency.as_str()), "{package} must not know {dependency}");
        }
    }
}

#[test]
fn each_heavy_library_has_one_home() {
    let dependencies = dependencies();
    for (library, homes) in HOMES {
        for (package, names) in &dependencies {
            if names.iter().any(|it| it == library) {
                assert!(
                    homes.contains(&package.as_str()),
                    "{library} lives in {homes:?}, not in {package}"
                );
            }
        }
    }
}

#[test]
fn the_core_cannot_touch_the_world() {
    for (package, names) in dependencies().iter().filter(|it| CORE.contains(&it.0.as_str())) {
        for name in CORE_MUST_NOT_NAME {
            assert!(
                !names.iter().any(|it| it == name),
                "{package} is core and must not name {name}"
            );
        }
    }
}
