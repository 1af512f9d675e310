//! A real platform is verified while it works and when it rests, and faults in its topics are found.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use saphan_codec::SchemaIds;
use saphan_devstack::Stack;
use saphan_kafka::worker::{self, WorkerConfig};
use saphan_kafka::{
    Admin, Isolation, KafkaConfig, Key, Outbound, Processor, Producer, ProducerLimits, Reader,
    RecordBuf, Registry, RegistryConfig, Shutdown,
};
use saphan_keys::Keys;
use saphan_model::directive::Purpose;
use saphan_model::label::Labels;
use saphan_model::{CitizenId, Private, Submission};
use saphan_pipeline::route::Overlay;
use saphan_pipeline::tally::Silent;
use saphan_pipeline::{Admit, Route, admit};
use saphan_proof::{Kind, Live, LiveError, Options, Platform, Question, Report, Scope};
use saphan_topology::deploy::{Allow, Applied, Target, apply, load_all_versions};
use saphan_topology::{Names, Profile, Topology};

#[path = "live/checkpoint.rs"]
mod checkpoint;
#[allow(dead_code, reason = "more samples than are needed here")]
#[path = "../../pipeline/tests/flow/samples.rs"]
mod samples;
#[path = "live/what_if.rs"]
mod what_if;

struct World {
    kafka: KafkaConfig,
    admin: Admin,
    topology: Topology,
    names: Names,
    keys: Keys,
    ids: Arc<SchemaIds>,
    rule_ids: Vec<u32>,
}

fn topology_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology")
}

fn world() -> World {
    let stack = Stack::shared().unwrap_or_else(|it| panic!("{it}"));
    let topology = Topology::load(&topology_folder(), None).expect("the demonstration's folder");
    let names = Names::new(&format!("{}.", stack.unique_prefix())).expect("a prefix");
    let kafka = KafkaConfig::plaintext(stack.bootstrap());
    let admin = Admin::new(&kafka).expect("an admin client");
    let (registry, applied) = deploy(&admin, &topology, &names);
    let ids = Arc::new(load_all_versions(&registry).expect("schemas were just registered"));
    let keys = Keys::from_seed(&[5; 32]);
    World { kafka, admin, topology, names, keys, ids, rule_ids: applied.rule_ids }
}

/// Makes the topics and schemas that are not there yet.
fn deploy(admin: &Admin, topology: &Topology, names: &Names) -> (Registry, Applied) {
    let stack = Stack::shared().unwrap_or_else(|it| panic!("{it}"));
    let registry = Registry::new(&RegistryConfig::new(stack.registry_url()));
    let target = Target { profile: Profile::Development, names: names.clone() };
    let applied = apply(admin, &registry, topology, &target, Allow::default())
        .unwrap_or_else(|it| panic!("{it}"));
    (registry, applied)
}

impl Drop for World {
    fn drop(&mut self) {
        let mut topics = self.admin.list_topics().unwrap_or_default();
        topics.retain(|name, _| name.starts_with(self.names.prefix()));
        let names: Vec<_> = topics.keys().map(String::as_str).collect();
        if let Err(trouble) = self.admin.delete_topics(&names) {
            assert!(std::thread::panicking(), "the test's topics go: {trouble}");
        }
    }
}

