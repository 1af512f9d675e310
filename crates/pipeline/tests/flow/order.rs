//! Whatever the order in which partitions are read, who goes by `version` ends with what stands.
//!
//! An event that moves between patients is retracted through one partition of the patient log and put
//! through another, and the agency's own topic has partitions as well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use saphan_kafka::Outbound;
use saphan_model::directive::Purpose;
use saphan_model::label::Labels;
use saphan_model::{EventId, EventType, Subject, Submission};
use saphan_topology::Topology;

use crate::samples::{another, directive, known, retraction, unknown, visit};
use crate::world::{World, keys};

/// One agency of each identity, and one that needs consent.
const AGENCIES: &[&str] = &["region-09", "registry", "nhso", "ddc", "health-link"];

/// The repository's topology and one more agency, which knows patients by pseudonym, as the limits of
/// planning let it here.
static TOPOLOGY: LazyLock<Topology> = LazyLock::new(|| {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("order");
    std::fs::create_dir_all(to.join("agencies")).expect("a folder");
    let copy = |name: &str| std::fs::copy(from.join(name), to.join(name)).map(drop).expect(name);
    for file in ["topics.toml", "regions.csv", "facilities.csv", "sensitive.csv", "notifiable.csv"]
    {
        copy(file);
    }
    let bases = std::fs::read_to_string(from.join("bases.toml")).expect("limits");
    let bases = bases.replace("identity = \"none\"", "identity = \"agency-pseudonym\"");
    std::fs::write(to.join("bases.toml"), bases).expect("writes");
    for agency in AGENCIES.iter().filter(|it| **it != "registry") {
        copy(&format!("agencies/{agency}.toml"));
    }
    let region = std::fs::read_to_string(from.join("agencies/region-09.toml")).expect("a contract");
    let registry = region
        .replace("id = \"region-09\"", "id = \"registry\"")
        .replace("identity = \"none\"", "identity = \"agency-pseudonym\"");
    std::fs::write(to.join("agencies/registry.toml"), registry).expect("writes");
    Topology::load(&to, None).unwrap_or_else(|it| panic!("{}", it[0]))
});

