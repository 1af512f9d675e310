//! Checkpoints of the little log; then it, or they, are tampered with in one way.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use saphan_kafka::RecordBuf;
use saphan_model::Timestamp;
use saphan_proof::checkpoint::heads::Summary;
use saphan_proof::checkpoint::lists::Lists;
use saphan_proof::checkpoint::path::{Gather, inclusion};
use saphan_proof::checkpoint::proof::{Bytes, HeadsProof, Path as Hashes, Refuted};
use saphan_proof::checkpoint::recount::Span;
use saphan_proof::checkpoint::tree::leaf_hash;
use saphan_proof::checkpoint::{
    Broken, BrokenKind, Head, Heads, Proof, Recount, Signer, Store, Verifier, leaf,
};
use saphan_proof::kept::Kept;

use crate::little::{DECISION, LOG, Little, NHSO, clean};

const TOPICS: [&str; 3] = [DECISION, LOG, NHSO];
const DAY: i64 = 86_400_000;
const NOW: i64 = 1_790_000_000_000;

fn signer() -> Signer {
    Signer::from_seed("health.example/decisions", &[7; 32]).expect("a name")
}

fn keys() -> Vec<Verifier> {
    vec![signer().verifier()]
}

/// A platform of which checkpoints are made.
struct Watched {
    little: Little,
    folder: tempfile::TempDir,
    /// Oldest offset of each topic.
    first: BTreeMap<&'static str, i64>,
    kept: Kept,
}

impl Watched {
    fn store(&self) -> (Store, Vec<Broken>) {
        Store::open(self.folder.path(), &keys()).expect("a folder")
    }

    /// Counts every topic up to an offset.
    fn recount(&self, store: &Store, end: i64, now: i64) -> (Heads, Vec<Broken>) {
        let (mut parts, mut broken) = (BTreeMap::new(), Vec::new());
        for topic in TOPICS {
            let first = self.first.get(topic).copied().unwrap_or(0);
            let (head, found) = self.count(store, topic, Span { first, end }, now);
            parts.insert((topic.to_owned(), 0), head);
            broken.extend(found);
        }
        (Heads { made_at: Timestamp(now), parts }, broken)
    }

    fn count(&self, store: &Store, topic: &str, span: Span, now: i64) -> (Head, Vec<Broken>) {
        let part = (topic.to_owned(), 0);
        let earlier = store.entries().iter().zip(1..).map(|(entry, number)| {
            (number, entry.heads.made_at.0, entry.heads.parts[&part].clone())
        });
        let lists = topic == DECISION;
        let mut recount =
            Recount::new(part.clone(), span, earlier.collect(), (self.kept, now), lists);
        for record in self.little.topics[topic].iter().filter(|it| it.offset >= span.first) {
            recount.push(&record.as_record());
        }
        let (head, _, broken) = recount.finish();
        (head, broken)
    }

    fn make(&self, end: i64, now: i64) {
        let (mut store, broken) = self.store();
        assert_eq!(broken, [], "what is kept is sound");
        let (heads, broken) = self.recount(&store, end, now);
        assert_eq!(broken, [], "what is signed is consistent");
        store.append(heads, &signer()).expect("written");
    }

    fn verify(&self, end: i64, now: i64) -> Vec<Broken> {
        let (store, mut broken) = self.store();
        broken.extend(self.recount(&store, end, now).1);
        broken
    }
}

/// Three checkpoints a day apart: of the first four offsets, of the first seven and of all ten.
fn kept() -> Watched {
    let folder = tempfile::tempdir().expect("a folder");
    let it = Watched { little: clean(), folder, first: BTreeMap::new(), kept: Kept::Forever };
    for (day, end) in [(0, 4), (1, 7), (2, 10)] {
        it.make(end, NOW + day * DAY);
    }
    it
}

/// Tampers; the kinds found, with the number of the checkpoint each shows at.
#[track_caller]
fn check(fault: impl Fn(&mut Watched), expected: &[(BrokenKind, u64)]) -> Vec<Broken> {
    let mut it = kept();
    fault(&mut it);
    let end = 10;
    let broken = it.verify(end, NOW + 3 * DAY);
    let found: Vec<_> =
        broken.iter().map(|it| (it.kind, it.checkpoint.expect("all are at one"))).collect();
    assert_eq!(found, expected, "{broken:#?}");
    broken
}

fn file(it: &Watched, folder: &str, number: u64) -> std::path::PathBuf {
    it.folder.path().join(folder).join(format!("{number:08}"))
}

fn rewrite(path: &Path, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(path).expect("readable");
    let changed = change(&text);
    assert_ne!(changed, text, "something changes");
    fs::write(path, changed).expect("written");
}

#[test]
fn what_nobody_touched_is_whole() {
    check(|_| {}, &[]);
    let it = kept();
    assert_eq!(it.store().0.entries().len(), 3);
}

