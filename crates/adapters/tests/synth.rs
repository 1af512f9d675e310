//! A synthetic feed read whole, against the truth its generator knows without reading files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use saphan_adapters::f43::{self, MemoryPersonIndex, PersonIndex};
use saphan_adapters::fhir_consent;
use saphan_model::{Body, Content, EventType, Submission};
use saphan_synth::Options;
use saphan_synth::truth::{Refused, Truth, load};

/// What stands at the end: the last word on each event.
#[derive(Default)]
struct World {
    long_codes: BTreeMap<String, String>,
    bucket_bytes: Option<u64>,
    index: MemoryPersonIndex,
    sent: u64,
    live: BTreeMap<(String, EventType, String), Submission>,
    refused: BTreeSet<Refused>,
}

impl World {
    fn take(&mut self, it: Submission) {
        self.sent += 1;
        let key = |event_type| (it.facility.clone(), event_type, it.natural_key.reveal().clone());
        match &it.content {
            Content::Put(body) => {
                self.live.insert(key(body.event_type()), it);
            }
            Content::Retract(event_type) => {
                self.live.remove(&key(*event_type));
            }
            Content::Defect(defect) => {
                let file = it.provenance.file.rsplit_once('.').map_or("", |it| it.0).to_owned();
                let line = u32::try_from(it.provenance.line).expect("lines count up from 0");
                let zip = it.provenance.document.clone();
                self.refused.insert(Refused { zip, file, line, code: defect.code.clone() });
            }
        }
    }

    fn read(&mut self, path: &Path) {
        let mut taken = Vec::new();
        let mut sink = |it| {
            taken.push(it);
            Ok(())
        };
        if path.extension().is_some_and(|it| it == "zip") {
            let long_codes = self.long_codes.clone();
            let bucket_bytes = self.bucket_bytes;
            let options = f43::Options { long_codes, bucket_bytes, ..f43::Options::default() };
            let report =
                f43::read(path, &options, &mut self.index, &mut sink).expect("a sound zip");
            for file in &report.files {
                let ends = file.used + file.replaced + file.refused + file.with_refused_parent;
                assert_eq!(file.rows, ends, "{}: {file:?}", report.document);
            }
            assert_eq!(report.unknown, [""; 0], "{}", report.document);
        } else {
            let options = fhir_consent::Options::default();
            fhir_consent::read(path, &options, &mut sink).expect("a sound file");
        }
        taken.into_iter().for_each(|it| self.take(it));
    }

    /// Citizen id, or facility and local number, as known at the end.
    fn owner(&mut self, it: &Submission) -> (String, String) {
        let pid = it.subject.local_id.as_ref().map_or("", |it| it.reveal().as_str());
        let known = self.index.citizen_id(&it.facility, pid).expect("memory");
        match known.or(it.subject.citizen_id) {
            Some(id) => (String::new(), id.reveal().to_owned()),
            None => (it.facility.clone(), pid.to_owned()),
        }
    }
}

/// 9-character codes with their pair.
fn long_codes(out: &Path) -> BTreeMap<String, String> {
    let csv = std::fs::read_to_string(out.join("facilities.csv")).expect("the facilities");
    let pair = |line: &str| {
        let mut fields = line.split(',');
        let short = fields.next().expect("hospcode").to_owned();
        (fields.next().expect("hcode9").to_owned(), short)
    };
    csv.lines().skip(1).map(pair).collect()
}

fn files(feed: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let list = |path: &Path| {
        let mut paths: Vec<_> = std::fs::read_dir(path)
            .expect("the feed is a folder")
            .map(|it| it.expect("readable").path())
            .collect();
        paths.sort();
        paths
    };
    for phase in list(feed) {
        all.extend(list(&phase));
    }
    all
}

