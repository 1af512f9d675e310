//! How fast one thread gathers and replays, without a broker: `cargo run --release -p saphan-proof
//! --example rate`. The log is made by admit and route in memory: people, half of them with a directive,
//! ten visits each.
#![expect(clippy::print_stdout, reason = "a measurement answers on the terminal")]

#[allow(dead_code, reason = "more samples than are needed here")]
#[path = "../../pipeline/tests/flow/samples.rs"]
mod samples;
#[path = "../../pipeline/tests/flow/world.rs"]
#[expect(dead_code, reason = "more of a world than is needed here")]
mod world;

use std::sync::Arc;

use saphan_codec::SchemaIds;
use saphan_kafka::{Headers, Record};
use saphan_model::directive::Purpose;
use saphan_model::label::Labels;
use saphan_model::{CitizenId, Private, Subject};
use saphan_proof::{Bounds, Changes, MemoryShelf, Platform, Scope, Verifier};
use saphan_topology::Names;

const PEOPLE: u32 = 2_000;
const VISITS: u32 = 10;

/// A made-up person: twelve digits and the check digit that follows from them.
fn person(n: u32) -> Subject {
    let twelve = format!("9{n:011}");
    let digits = twelve.bytes().map(|it| u32::from(it - b'0'));
    let sum: u32 = digits.zip((2..=13).rev()).map(|(digit, weight)| digit * weight).sum();
    let id = format!("{twelve}{}", (11 - sum % 11) % 10);
    let citizen_id = Some(CitizenId::parse(&id).expect("its check digit is right"));
    Subject { citizen_id, local_id: Some(Private::new(n.to_string())) }
}

fn make() -> world::World {
    let mut world = world::World::new();
    for n in 0..PEOPLE {
        let mut batch = Vec::new();
        if n % 2 == 0 {
            let recipient = "health-link";
            let mut it = samples::directive(recipient, Purpose::Treatment, Labels::NONE, true);
            it.subject = person(n);
            it.natural_key = Private::new(format!("consent-{n}"));
            batch.push(it);
        }
        let code = |visit: u32| if visit.is_multiple_of(5) { "A90" } else { "J00" };
        let visits = 0..VISITS;
        batch.extend(visits.map(|it| samples::visit(&format!("{n}-{it}"), code(it), person(n))));
        world.send(&batch);
    }
    world
}

fn record<'a>(topic: &'a str, offset: usize, entry: &'a world::Entry) -> Record<'a> {
    let offset = i64::try_from(offset).expect("small");
    Record {
        topic,
        partition: 0,
        offset,
        append_time_ms: 1_790_000_000_000 + offset, // as the world stamps them
        key: Some(&entry.key),
        headers: Headers::Slice(&entry.headers),
        value: entry.value.as_deref(),
    }
}

/// Seconds this thread has had of a processor: the same on a busy machine.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    let nanos: f64 = text.split(' ').next().and_then(|it| it.parse().ok()).expect("a number");
    nanos / 1e9
}

fn main() {
    let world = make();
    let topology = world::topology();
    let names = Names::default();
    let rule_ids: Vec<u32> = (1_000..).take(topology.projections().len()).collect();
    let (keys, ids) = (world::keys(), Arc::new(SchemaIds::sequential()));
    for _ in 0..5 {
        let platform = Platform {
            topology: &topology,
            rule_ids: &rule_ids,
            keys: &keys,
            ids: ids.clone(),
            names: &names,
        };
        let shelf = Box::new(MemoryShelf::default());
        let mut verifier = Verifier::new(&platform, Scope::default(), 1, shelf, &[1; 32], 1);
        let watched: Vec<String> =
            verifier.catalog().watched().map(|it| it.1.name.to_string()).collect();
        let started = processor_seconds();
        let mut outputs = 0;
        for topic in &watched {
            for (offset, entry) in world.topic(topic).iter().enumerate() {
                verifier.see(&record(topic, offset, entry)).expect("memory takes it");
                outputs += 1;
            }
        }
        let gathered = processor_seconds() - started;
        let log = world.topic("patient.log.v1");
        let end = i64::try_from(log.len()).expect("small");
        let started = processor_seconds();
        let bounds = Bounds { settled: end, claimed: end };
        let mut changes = Changes::default();
        for (offset, entry) in log.iter().enumerate() {
            changes.see(&record("patient.log.v1", offset, entry), &ids);
        }
        let mut proof = verifier.partition(0, bounds, changes).expect("memory gives it");
        for (offset, entry) in log.iter().enumerate() {
            proof.apply(&record("patient.log.v1", offset, entry));
        }
        proof.finish();
        let replayed = processor_seconds() - started;
        let report = verifier.finish();
        println!(
            "gathered {outputs} outputs, {:.0} a second; replayed {} records, {:.0} a second; {} findings",
            f64::from(outputs) / gathered,
            log.len(),
            report.counts.replayed as f64 / replayed,
            report.total()
        );
    }
}
