//! What an apply would do, from what there is: one changed fact, one line of the diff.

use std::path::Path;

use saphan_kafka::{TopicSpec, TopicState};
use saphan_topology::deploy::{
    Actual, Allow, Change, ContractState, Desired, Diff, SchemaState, Target, desired, diff, stands,
};
use saphan_topology::{Names, Profile, Topology};

const ALL: Allow = Allow {
    add_partitions: true,
    shorten_retention: true,
    delete_topics: true,
    backdated_contracts: true,
};

fn wanted(profile: Profile) -> Desired {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    let topology = Topology::load(&folder, None).expect("the demonstration's folder");
    desired(&topology, &Target { profile, names: Names::new("t1.").expect("a prefix") })
}

/// As a broker and a registry tell it after a complete apply.
fn complete(desired: &Desired) -> Actual {
    let setting = |(key, value): (&String, &String)| {
        let setting = saphan_kafka::admin::Setting { value: value.clone(), own: true };
        (key.clone(), setting)
    };
    let state = |spec: &TopicSpec| TopicState {
        name: spec.name.clone(),
        partitions: usize::try_from(spec.partitions).expect("positive"),
        replication: usize::try_from(spec.replication).expect("positive"),
        config: spec.config.iter().map(setting).collect(),
    };
    let schema = SchemaState {
        registered: true,
        subject_exists: true,
        full_transitive: true,
        incompatible: None,
    };
    Actual {
        topics: desired.topics.iter().map(state).collect(),
        schemas: vec![schema; desired.schemas.len()],
        contracts: vec![ContractState::Applied; desired.contracts.len()],
    }
}

#[track_caller]
fn check(change: impl Fn(&mut Actual), allow: Allow, expected: &str) {
    let desired = wanted(Profile::Development);
    let mut actual = complete(&desired);
    change(&mut actual);
    let found = diff(&desired, &actual, allow).to_string();
    assert_eq!(found.trim_end(), expected);
}

fn topic<'a>(actual: &'a mut Actual, name: &str) -> &'a mut TopicState {
    actual.topics.iter_mut().find(|it| it.name == name).expect("a declared topic")
}

fn set(actual: &mut Actual, name: &str, key: &str, value: &str) {
    topic(actual, name).config.get_mut(key).expect("a declared setting").value = value.to_owned();
}

#[test]
fn an_empty_cluster_needs_everything() {
    let desired = wanted(Profile::Production);
    let nothing = Actual {
        topics: Vec::new(),
        schemas: vec![SchemaState::default(); desired.schemas.len()],
        contracts: vec![ContractState::First; desired.contracts.len()],
    };
    let Diff { changes, held_back, obstacles } = diff(&desired, &nothing, Allow::default());
    assert!(held_back.is_empty() && obstacles.is_empty());
    let created = changes.iter().filter(|it| matches!(it, Change::CreateTopic(_))).count();
    let registered = changes.iter().filter(|it| matches!(it, Change::Register(_))).count();
    assert_eq!((created, registered), (desired.topics.len(), desired.schemas.len()));
    let recorded = changes.iter().filter(|it| matches!(it, Change::RecordContract(_))).count();
    assert_eq!(recorded, desired.contracts.len());
    assert_eq!(changes.last(), Some(&Change::RecordApply("t1.contract".to_owned())));
    for spec in &desired.topics {
        assert_eq!(spec.replication, 3, "{}", spec.name);
        assert_eq!(spec.config["min.insync.replicas"], "2", "{}", spec.name);
        assert_eq!(spec.config["message.timestamp.type"], "LogAppendTime", "{}", spec.name);
    }
}

#[test]
fn the_platform_has_these_topics_in_development() {
    let desired = wanted(Profile::Development);
    let told = |name: &str| {
        let spec = desired.topics.iter().find(|it| it.name == name).expect(name);
        (
            spec.partitions,
            spec.config["cleanup.policy"].clone(),
            spec.config["retention.ms"].clone(),
        )
    };
    let (delete, compact) = ("delete".to_owned(), "compact".to_owned());
    assert_eq!(told("t1.ingest.v1"), (8, delete.clone(), "7776000000".to_owned()));
    assert_eq!(told("t1.patient.log.v1"), (8, delete.clone(), "-1".to_owned()));
    assert_eq!(told("t1.decision.v1"), (8, delete.clone(), "315360000000".to_owned()));
    assert_eq!(told("t1.consent.state.v1"), (8, compact, "-1".to_owned()));
    assert_eq!(told("t1.agency.ddc.condition.v1"), (2, delete, "31536000000".to_owned()));
    let agency = desired.topics.iter().filter(|it| it.name.starts_with("t1.agency."));
    assert_eq!(agency.count(), 2 + 3 + 13 * 5 + 5 + 2 + 7);
}

