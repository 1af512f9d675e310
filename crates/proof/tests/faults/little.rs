//! A little platform's topics, made by admit and route in memory, and a verification of them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use saphan_codec::SchemaIds;
use saphan_kafka::RecordBuf;
use saphan_keys::Keys;
use saphan_model::Timestamp;
use saphan_model::directive::Purpose;
use saphan_model::label::Labels;
use saphan_proof::{
    Bounds, Changes, Conservation, Ingest, Kind, MemoryShelf, Platform, Report, Scope, Verifier,
};
use saphan_topology::{Names, Topology};

use crate::samples::{directive, known, retraction, unknown, visit};
use crate::world::{World, keys, topology};

pub const LOG: &str = "patient.log.v1";
pub const DECISION: &str = "decision.v1";
pub const LEDGER: &str = "admission.v1";
pub const STATE: &str = "consent.state.v1";
pub const HEALTH_LINK: &str = "agency.health-link.encounter.v1";
pub const PHR: &str = "agency.phr.encounter.v1";
pub const NHSO: &str = "agency.nhso.encounter.v1";
pub const DDC: &str = "agency.ddc.encounter.v1";
pub const REGION: &str = "agency.region-09.encounter.v1";

/// Every record of every topic, one partition each, and how far the stages have committed.
#[derive(Clone)]
pub struct Little {
    pub topics: BTreeMap<String, Vec<RecordBuf>>,
    pub bounds: Bounds,
    pub ingest: Ingest,
    pub keys: Keys,
}

/// The demonstration's contracts, read once.
pub static TOPOLOGY: LazyLock<Topology> = LazyLock::new(topology);

/// A clean log, made once.
pub fn clean() -> Little {
    static CLEAN: LazyLock<Little> = LazyLock::new(made);
    CLEAN.clone()
}

/// A permission, its use, a notifiable disease and its correction, a sensitive diagnosis, a withdrawal, a
/// deletion, a local number that is linked, a defect and a resend.
fn made() -> Little {
    let mut world = World::new();
    let treat = Purpose::Treatment;
    world.send(&[
        visit("1", "J00", known()),
        directive("health-link", treat, Labels::NONE, true),
        visit("2", "A90", known()),
        visit("3", "J01", known()),
        visit("4", "F32", known()),
    ]);
    world.send(&[
        visit("2", "K30", known()),
        directive("health-link", treat, Labels::NONE, false),
        visit("5", "J02", known()),
        retraction("3"),
        retraction("99"),
        visit("1", "J00", known()),
    ]);
    let mut local = visit("6", "A90", unknown());
    local.subject.local_id = Some(saphan_model::Private::new("78".to_owned()));
    world.send(&[local]);
    of(&world)
}

/// A permission for the citizen's own app, two visits it holds, and the withdrawal that calls both back.
pub fn recalling() -> Little {
    let mut world = World::new();
    let own = |active| directive("phr", Purpose::PatientRequest, Labels::NONE, active);
    world.send(&[own(true), visit("1", "J00", known()), visit("2", "A90", known()), own(false)]);
    of(&world)
}

/// A permission for health-link, a visit that rests on it, and a permission for somebody else.
pub fn permitting() -> Little {
    let mut world = World::new();
    let mut other = directive("phr", Purpose::PatientRequest, Labels::NONE, true);
    other.natural_key = saphan_model::Private::new("another".to_owned());
    world.send(&[
        directive("health-link", Purpose::Treatment, Labels::NONE, true),
        visit("1", "J00", known()),
        other,
    ]);
    of(&world)
}

/// Everything that stands in a world's topics.
fn of(world: &World) -> Little {
    let mut names: Vec<String> = TOPOLOGY
        .routes()
        .rules()
        .map(|it| Names::default().agency(&it.contract.agency, it.rule.event_type))
        .collect();
    names.extend(
        ["ingest.v1", LOG, DECISION, LEDGER, "quarantine.v1", "consent.state.v1"]
            .map(str::to_owned),
    );
    let topics: BTreeMap<_, _> =
        names.into_iter().map(|it| (it.clone(), records(world, &it))).collect();
    let end = |topic: &str| i64::try_from(topics[topic].len()).expect("small");
    let (logged, sent) = (end(LOG), end("ingest.v1"));
    Little {
        bounds: Bounds { settled: logged, claimed: logged },
        ingest: Ingest { first: 0, end: sent, settled: sent, claimed: sent },
        topics,
        keys: keys(),
    }
}

fn records(world: &World, topic: &str) -> Vec<RecordBuf> {
    let entries = world.topic(topic).iter().zip(0..);
    let record = |(entry, offset): (&crate::world::Entry, i64)| RecordBuf {
        topic: topic.into(),
        partition: 0,
        offset,
        append_time_ms: 1_790_000_000_000 + offset, // as the world stamps them
        key: Some(entry.key.clone()),
        headers: entry.headers.clone(),
        value: entry.value.clone(),
    };
    entries.map(record).collect()
}