#[test]
fn a_log_that_grew_is_whole() {
    let it = kept();
    let (store, _) = it.store();
    let text = store.entries()[2].heads.to_string();
    assert_eq!(Heads::parse(&text).expect("its own text").to_string(), text);
    let summary = &store.entries()[2].summary;
    assert_eq!(Summary::parse(summary).expect("its own text").to_string(), *summary);
    for (of, to) in [("leaves 10", "leaves 010"), ("made 1", "made +1"), ("first 0 ", "first -0 ")]
    {
        assert!(Heads::parse(&text.replacen(of, to, 1)).is_none(), "one form only: {to}");
    }
    assert!(Summary::parse(&summary.replace("lines 3", "lines 03")).is_none(), "one form only");
    assert!(it.verify(10, NOW + 400 * DAY).is_empty());
}

fn altered(change: impl Fn(&mut RecordBuf)) -> impl Fn(&mut Watched) {
    move |it: &mut Watched| change(&mut it.little.topic(DECISION)[5])
}

#[test]
fn whatever_is_altered_in_a_record_shows_at_the_next_checkpoint_and_only_there() {
    let at_two = [(BrokenKind::Altered, 2)];
    check(altered(|it| it.value.as_mut().expect("a value")[9] ^= 1), &at_two);
    check(altered(|it| it.key.as_mut().expect("a key")[0] ^= 1), &at_two);
    check(altered(|it| std::sync::Arc::make_mut(&mut it.headers[0].value)[0] ^= 1), &at_two);
    check(altered(|it| it.append_time_ms += 1), &at_two);
    let broken = check(altered(|it| it.headers.clear()), &at_two);
    assert!(broken[0].detail.contains("between offsets 4 and 7"), "{broken:?}");
    assert_eq!(broken[0].place, Some((DECISION.to_owned(), 0)));
}

#[test]
fn a_dropped_record_is_told() {
    let broken = check(|it| drop(it.little.topic(DECISION).remove(8)), &[(BrokenKind::Altered, 3)]);
    assert!(broken[0].detail.contains("1 record(s) are missing"), "{broken:?}");
}

#[test]
fn reordered_records_are_told() {
    let swapped = |it: &mut Watched| {
        let decisions = it.little.topic(DECISION);
        decisions.swap(1, 2);
        let (a, b) = (decisions[1].offset, decisions[2].offset);
        (decisions[1].offset, decisions[2].offset) = (b, a);
    };
    let broken = check(swapped, &[(BrokenKind::Altered, 1)]);
    assert!(broken[0].detail.contains("another order"), "{broken:?}");
}

#[test]
fn a_disclosure_and_a_log_are_committed_to_as_well() {
    check(|it| drop(it.little.topic(NHSO).remove(0)), &[(BrokenKind::Altered, 1)]);
    let of_the_log = |it: &mut Watched| it.little.topic(LOG)[9].append_time_ms += 1;
    check(of_the_log, &[(BrokenKind::Altered, 3)]);
}

#[test]
fn two_faults_are_two_findings() {
    let two = |it: &mut Watched| {
        it.little.topic(DECISION)[0].append_time_ms += 1;
        it.little.topic(DECISION)[9].append_time_ms += 1;
    };
    check(two, &[(BrokenKind::Altered, 1), (BrokenKind::Altered, 3)]);
}

#[test]
fn a_truncated_log_is_told() {
    let it = kept();
    let broken = it.verify(8, NOW + 3 * DAY);
    assert_eq!(broken.len(), TOPICS.len());
    assert!(broken.iter().all(|it| (it.kind, it.checkpoint) == (BrokenKind::Shortened, Some(3))));
}

#[test]
fn a_beginning_may_leave_by_retention_only() {
    let gone = |kept: Kept, first: i64| {
        move |it: &mut Watched| {
            it.kept = kept;
            it.first.insert(NHSO, first);
        }
    };
    check(gone(Kept::Forever, 4), &[(BrokenKind::Shortened, 1)]);
    // What stood behind the first checkpoint is younger than it, three days.
    check(gone(Kept::For(30 * DAY), 5), &[(BrokenKind::Shortened, 1)]);
    check(gone(Kept::For(2 * DAY), 5), &[]);
    // What is left is compared from the first head behind what is gone: that of offset 7.
    let and_altered = |place: usize| {
        move |it: &mut Watched| {
            gone(Kept::For(2 * DAY), 5)(it);
            it.little.topic(NHSO)[place].append_time_ms += 1;
        }
    };
    check(and_altered(6), &[]);
    check(and_altered(7), &[(BrokenKind::Altered, 3)]);
}