#[test]
fn nothing_to_do() {
    check(|_| {}, ALL, "brokers and registry are as the files say");
}

#[test]
fn a_longer_retention_is_set() {
    check(
        |it| set(it, "t1.ingest.v1", "retention.ms", "1000"),
        Allow::default(),
        "~ topic t1.ingest.v1\n    ~ retention.ms = 7776000000 (was 1000)",
    );
}

#[test]
fn a_shorter_one_only_when_allowed() {
    let change = |it: &mut Actual| set(it, "t1.ingest.v1", "retention.ms", "-1");
    check(
        change,
        Allow::default(),
        "! [SP-1618] topic t1.ingest.v1: retention.ms is -1 instead of 7776000000; records would be \
         lost; allow it with --allow-shorter-retention if that is meant",
    );
    let allow = Allow { shorten_retention: true, ..Allow::default() };
    check(change, allow, "~ topic t1.ingest.v1\n    ~ retention.ms = 7776000000 (was -1)");
}

#[test]
fn a_log_is_compacted_only_when_allowed() {
    check(
        |it| set(it, "t1.admit.state.v1", "cleanup.policy", "delete"),
        Allow::default(),
        "! [SP-1618] topic t1.admit.state.v1: cleanup.policy is delete instead of compact; records \
         would be lost; allow it with --allow-shorter-retention if that is meant",
    );
}

#[test]
fn a_setting_nobody_declared_is_told_and_kept() {
    let change = |it: &mut Actual| {
        let setting = saphan_kafka::admin::Setting { value: "1".to_owned(), own: true };
        topic(it, "t1.ingest.v1").config.insert("flush.messages".to_owned(), setting);
    };
    check(
        change,
        ALL,
        "! [SP-1617] topic t1.ingest.v1: flush.messages is 1 and no file says so; reset it at the \
         broker, or declare it",
    );
}

#[test]
fn partitions_are_added_only_when_allowed_and_never_removed() {
    let fewer = |it: &mut Actual| topic(it, "t1.decision.v1").partitions = 4;
    check(
        fewer,
        Allow::default(),
        "! [SP-1619] topic t1.decision.v1 has 4 partitions instead of 8; keys would move; allow it \
         with --allow-more-partitions if nothing depends on them",
    );
    check(fewer, ALL, "~ topic t1.decision.v1: 8 partitions (was 4)");
    check(
        |it| topic(it, "t1.decision.v1").partitions = 12,
        ALL,
        "! [SP-1619] topic t1.decision.v1 has 12 partitions instead of 8; Kafka cannot remove \
         partitions: declare the larger number, or move to a new topic",
    );
}

#[test]
fn copies_are_only_told() {
    check(
        |it| topic(it, "t1.decision.v1").replication = 3,
        ALL,
        "! [SP-1617] topic t1.decision.v1 has 3 copies instead of 1; reassign its partitions with the \
         broker's own tool",
    );
}

#[test]
fn undeclared_agency_topics_go_only_when_allowed() {
    let change = |name: &'static str| {
        move |it: &mut Actual| {
            let extra = TopicState { name: name.to_owned(), ..it.topics[0].clone() };
            it.topics.push(extra);
        }
    };
    let gone = "t1.agency.gone.encounter.v1";
    check(
        change(gone),
        Allow::default(),
        "! [SP-1617] topic t1.agency.gone.encounter.v1 belongs to no contract; allow its deletion \
         with --allow-delete-topics once its agency has read it",
    );
    check(change(gone), ALL, "- topic t1.agency.gone.encounter.v1");
    check(change("agency.other.encounter.v1"), ALL, "brokers and registry are as the files say");
}

#[test]
fn a_new_version_of_a_schema_comes_under_the_guard() {
    let change = |it: &mut Actual| {
        it.schemas[0].registered = false;
        it.schemas[0].full_transitive = false;
    };
    check(
        change,
        Allow::default(),
        "~ schema th.saphan.Submission: only fully compatible versions\n+ schema th.saphan.Submission",
    );
}