impl World {
    fn live(&self) -> Live<'_> {
        Live {
            kafka: self.kafka.clone(),
            admit_group: format!("{}admit", self.names.prefix()),
            route_group: format!("{}route", self.names.prefix()),
            platform: Platform {
                topology: &self.topology,
                rule_ids: &self.rule_ids,
                keys: &self.keys,
                ids: self.ids.clone(),
                names: &self.names,
            },
        }
    }

    fn verify(&self, scope: Scope) -> Report {
        let options = Options { scope, limit: 10, work_dir: std::env::temp_dir() };
        with_leaders(|| self.live().verify(&options, &mut |_| {}))
    }

    fn append(&self, batch: Vec<Outbound>) {
        let producer = Producer::new(&self.kafka, "test", &ProducerLimits::default());
        let results = producer.expect("a producer").send(batch).wait(Duration::from_secs(20));
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    fn send(&self, submissions: &[Submission]) {
        let topic: Arc<str> = self.names.ingest().into();
        let outbound = |it: &Submission| {
            let mut value = Vec::new();
            saphan_codec::encode_framed(it, &self.ids, &mut value);
            Outbound::keyed(topic.clone(), it.facility.clone(), value)
        };
        self.append(submissions.iter().map(outbound).collect());
    }

    fn read(&self, topic: &str) -> Vec<RecordBuf> {
        let reader = Reader::new(&self.kafka, "test-reader", Isolation::Committed);
        let (reader, name): (_, Arc<str>) = (reader.expect("a reader"), topic.into());
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let mut records = Vec::new();
            match reader.read_to_end(topic, |it| records.push(it.to_buf(name.clone()))) {
                Ok(_) => return records,
                // A topic just made has no leader for a moment.
                Err(trouble) => assert!(Instant::now() < deadline, "{trouble}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Runs admit and route until `done`.
    fn run(&self, done: impl FnOnce()) {
        self.run_some([true, true], done);
    }

    /// Runs admit, route or both until `done`. Route knows the changes of consent there are when it
    /// begins.
    fn run_some(&self, [runs_admit, runs_route]: [bool; 2], done: impl FnOnce()) {
        let topology = self.topology.clone();
        let context = admit::Context { keys: self.keys.clone(), topology };
        let (ids, names, tally) = (&self.ids, &self.names, Arc::new(Silent));
        let mut admit = Admit::new(context, ids.clone(), names, tally.clone());
        let overlay = Arc::new(Overlay::default());
        for it in self.read(&names.consent_revoked()) {
            let key = it.key.as_deref().unwrap_or_default();
            overlay.take(key, it.value.as_deref(), ids).expect("readable");
        }
        let (topology, rule_ids) = (&self.topology, &self.rule_ids);
        let mut route =
            Route::new(topology, rule_ids, &self.keys, ids.clone(), names, overlay, tally);
        let shutdown = Shutdown::new();
        std::thread::scope(|scope| {
            let stop = StopAtEnd(&shutdown);
            if runs_admit {
                let (input, state) = (names.ingest(), names.admit_state());
                scope.spawn(|| self.work("admit", input, state, &mut admit, &shutdown));
            }
            if runs_route {
                let (input, state) = (names.patient_log(), names.consent_state());
                scope.spawn(|| self.work("route", input, state, &mut route, &shutdown));
            }
            done();
            drop(stop);
        });
    }

    fn work(
        &self,
        app: &str,
        input: String,
        state: String,
        stage: &mut dyn Processor,
        shutdown: &Shutdown,
    ) {
        let group = format!("{}{app}", self.names.prefix());
        let plain = WorkerConfig::new(group, 0, 0, input);
        let config = WorkerConfig { state: Some(state), places: app == "admit", ..plain };
        worker::run(&self.kafka, &config, stage, &saphan_kafka::Silent, shutdown)
            .unwrap_or_else(|it| panic!("{app}: {it}"));
    }

    fn wait_for_decisions(&self, count: usize) {
        self.wait_for(&self.names.decision(), count);
    }

    fn wait_for(&self, topic: &str, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.read(topic).len() < count {
            assert!(Instant::now() < deadline, "{topic} does not fill");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// Tries again while brokers refuse: a topic just made has no leader for a moment.
fn with_leaders<T>(mut work: impl FnMut() -> Result<T, LiveError>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match work() {
            Ok(done) => return done,
            Err(LiveError::Kafka(it)) if Instant::now() < deadline => drop(it),
            Err(trouble) => panic!("{trouble}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Asks the workers to stop also when the test fails: a scope waits for its threads.
struct StopAtEnd<'a>(&'a Shutdown);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.request();
    }
}

/// The same for person `n` of the test.
fn of_person(n: u32, mut it: Submission) -> Submission {
    let twelve = format!("8{n:011}");
    let digits = twelve.bytes().map(|it| u32::from(it - b'0'));
    let sum: u32 = digits.zip((2..=13).rev()).map(|(digit, weight)| digit * weight).sum();
    let id = format!("{twelve}{}", (11 - sum % 11) % 10);
    it.subject.citizen_id = Some(CitizenId::parse(&id).expect("its check digit is right"));
    it.subject.local_id = Some(Private::new(n.to_string()));
    it.natural_key = Private::new(format!("{n}:{}", it.natural_key.reveal()));
    it
}

/// Twenty people with ten visits each, a permission in between and its withdrawal; every visit twice.
fn submissions() -> Vec<Submission> {
    let mut all = Vec::new();
    for n in 0..20u32 {
        let mut of = |it: Submission| all.push(of_person(n, it));
        let treat = Purpose::Treatment;
        for visit in 0..10u32 {
            match visit {
                3 => of(samples::directive("health-link", treat, Labels::NONE, true)),
                7 => of(samples::directive("health-link", treat, Labels::NONE, false)),
                _ => {}
            }
            let code = if visit % 4 == 0 { "A90" } else { "J00" };
            for _ in 0..2 {
                of(samples::visit(&visit.to_string(), code, samples::known()));
            }
        }
        of(samples::retraction("5"));
        of(samples::visit("8", "K30", samples::unknown()));
    }
    all
}

#[test]
fn a_real_platform_is_proved_while_it_works_and_when_it_rests() {
    let world = world();
    let sent = submissions();
    let records = 20 * (10 + 2 + 2);
    let checkpoints = tempfile::tempdir().expect("a folder");
    world.run(|| {
        world.send(&sent[..sent.len() / 2]);
        let working = world.verify(Scope::default());
        assert!(working.clean(), "{:#?}", working.findings);
        checkpoint::make(&world, checkpoints.path());
        world.send(&sent[sent.len() / 2..]);
        let working = world.verify(Scope::default());
        assert!(working.clean(), "{:#?}", working.findings);
        world.wait_for_decisions(records);
    });
    let rested = world.verify(Scope::default());
    assert!(rested.clean(), "{:#?}", rested.findings);
    assert_eq!(rested.counts.compared, records as u64);
    let balance = rested.balance.expect("asked for");
    assert_eq!((balance.ended, balance.unchanged), (sent.len() as i64, 200));
    assert!(rested.agencies["health-link"].delivered > 0);
    explained(&world);
    assert!(checkpoint::make(&world, checkpoints.path()) > 2 * records as u64);
    checkpoint::proved(&world, checkpoints.path());
    what_if::seen(&world, 20, records as u64);
    faults(&world);
    checkpoint::rewritten(&world, checkpoints.path());
}

/// Route is down while ten of twenty people withdraw what they permitted: nothing that was appended
/// before leaves after, what stands on a statute does, and the proof holds.
#[test]
fn a_revocation_takes_effect_for_what_route_has_not_reached() {
    let world = world();
    let consent =
        |active| samples::directive("health-link", Purpose::Treatment, Labels::NONE, active);
    let visit = |number| samples::visit(number, "J00", samples::known());
    let all = |each: &dyn Fn(u32) -> Vec<Submission>| -> Vec<Submission> {
        (0..20).flat_map(|n| each(n).into_iter().map(move |it| of_person(n, it))).collect()
    };
    world.run(|| {
        world.send(&all(&|_| vec![consent(true), visit("1")]));
        world.wait_for_decisions(40);
    });
    world.run_some([true, false], || {
        world.send(&all(&|_| vec![visit("2"), visit("3")]));
        world.send(&all(&|n| if n % 2 == 0 { vec![consent(false)] } else { Vec::new() }));
        world.wait_for(&world.names.patient_log(), 90);
    });
    assert_eq!(world.read(&world.names.consent_revoked()).len(), 30);
    world.run_some([false, true], || world.wait_for_decisions(90));
    let report = world.verify(Scope::default());
    assert!(report.clean(), "{:#?}", report.findings);
    assert_eq!(report.counts.compared, 90);
    let told = |agency: &str| (report.agencies[agency].delivered, report.agencies[agency].withheld);
    assert_eq!((told("health-link"), told("nhso")), ((40, 20), (60, 0)));
}

fn explained(world: &World) {
    let person = submissions()[0].subject.citizen_id.expect("everybody has one");
    let patient = world.keys.pseudonym(&person);
    let mut told = Vec::new();
    let question = Question::Patient(patient);
    world
        .live()
        .explain(question, None, &mut |it| told.push(it))
        .unwrap_or_else(|it| panic!("{it}"));
    assert_eq!(told.len(), 14);
    let middle = &told[6].decision;
    let (until, mut earlier) = (Some((middle.partition, middle.offset)), Vec::new());
    let question = Question::Patient(patient);
    world
        .live()
        .explain(question, until, &mut |it| earlier.push(it))
        .unwrap_or_else(|it| panic!("{it}"));
    assert_eq!(earlier, told[..7]);
    let scope = Scope { patient: Some(patient), ..Scope::default() };
    let alone = world.verify(scope);
    assert!(alone.clean() && alone.counts.compared == 14, "{alone:?}");
}

/// Somebody with write access copies records by hand.
fn faults(world: &World) {
    let topic = |agency: &str| {
        let agency = agency.parse().expect("an id");
        world.names.agency(&agency, saphan_model::EventType::Encounter)
    };
    let nhso = world.read(&topic("nhso"));
    let copy = |record: &RecordBuf, topic: String| Outbound {
        topic: topic.into(),
        partition: None,
        key: record.key.as_deref().map(Key::from_slice),
        headers: record.headers.iter().cloned().collect(),
        value: record.value.clone(),
        mark: None,
    };
    // A visit of common cold never concerns disease control.
    let ddc = world.read(&topic("ddc"));
    let not_ddc = nhso.iter().find(|it| ddc.iter().all(|ddc| ddc.headers != it.headers));
    world.append(vec![copy(&nhso[0], topic("nhso")), copy(not_ddc.expect("a cold"), topic("ddc"))]);
    let report = world.verify(Scope::default());
    let kinds: Vec<(Kind, u64)> = report.by_kind.iter().map(|it| (*it.0, *it.1)).collect();
    assert_eq!(kinds, [(Kind::Duplicate, 1), (Kind::WrongAgency, 1)], "{:#?}", report.findings);
}
