//! Checkpoints of a real platform while it works and when it rests, proofs from them, and decisions that
//! were written anew.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use saphan_kafka::{Key, Outbound, RecordBuf};
use saphan_model::Timestamp;
use saphan_proof::checkpoint::{Broken, BrokenKind, Heads, Proof, Signer, Store};
use saphan_proof::kept::Kept;
use saphan_proof::live::{Recounted, Sealed, Until};

use crate::{World, deploy, submissions, with_leaders};

fn signer() -> Signer {
    Signer::from_seed("health.example/decisions", &[7; 32]).expect("a name")
}

fn store(folder: &Path) -> Store {
    let (store, broken) = Store::open(folder, &[signer().verifier()]).expect("a folder");
    assert_eq!(broken, []);
    store
}

fn sealed(world: &World) -> Sealed<'_> {
    let topics = world.admin.list_topics().expect("topics").into_keys();
    let kept: BTreeMap<_, _> = topics.map(|it| (it, Kept::Forever)).collect();
    Sealed { kafka: world.kafka.clone(), names: &world.names, kept }
}

fn recount(world: &World, store: &Store, until: Until) -> Recounted {
    let now = Timestamp(1_790_000_000_000);
    with_leaders(|| sealed(world).recount(store.entries(), (until, now), &mut |_| {}))
}

/// Makes a checkpoint of what is committed now; number of records in it.
pub fn make(world: &World, folder: &Path) -> u64 {
    let mut store = store(folder);
    let counted = recount(world, &store, Until::Now);
    assert_eq!(counted.broken, []);
    let records = counted.parts.values().map(|it| it.tree.size()).sum();
    let heads = Heads { made_at: Timestamp(1_790_000_000_000), parts: counted.parts };
    store.append(heads, &signer()).expect("written");
    records
}

fn verify(world: &World, folder: &Path) -> Vec<Broken> {
    recount(world, &store(folder), Until::LastCheckpoint).broken
}

/// Two checkpoints were made; the second holds everything.
pub fn proved(world: &World, folder: &Path) {
    assert_eq!(verify(world, folder), []);
    let (store, keys) = (store(folder), [signer().verifier()]);
    assert_eq!(store.entries().len(), 2);
    let check = |proof: Result<Proof, saphan_proof::LiveError>| {
        let proof = proof.unwrap_or_else(|it| panic!("{it}"));
        let again = Proof::from_json(&proof.to_json()).expect("its own JSON");
        again.check(&keys).unwrap_or_else(|it| panic!("{it}"))
    };
    let decisions = world.read(&world.names.decision());
    let person = submissions()[0].subject.citizen_id.expect("everybody has one");
    let patient = world.keys.pseudonym(&person);
    let all = check(sealed(world).prove_list(&store, 2, patient));
    let of_patient = decisions.iter().filter(|it| it.key.as_deref() == Some(&patient.0[..]));
    assert_eq!(all.offsets, of_patient.map(|it| it.offset).collect::<Vec<_>>());
    assert_eq!(all.offsets.len(), 14);
    for decision in [&decisions[0], &decisions[decisions.len() - 1]] {
        let part = (world.names.decision(), decision.partition);
        let proof = sealed(world).prove_record(&store, 2, part, decision.offset);
        assert_eq!(check(proof).offsets, [decision.offset]);
    }
    let path = saphan_proof::checkpoint::proof::Path::new(store.prove_consistency(1, 2));
    let [earlier, later] = [0, 1].map(|it| store.entries()[it].note.clone());
    assert_eq!(check(Ok(Proof::Consistency { earlier, later, path })).checkpoint.size, 2);
    let nowhere = (world.names.decision(), 0);
    let error = sealed(world).prove_record(&store, 2, nowhere, 1_000_000).expect_err("none");
    assert!(error.to_string().starts_with("SP-2069"), "{error}");
}

/// Somebody with every right deletes the decisions and writes them again, without one.
pub fn rewritten(world: &World, folder: &Path) {
    let topic = world.names.decision();
    let decisions = world.read(&topic);
    world.admin.delete_topics(&[&topic]).expect("deleted");
    let deadline = Instant::now() + Duration::from_secs(30);
    while world.admin.list_topics().expect("topics").contains_key(&topic) {
        assert!(Instant::now() < deadline, "the topic goes");
        std::thread::sleep(Duration::from_millis(100));
    }
    deploy(&world.admin, &world.topology, &world.names);
    assert!(world.read(&topic).is_empty());
    let copy = |it: &RecordBuf| Outbound {
        topic: topic.as_str().into(),
        partition: Some(it.partition),
        key: it.key.as_deref().map(Key::from_slice),
        headers: it.headers.iter().cloned().collect(),
        value: it.value.clone(),
        mark: None,
    };
    world.append(decisions[1..].iter().map(copy).collect());
    let broken = verify(world, folder);
    let places: Vec<_> = broken.iter().filter_map(|it| it.place.as_ref()).collect();
    assert!(!broken.is_empty() && places.iter().all(|it| it.0 == topic), "{broken:#?}");
    let kinds = [BrokenKind::Altered, BrokenKind::Shortened];
    assert!(broken.iter().all(|it| kinds.contains(&it.kind)), "{broken:#?}");
}