#[test]
fn an_incompatible_schema_stops_everything() {
    let desired = wanted(Profile::Development);
    let mut actual = complete(&desired);
    actual.schemas[0].registered = false;
    actual.schemas[0].incompatible = Some("field facility was removed".to_owned());
    let found = diff(&desired, &actual, ALL);
    assert!(found.changes.is_empty());
    assert_eq!(found.obstacles.len(), 1);
    assert_eq!(found.obstacles[0].code, "SP-1622");
    assert!(found.to_string().contains("th.saphan.Submission"));
}

#[test]
fn a_contract_version_that_was_not_applied_begins_in_the_future() {
    let spec = &wanted(Profile::Development).contracts[0];
    let begins = spec.effective_from;
    let [before, after] = [begins.plus_seconds(-1), begins.plus_seconds(1)];
    for (first, applied, now, expected) in [
        (false, true, after, ContractState::Applied),
        (false, true, before, ContractState::Applied),
        (false, false, before, ContractState::ToCome),
        (false, false, begins, ContractState::Backdated),
        (false, false, after, ContractState::Backdated),
        (true, false, after, ContractState::First),
    ] {
        assert_eq!(stands(spec, first, applied, now), expected, "{first} {applied} {now}");
    }
}

#[test]
fn a_backdated_contract_stops_everything_unless_allowed() {
    let desired = wanted(Profile::Development);
    let mut actual = complete(&desired);
    actual.contracts[0] = ContractState::Backdated;
    let found = diff(&desired, &actual, Allow::default());
    let [obstacle] = &found.obstacles[..] else { panic!("{found}") };
    assert!(found.changes.is_empty());
    assert_eq!(obstacle.code, "SP-1629");
    assert!(obstacle.message.contains("cgd version 1"), "{found}");
    let line = "+ contract cgd version 1, in effect from 2025-09-30T17:00:00.000Z";
    check(|it| it.contracts[0] = ContractState::Backdated, ALL, line);
    check(|it| it.contracts[0] = ContractState::ToCome, Allow::default(), line);
}

/// Whatever decides is another version; what the agency is called is not.
#[test]
fn an_edited_version_is_another() {
    let (profile, names) = (Profile::Development, Names::new("t1.").expect("a prefix"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    let subject = |from: &str, to: &str| {
        let agencies = tempfile::TempDir::new().expect("a folder");
        let text = std::fs::read_to_string(folder.join("agencies/phr.toml")).expect("a contract");
        // The first rule has results, which an agency without citizen ids must not see.
        let second = text.find("\"immunisation\"").expect("the rule");
        let (head, rest) = text.split_at(if from.contains("citizen-id") { second } else { 0 });
        assert!(rest.contains(from), "the contract says {from:?}");
        let path = agencies.path().join("phr.toml");
        std::fs::write(path, format!("{head}{}", rest.replacen(from, to, 1))).expect("a contract");
        let topology = Topology::load_with(&folder, agencies.path(), None);
        let topology = topology.unwrap_or_else(|it| panic!("{}", it[0]));
        let desired = desired(&topology, &Target { profile, names: names.clone() });
        desired.contracts[0].subject.clone()
    };
    let same = subject("id", "id");
    assert!(same.starts_with("t1.contract.phr.v1."), "{same}");
    assert_eq!(subject("Personal Health Record", "Health Record"), same);
    for (from, to) in [
        ("2025-10-01", "2025-10-02"),
        ("\"vital_signs\", ", ""),
        ("\"abortion\"]", "]"),
        ("\"citizen-id\"", "\"agency-pseudonym\""),
        ("on-revoke = \"retract\"\n", ""),
        ("B.E. 2562", "B.E. 2565"),
        ("retention", "filter = { regions = [9] }\nretention"),
        ("retention", "filter = { facilities = [\"99001\"] }\nretention"),
        ("retention", "filter = { schemes = [\"uc\"] }\nretention"),
        ("retention", "filter = { notifiable = true }\nretention"),
        ("retention", "filter = { notifiable-codes = [\"66\"] }\nretention"),
    ] {
        assert_ne!(subject(from, to), same, "{to:?}");
    }
}