fn main_code(body: &Body) -> String {
    use saphan_model::body::Condition;
    match body {
        Body::Encounter(it) => it.principal().map_or("", |it| &it.code).to_owned(),
        Body::Condition(it) => match &**it {
            Condition::Chronic(it) => it.code.clone(),
            Condition::Allergy(it) => it.drug_code.clone(),
            Condition::Surveillance(it) => it.code.clone(),
        },
        Body::Immunisation(it) => it.vaccine.clone(),
        Body::Death(it) => it.cause.clone(),
        Body::Appointment(it) => it.diagnosis.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

#[track_caller]
fn check(options: Options, bucket_bytes: Option<u64>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("synth");
    saphan_synth::generate(&Options { out: out.clone(), ..options }, &mut |_| ()).expect("a feed");
    let truth = load(&out.join("truth/forward")).expect("the truth");
    let mut world = World { long_codes: long_codes(&out), bucket_bytes, ..World::default() };
    for file in files(&out.join("feed")) {
        world.read(&file);
    }
    let adapters_codes = |it: &&Refused| it.code.starts_with("SP-11");
    let refused: BTreeSet<_> = truth.refused.iter().filter(adapters_codes).cloned().collect();
    assert_eq!(world.refused.difference(&refused).collect::<Vec<_>>(), [] as [&Refused; 0]);
    assert_eq!(refused.difference(&world.refused).collect::<Vec<_>>(), [] as [&Refused; 0]);
    assert_eq!(world.sent, truth.totals.sent);
    compare_live(&world, &truth);
    compare_timelines(&mut world, &truth);
}

fn compare_live(world: &World, truth: &Truth) {
    let mut live: BTreeMap<String, u64> = BTreeMap::new();
    let mut visits: BTreeMap<(String, String), u64> = BTreeMap::new();
    for ((facility, event_type, key), it) in &world.live {
        *live.entry(event_type.as_str().to_owned()).or_default() += 1;
        if *event_type == EventType::Encounter && key.starts_with("O:") {
            let month = it.occurred_at.thai_date().to_string()[..7].to_owned();
            *visits.entry((facility.clone(), month)).or_default() += 1;
        }
    }
    // The truth keeps directives apart from events.
    live.remove(EventType::Directive.as_str());
    let types = truth.totals.types.iter().filter(|it| it.0 != EventType::Directive.as_str());
    let expected: BTreeMap<_, _> = types.map(|(name, it)| (name.clone(), it.live)).collect();
    assert_eq!(live, expected);
    assert_eq!(visits, truth.visits);
}

fn compare_timelines(world: &mut World, truth: &Truth) {
    let mut timelines: BTreeMap<(String, String), BTreeSet<[String; 5]>> = BTreeMap::new();
    let live: Vec<_> = world.live.clone().into_iter().collect();
    for ((facility, event_type, key), it) in live {
        let Content::Put(body) = &it.content else { continue };
        if matches!(event_type, EventType::Person | EventType::Directive) {
            continue;
        }
        let event = [
            it.occurred_at.thai_date().to_string(),
            event_type.as_str().to_owned(),
            facility,
            key,
            main_code(body),
        ];
        timelines.entry(world.owner(&it)).or_default().insert(event);
    }
    assert!(!truth.timelines.is_empty());
    for timeline in &truth.timelines {
        let owner = match &timeline.cid {
            Some(cid) => (String::new(), cid.clone()),
            None => {
                (timeline.facility.clone().expect("facility"), timeline.pid.clone().expect("pid"))
            }
        };
        let expected: BTreeSet<_> = timeline
            .events
            .iter()
            .map(|it| {
                [
                    it.occurred_on.clone(),
                    it.event_type.clone(),
                    it.facility.clone(),
                    it.natural_key.clone(),
                    it.main_code.clone(),
                ]
            })
            .collect();
        assert_eq!(timelines.get(&owner).cloned().unwrap_or_default(), expected);
    }
}

#[test]
fn a_small_feed_is_read_as_its_truth_says() {
    check(Options::small(), None);
}

#[test]
fn a_feed_joined_in_many_buckets_is_the_same() {
    check(Options { seed: 7, ..Options::small() }, Some(2_000));
}