impl Little {
    pub fn topic(&mut self, name: &str) -> &mut Vec<RecordBuf> {
        self.topics.get_mut(name).expect("a topic of the little log")
    }

    /// Place in a topic of the record made from an offset of the log.
    pub fn made_from(&self, topic: &str, source: i64) -> usize {
        let wanted = format!("{LOG}/0/{source}").into_bytes();
        let made = self.topics[topic].iter().position(|it| it.headers[0].value[..] == wanted[..]);
        made.unwrap_or_else(|| panic!("{topic} holds nothing of record {source}"))
    }

    pub fn of(&mut self, topic: &str, source: i64) -> &mut RecordBuf {
        let place = self.made_from(topic, source);
        &mut self.topic(topic)[place]
    }

    /// Appends a copy of a record.
    pub fn append(&mut self, topic: &str, record: RecordBuf) {
        let records = self.topics.entry(topic.to_owned()).or_default();
        let offset = records.last().map_or(0, |it| it.offset + 1);
        records.push(RecordBuf { topic: topic.into(), offset, ..record });
    }

    pub fn verify(&self, scope: Scope) -> Report {
        self.verify_with(scope, None)
    }

    /// Verifies everything, with one topic complete only from an instant on.
    pub fn verify_from(&self, topic: &str, horizon: Timestamp) -> Report {
        self.verify_with(Scope::default(), Some((topic, horizon)))
    }

    fn verify_with(&self, scope: Scope, horizon: Option<(&str, Timestamp)>) -> Report {
        let topology: &Topology = &TOPOLOGY;
        let names = Names::default();
        let ids = Arc::new(SchemaIds::sequential());
        let rule_ids: Vec<u32> = (1_000..).take(topology.projections().len()).collect();
        let platform = Platform {
            topology,
            rule_ids: &rule_ids,
            keys: &self.keys,
            ids: ids.clone(),
            names: &names,
        };
        let ledger = scope.ledger();
        let mut verifier =
            Verifier::new(&platform, scope, 1, Box::new(MemoryShelf::default()), &[3; 32], 100);
        for name in self.topics.keys().filter(|it| it.starts_with("agency.")) {
            if verifier.catalog().id(name).is_none() {
                verifier.catalog().add_undeclared(name);
            }
        }
        let watched: Vec<String> =
            verifier.catalog().watched().map(|it| it.1.name.to_string()).collect();
        for name in &watched {
            let id = verifier.catalog().id(name).expect("watched");
            let from = horizon.filter(|it| it.0 == name).map_or(Timestamp(i64::MIN), |it| it.1);
            verifier.catalog().set_horizons(id, vec![from]);
        }
        for record in watched.iter().filter_map(|it| self.topics.get(it)).flatten() {
            verifier.see(&record.as_record()).expect("memory takes it");
        }
        for row in &self.topics["consent.state.v1"] {
            verifier.see_state(&row.as_record()).expect("memory takes it");
        }
        let mut changes = Changes::default();
        for record in &self.topics[LOG] {
            changes.see(&record.as_record(), platform.ids.as_ref());
        }
        let mut proof = verifier.partition(0, self.bounds, changes).expect("memory gives it");
        for record in &self.topics[LOG] {
            proof.apply(&record.as_record());
        }
        proof.finish();
        if ledger {
            let (balance, findings) = self.conservation(ids);
            findings.into_iter().for_each(|it| verifier.add(it));
            let mut report = verifier.finish();
            report.balance = Some(balance);
            return report;
        }
        verifier.finish()
    }

    fn conservation(
        &self,
        ids: Arc<SchemaIds>,
    ) -> (saphan_proof::Balance, Vec<saphan_proof::Finding>) {
        let mut books = Conservation::new(ids, "ingest.v1".to_owned());
        self.topics[LEDGER].iter().for_each(|it| books.ledger(&it.as_record()));
        self.topics["quarantine.v1"].iter().for_each(|it| books.quarantined(&it.as_record()));
        self.topics[LOG].iter().for_each(|it| books.logged(&it.as_record()));
        let count = |_, first: i64, next: i64| {
            let there = &self.topics["ingest.v1"];
            let inside = there.iter().filter(|it| (first..next).contains(&it.offset)).count();
            Ok::<_, std::convert::Infallible>(i64::try_from(inside).expect("small"))
        };
        let Ok(closed) = books.finish(&BTreeMap::from([(0, self.ingest)]), count);
        closed
    }
}

/// Breaks a clean log and compares the kinds found, with their numbers.
#[track_caller]
pub fn check(fault: impl Fn(&mut Little), expected: &[(Kind, u64)]) -> Report {
    check_in(clean(), fault, expected)
}

/// As [`check`], with another log.
#[track_caller]
pub fn check_in(
    mut little: Little,
    fault: impl Fn(&mut Little),
    expected: &[(Kind, u64)],
) -> Report {
    fault(&mut little);
    let report = little.verify(Scope::default());
    let found: Vec<(Kind, u64)> = report.by_kind.iter().map(|it| (*it.0, *it.1)).collect();
    assert_eq!(found, expected, "{:#?}", report.findings);
    report
}