#[test]
fn a_forged_signature_is_told() {
    let by_another = |it: &mut Watched| {
        let other = Signer::from_seed("health.example/decisions", &[8; 32]).expect("a name");
        let path = file(it, "checkpoints", 2);
        let note = fs::read_to_string(&path).expect("readable");
        let root = keys()[0].checkpoint(&note).expect("sound").root;
        fs::write(path, other.sign(2, &root)).expect("written");
    };
    check(by_another, &[(BrokenKind::Forged, 2)]);
    let altered = |it: &mut Watched| {
        rewrite(&file(it, "checkpoints", 3), |it| it.replacen("\n3\n", "\n4\n", 1));
    };
    check(altered, &[(BrokenKind::Forged, 3)]);
}

#[test]
fn heads_that_were_altered_are_not_those_that_were_signed() {
    let altered = |it: &mut Watched| {
        rewrite(&file(it, "heads", 2), |it| it.replacen("made 179", "made 178", 1));
    };
    check(altered, &[(BrokenKind::Inconsistent, 2)]);
}

#[test]
fn a_checkpoint_in_the_place_of_another_is_told() {
    let exchanged = |it: &mut Watched| {
        for folder in ["heads", "checkpoints"] {
            fs::copy(file(it, folder, 1), file(it, folder, 3)).expect("copied");
        }
    };
    let broken = check(exchanged, &[(BrokenKind::Inconsistent, 3)]);
    assert!(broken[0].detail.contains("the checkpoint 1 in the place"), "{broken:?}");
    let missing = |it: &mut Watched| fs::remove_file(file(it, "checkpoints", 2)).expect("removed");
    check(missing, &[(BrokenKind::Inconsistent, 2)]);
}

#[test]
fn a_rolled_back_folder_is_told_by_a_checkpoint_kept_elsewhere() {
    let it = kept();
    let kept_elsewhere = keys()[0].checkpoint(&it.store().0.entries()[2].note).expect("sound");
    assert_eq!(it.store().0.holds(&kept_elsewhere), Ok(()));
    for folder in ["heads", "checkpoints"] {
        fs::remove_file(file(&it, folder, 3)).expect("removed");
    }
    let (store, broken) = it.store();
    assert!(broken.is_empty(), "the folder alone cannot tell");
    let told = store.holds(&kept_elsewhere).expect_err("it was rolled back");
    assert_eq!((told.kind, told.checkpoint), (BrokenKind::Inconsistent, Some(3)));
    it.make(10, NOW + 5 * DAY);
    let told = it.store().0.holds(&kept_elsewhere).expect_err("another history");
    assert!(told.detail.contains("another history"), "{told:?}");
}

#[test]
fn a_key_may_be_changed_but_not_the_log() {
    let it = kept();
    let second = Signer::from_seed("health.example/decisions", &[8; 32]).expect("a name");
    let other = Signer::from_seed("elsewhere.example/decisions", &[9; 32]).expect("a name");
    let keys = [signer().verifier(), second.verifier(), other.verifier()];
    let open = || Store::open(it.folder.path(), &keys).expect("a folder");
    let (heads, _) = it.recount(&open().0, 10, NOW + 3 * DAY);
    let refused = open().0.append(heads.clone(), &other).expect_err("another log").to_string();
    assert!(refused.starts_with("SP-2066"), "{refused}");
    open().0.append(heads, &second).expect("the same log");
    let (store, broken) = open();
    assert_eq!((store.entries().len(), broken), (4, Vec::new()));
    let root = keys[1].checkpoint(&store.entries()[3].note).expect("sound").root;
    fs::write(file(&it, "checkpoints", 4), other.sign(4, &root)).expect("written");
    let (_, broken) = open();
    assert_eq!((broken[0].kind, broken[0].checkpoint), (BrokenKind::Inconsistent, Some(4)));
}

#[test]
fn an_interrupted_run_is_taken_up_again() {
    let it = kept();
    fs::remove_file(file(&it, "checkpoints", 3)).expect("removed");
    it.make(10, NOW + 5 * DAY);
    let (store, broken) = it.store();
    assert_eq!((store.entries().len(), broken), (3, Vec::new()));
}

#[test]
fn lists_that_do_not_follow_from_the_records_are_told() {
    let it = kept();
    let (mut store, _) = it.store();
    let (mut heads, _) = it.recount(&store, 10, NOW + 3 * DAY);
    let head = heads.parts.get_mut(&(DECISION.to_owned(), 0)).expect("decisions");
    head.lists.as_mut().expect("with lists").root[0] ^= 1;
    store.append(heads, &signer()).expect("written");
    let broken = it.verify(10, NOW + 4 * DAY);
    let found: Vec<_> = broken.iter().map(|it| (it.kind, it.checkpoint)).collect();
    assert_eq!(found, [(BrokenKind::ListIncomplete, Some(4))]);
}