/// The head of an agency record: event id, upsert or not, version.
pub fn head(value: &[u8]) -> (EventId, bool, i64) {
    let (id, rest) = value[5..].split_at(16);
    let upsert = rest[16] == 0;
    let (mut zigzag, mut shift) = (0_u64, 0);
    for byte in &rest[17..] {
        zigzag |= u64::from(byte & 0x7F) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let version = (zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed());
    (EventId(id.try_into().expect("16 bytes")), upsert, version)
}

type Held = BTreeMap<EventId, Vec<u8>>;

/// What a reader holds that applies records as they come: right in the order of admission only.
fn in_order(records: &[Vec<u8>]) -> Held {
    let mut held = Held::new();
    for value in records {
        match head(value) {
            (id, true, _) => drop(held.insert(id, value.clone())),
            (id, false, _) => drop(held.remove(&id)),
        }
    }
    held
}

/// What a reader holds that goes by the version, as the guide says.
fn by_version(records: &[Vec<u8>]) -> Held {
    let mut rows: BTreeMap<EventId, (i64, Option<Vec<u8>>)> = BTreeMap::new();
    for value in records {
        let (id, upsert, version) = head(value);
        if rows.get(&id).is_none_or(|(held, _)| version > *held) {
            rows.insert(id, (version, upsert.then(|| value.clone())));
        }
    }
    rows.into_iter().filter_map(|(id, (_, value))| Some((id, value?))).collect()
}

/// Values of an agency's topic, by key: records of one key stay in order, others may not.
fn topic(agency: &str, written: &[Outbound]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let name = format!("agency.{agency}.encounter.v1");
    let records = written.iter().filter(|it| *it.topic == *name);
    let bytes = |it: &Option<Vec<u8>>| it.clone().expect("a value");
    records.map(|it| (it.key.as_ref().expect("a key").to_vec(), bytes(&it.value))).collect()
}

/// The records as a reader of many partitions may see them.
fn merged(records: Vec<(Vec<u8>, Vec<u8>)>, mut next: impl FnMut(usize) -> usize) -> Vec<Vec<u8>> {
    let mut lanes: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    for (key, value) in records.into_iter().rev() {
        lanes.entry(key).or_default().push(value);
    }
    let mut open: Vec<Vec<Vec<u8>>> = lanes.into_values().collect();
    let mut seen = Vec::new();
    while !open.is_empty() {
        let at = next(open.len());
        seen.extend(open[at].pop());
        open.retain(|it| !it.is_empty());
    }
    seen
}

#[derive(Clone, Debug)]
enum Step {
    Visit(u8, &'static str, Whose),
    Delete(u8),
    Consent(bool, Whose),
}

#[derive(Clone, Copy, Debug)]
pub enum Whose {
    Unknown,
    Known,
    Another,
}

impl Step {
    fn submission(&self) -> Submission {
        match self {
            Self::Visit(number, code, whose) => visit(&number.to_string(), code, whose.subject()),
            Self::Delete(number) => retraction(&number.to_string()),
            Self::Consent(active, whose) => {
                let it = directive("health-link", Purpose::Treatment, Labels::NONE, *active);
                Submission { subject: whose.subject(), ..it }
            }
        }
    }
}

impl Whose {
    pub fn subject(self) -> Subject {
        match self {
            Self::Unknown => unknown(),
            Self::Known => known(),
            Self::Another => another(),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let code = prop::sample::select(vec!["J00", "A90", "F32"]);
    let whose = prop::sample::select(vec![Whose::Unknown, Whose::Known, Whose::Another]);
    prop_oneof![
        6 => (0..3_u8, code, whose.clone()).prop_map(|(number, code, whose)| Step::Visit(number, code, whose)),
        1 => (0..3_u8).prop_map(Step::Delete),
        1 => (any::<bool>(), whose).prop_map(|(active, whose)| Step::Consent(active, whose)),
    ]
}

/// Events whose last step puts them.
fn standing(steps: &[Step]) -> BTreeSet<EventId> {
    let mut standing = BTreeSet::new();
    let id = |number: &u8| {
        let key = format!("O:{number}:20260302");
        keys().event_id("99001", Some(EventType::Encounter), &key)
    };
    for step in steps {
        match step {
            Step::Visit(number, ..) => drop(standing.insert(id(number))),
            Step::Delete(number) => drop(standing.remove(&id(number))),
            Step::Consent(..) => {}
        }
    }
    standing
}

/// Picks by the digits of a number that never ends.
fn picks(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |open| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % open
    }
}

fn check(steps: &[Step], seed: u64) {
    let mut world = World::of(TOPOLOGY.clone());
    let submissions: Vec<Submission> = steps.iter().map(Step::submission).collect();
    world.send(&submissions);
    for agency in AGENCIES {
        let entries = world.topic(&format!("agency.{agency}.encounter.v1"));
        let as_admitted: Vec<Vec<u8>> = entries.iter().filter_map(|it| it.value.clone()).collect();
        let mut versions: BTreeMap<EventId, i64> = BTreeMap::new();
        for value in &as_admitted {
            let (id, _, version) = head(value);
            let before = versions.insert(id, version);
            assert!(before < Some(version), "{agency}: {before:?} then {version}; {steps:?}");
        }
        let truth = in_order(&as_admitted);
        if ["region-09", "registry", "nhso"].contains(agency) {
            let expected: BTreeSet<EventId> = standing(steps);
            assert_eq!(truth.keys().copied().collect::<BTreeSet<_>>(), expected, "{agency}");
        }
        for round in 0..8 {
            let written = world.route_again(picks(seed ^ round));
            let seen = merged(topic(agency, &written), picks(seed.rotate_left(7) ^ round));
            assert_eq!(seen.len(), as_admitted.len(), "{agency}");
            assert_eq!(by_version(&seen), truth, "{agency}, {steps:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn by_version_every_reader_ends_with_what_stands(
        steps in prop::collection::vec(step(), 1..14),
        seed: u64,
    ) {
        check(&steps, seed);
    }
}

#[test]
fn a_number_linked_later_in_every_order() {
    let steps = [
        Step::Visit(0, "A90", Whose::Unknown),
        Step::Visit(1, "J00", Whose::Unknown),
        Step::Consent(true, Whose::Known),
        Step::Visit(0, "J00", Whose::Known),
        Step::Visit(2, "A90", Whose::Another),
        Step::Delete(1),
    ];
    (0..200).for_each(|seed| check(&steps, seed));
}

/// The fault the version is for: what a reader without it would end with.
#[test]
fn without_the_version_the_order_would_decide() {
    let mut world = World::of(TOPOLOGY.clone());
    world.send(&[visit("1", "J00", unknown()), visit("1", "J00", known())]);
    let last_first = world.route_again(|open| open - 1);
    let first_first = world.route_again(|_| 0);
    let held = |written: &[Outbound]| {
        let values: Vec<_> = topic("region-09", written).into_iter().map(|(_, it)| it).collect();
        (in_order(&values).len(), by_version(&values).len())
    };
    let mut both = [held(&last_first), held(&first_first)];
    both.sort_unstable();
    assert_eq!(both, [(0, 1), (1, 1)]);
}
