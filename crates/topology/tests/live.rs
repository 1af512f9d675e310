//! Applying to a real Kafka and registry.

use std::collections::BTreeMap;
use std::path::Path;

use saphan_devstack::Stack;
use saphan_kafka::{Admin, KafkaConfig, Registry, RegistryConfig};
use saphan_topology::deploy::{
    Allow, Change, LoadIdsError, Target, apply, load_all_versions, load_schema_ids, plan,
};
use saphan_topology::{Names, Profile, Topology};

struct World {
    admin: Admin,
    registry: Registry,
    topology: Topology,
    target: Target,
}

fn world() -> World {
    let stack = Stack::shared().unwrap_or_else(|it| panic!("{it}"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    let names = Names::new(&format!("{}.", stack.unique_prefix())).expect("a prefix");
    World {
        admin: Admin::new(&KafkaConfig::plaintext(stack.bootstrap())).expect("an admin client"),
        registry: Registry::new(&RegistryConfig::new(stack.registry_url())),
        topology: Topology::load(&folder, None).expect("the demonstration's folder"),
        target: Target { profile: Profile::Development, names },
    }
}

impl World {
    fn apply(&self, allow: Allow) -> saphan_topology::deploy::Applied {
        apply(&self.admin, &self.registry, &self.topology, &self.target, allow)
            .unwrap_or_else(|it| panic!("{it}"))
    }

    fn plan(&self, allow: Allow) -> String {
        plan(&self.admin, &self.registry, &self.topology, &self.target, allow)
            .unwrap_or_else(|it| panic!("{it}"))
            .to_string()
    }

    fn topics(&self) -> BTreeMap<String, usize> {
        let mut topics = self.admin.list_topics().expect("topics");
        topics.retain(|name, _| name.starts_with(self.target.names.prefix()));
        topics
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let topics = self.topics();
        let names: Vec<_> = topics.keys().map(String::as_str).collect();
        self.admin.delete_topics(&names).expect("the test's topics go");
    }
}

#[test]
fn an_empty_cluster_becomes_what_the_files_say_and_stays_so() {
    let world = world();
    assert!(world.topics().is_empty());
    let applied = world.apply(Allow::default());
    assert!(applied.diff.held_back.is_empty(), "{}", applied.diff);
    let topics = world.topics();
    assert_eq!(topics.len(), 8 + 84);
    assert_eq!(topics[&world.target.names.patient_log()], 8);
    assert_eq!(applied.rule_ids.len(), world.topology.projections().len());
    assert_eq!(load_schema_ids(&world.registry), Ok(applied.schema_ids.clone()));
    let ids = load_all_versions(&world.registry).expect("ids");
    assert!(applied.schema_ids.iter().all(|(name, id)| ids.id_of(name) == Some(*id)));

    let again = world.apply(Allow::default());
    assert!(again.diff.is_empty(), "{}", again.diff);
    assert_eq!(again.rule_ids, applied.rule_ids);
}

/// The agency's contract with some text replaced, put to the platform.
fn proposed(world: &World, from: &str, to: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    let agencies = tempfile::TempDir::new().expect("a folder");
    for entry in std::fs::read_dir(folder.join("agencies")).expect("contracts") {
        let path = entry.expect("a contract").path();
        let mut text = std::fs::read_to_string(&path).expect("a contract");
        if path.ends_with("nhso.toml") {
            text = text.replace(from, to);
        }
        let name = path.file_name().expect("a file");
        std::fs::write(agencies.path().join(name), text).expect("a contract");
    }
    let topology = Topology::load_with(&folder, agencies.path(), None);
    let topology = topology.unwrap_or_else(|it| panic!("{}", it[0]));
    plan(&world.admin, &world.registry, &topology, &world.target, Allow::default())
        .unwrap_or_else(|it| panic!("{it}"))
        .to_string()
}

#[test]
fn a_contract_that_was_applied_is_not_edited_and_a_new_one_begins_in_the_future() {
    let world = world();
    world.apply(Allow::default());
    assert_eq!(proposed(&world, "", ""), "brokers and registry are as the files say\n");
    let edited = proposed(&world, "\"diagnoses.role\", ", "");
    assert!(edited.contains("error[SP-1629]: contract nhso version 1 "), "{edited}");
    let second = |begins: &str| {
        let head = format!("[[version]]\nnumber = 2\neffective-from = {begins}T00:00:00+07:00\n");
        let rule = "[[version.rule]]\ntype = \"encounter\"\npurpose = \"HPAYMT\"\nbasis = \"statute\"\nlaw = \"a law\"\n\
                    section = \"a section\"\nidentity = \"citizen-id\"\nlabels = []\nretention = \"730d\"\n\
                    filter = { schemes = [\"uc\"] }\nfields = [\"class\"]\n";
        let last = "\"charges.pay_price_satang\",\n]\n";
        proposed(&world, last, &format!("{last}{head}{rule}"))
    };
    let past = second("2026-01-01");
    assert!(past.contains("error[SP-1629]: contract nhso version 2 "), "{past}");
    let to_come = second("2999-01-01");
    assert!(
        to_come.contains("+ contract nhso version 2, in effect from 2998-12-31T17"),
        "{to_come}"
    );
    assert!(!to_come.contains("SP-1629"), "{to_come}");
}

#[test]
fn drift_is_mended_as_far_as_allowed() {
    let world = world();
    world.apply(Allow::default());
    let names = &world.target.names;
    let (ingest, log) = (names.ingest(), names.patient_log());
    let set = |topic: &str, key: &str, value: &str| {
        let changes = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        world.admin.alter_configs(topic, &changes).expect("a changed setting");
        // Brokers show an acknowledged change a moment later.
        let shown = || {
            let state = world.admin.describe_topics(&[topic]).expect("the topic").remove(0);
            state.config[key].value == value
        };
        let tries = (0..100).find(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            shown()
        });
        assert!(tries.is_some(), "the broker does not show {key} = {value}");
    };
    set(&log, "retention.ms", "60000");
    set(&ingest, "retention.ms", "-1");
    let gone = format!("{}agency.gone.encounter.v1", names.prefix());
    let mut extra =
        saphan_topology::deploy::desired(&world.topology, &world.target).topics[0].clone();
    extra.name.clone_from(&gone);
    world.admin.create_topics(&[extra]).expect("a topic of no contract");

    let cautious = world.apply(Allow::default());
    let expected =
        BTreeMap::from([("retention.ms".to_owned(), ("60000".to_owned(), "-1".to_owned()))]);
    assert_eq!(cautious.diff.changes, [Change::Configure { topic: log, settings: expected }]);
    let left = world.plan(Allow::default());
    assert_eq!(left.lines().count(), 2, "{left}");
    assert!(left.contains("SP-1618") && left.contains(&ingest), "{left}");
    assert!(left.contains("SP-1617") && left.contains(&gone), "{left}");
    assert!(world.topics().contains_key(&gone));

    let all = Allow {
        add_partitions: true,
        shorten_retention: true,
        delete_topics: true,
        backdated_contracts: false,
    };
    world.apply(all);
    assert_eq!(world.plan(Allow::default()), "brokers and registry are as the files say\n");
    assert!(!world.topics().contains_key(&gone));
}

#[test]
fn without_a_registry_there_are_no_ids() {
    let nobody = RegistryConfig { timeout_ms: 500, ..RegistryConfig::new("http://127.0.0.1:9") };
    let error = load_schema_ids(&Registry::new(&nobody)).expect_err("nobody answers");
    assert!(matches!(error, LoadIdsError::Registry(_)), "{error}");
}