/// The forms of a topic's records below an offset.
fn forms(it: &Watched, topic: &str, end: i64) -> Vec<(Option<Vec<u8>>, Vec<u8>)> {
    let below = it.little.topics[topic].iter().filter(|it| it.offset < end);
    below.map(|it| (it.key.clone(), leaf::encode(&it.as_record()))).collect()
}

/// The heads of the second checkpoint, as the third has them.
fn heads(store: &Store) -> HeadsProof {
    let second = &store.entries()[1];
    let part = (DECISION.to_owned(), 0);
    let (line, line_index, line_path) = second.heads.prove(&part).expect("decisions");
    HeadsProof {
        checkpoint: store.entries()[2].note.clone(),
        summary: second.summary.clone(),
        number: 2,
        path: Hashes::new(store.prove_heads(2, 3)),
        line,
        line_index,
        line_path: Hashes::new(line_path),
    }
}

fn record_proof(it: &Watched) -> Proof {
    let (records, index) = (forms(it, DECISION, 7), 5);
    let mut gather = Gather::new(inclusion(index, records.len() as u64));
    records.iter().for_each(|it| gather.push(leaf_hash(&it.1)));
    Proof::Record {
        heads: heads(&it.store().0),
        topic: DECISION.to_owned(),
        partition: 0,
        record: Bytes(records[5].1.clone()),
        index,
        path: Hashes::new(gather.finish()),
    }
}

fn list_proof(it: &Watched) -> Proof {
    let records = forms(it, DECISION, 7);
    let mut lists = Lists::default();
    records.iter().for_each(|it| lists.push(it.0.as_deref(), &leaf_hash(&it.1)));
    let patient = records[0].0.clone().expect("a key");
    let (index, path) = lists.prove(&patient).expect("a list");
    let of_patient = records.iter().filter(|it| it.0.as_ref() == Some(&patient));
    Proof::List {
        heads: heads(&it.store().0),
        topic: DECISION.to_owned(),
        partition: 0,
        records: of_patient.map(|it| Bytes(it.1.clone())).collect(),
        patient: Bytes(patient),
        index,
        path: Hashes::new(path),
    }
}

fn consistency_proof(it: &Watched) -> Proof {
    let (store, _) = it.store();
    let note = |place: usize| store.entries()[place].note.clone();
    let path = Hashes::new(store.prove_consistency(1, 3));
    Proof::Consistency { earlier: note(0), later: note(2), path }
}

#[test]
fn every_proof_holds_also_after_a_way_through_json() {
    let it = kept();
    for (proof, offsets) in [
        (record_proof(&it), vec![5]),
        (list_proof(&it), (0..7).collect()),
        (consistency_proof(&it), Vec::new()),
    ] {
        let again = Proof::from_json(&proof.to_json()).expect("its own JSON");
        assert_eq!(again, proof);
        let proved = again.check(&keys()).expect("it holds");
        assert_eq!((proved.checkpoint.size, proved.offsets), (3, offsets));
        let other = Signer::from_seed("health.example/decisions", &[8; 32]).expect("a name");
        let refuted = proof.check(&[other.verifier()]).expect_err("signed by another key");
        assert!(matches!(refuted, Refuted::Broken(it) if it.kind == BrokenKind::Forged));
    }
}

/// Every place of a proof is needed: whatever single digit of its JSON is changed, it does not hold. Every
/// third is tried.
#[test]
fn a_proof_with_any_digit_changed_does_not_hold() {
    let it = kept();
    for proof in [record_proof(&it), list_proof(&it), consistency_proof(&it)] {
        let json = proof.to_json();
        let digits = json.char_indices().filter(|it| it.1.is_ascii_hexdigit());
        for (place, digit) in digits.step_by(3) {
            let other = if digit == '1' { "2" } else { "1" };
            let changed = [&json[..place], other, &json[place + 1..]].concat();
            let holds = Proof::from_json(&changed).is_ok_and(|it| it.check(&keys()).is_ok());
            assert!(!holds, "{digit:?} at {place} of {json}");
        }
    }
}

#[test]
fn a_gap_in_a_patients_list_is_told_wherever_it_is() {
    let it = kept();
    let Proof::List { records, .. } = list_proof(&it) else { panic!("a list") };
    let refuted = |change: &dyn Fn(&mut Vec<Bytes>)| {
        let mut proof = list_proof(&it);
        let Proof::List { records, .. } = &mut proof else { panic!("a list") };
        change(records);
        let refuted = proof.check(&keys()).expect_err("not the whole list");
        matches!(&refuted, Refuted::Broken(it) if it.kind == BrokenKind::ListIncomplete)
    };
    for place in 0..records.len() {
        assert!(refuted(&|it| drop(it.remove(place))), "without number {}", place + 1);
        assert!(refuted(&|it| it.push(it[place].clone())), "number {} twice", place + 1);
    }
    assert!(refuted(&|it| it.swap(2, 3)));
    assert!(refuted(&Vec::clear));
}
