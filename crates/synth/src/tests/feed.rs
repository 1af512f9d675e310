//! The feed as a whole: the same every time, and of believable proportions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::feed::{FeedFile, Item};
use crate::oracle::labels;
use crate::plan::Plan;
use crate::world::World;
use crate::{EventType, Options, Order, generate, write};

/// Every file below a folder with its bytes.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    for (folder, seed) in folders.iter().zip([1, 1, 2]) {
        super::make(seed, folder.path());
    }
    let [one, same, other] = folders.each_ref().map(|it| bytes(it.path()));
    assert!(one == same);
    assert!(one != other);
    assert!(one.len() > 60);
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = super::make(1, folder.path());
    let refused = generate(&options, &mut |_| ()).expect_err("it is not empty");
    assert_eq!(refused.code(), "SP-1091");
}

#[test]
fn sending_every_file_twice_changes_no_figure() {
    let folder = tempfile::tempdir().unwrap();
    super::make(3, folder.path());
    let forward = super::truth(folder.path(), Order::Forward);
    let mut twice = super::truth(folder.path(), Order::Twice);
    assert_eq!(twice.totals.admitted, forward.totals.admitted);
    assert_eq!(twice.totals.quarantined, forward.totals.quarantined);
    assert_eq!(twice.totals.sent, 2 * forward.totals.sent);
    twice.totals = forward.totals.clone();
    for (name, it) in &mut twice.admissions {
        assert!(it.1 > forward.admissions[name].1);
        it.1 = forward.admissions[name].1;
    }
    assert_eq!(twice, forward);
}

#[test]
fn every_submission_ends_in_one_way_in_every_order() {
    let folder = tempfile::tempdir().unwrap();
    super::make(4, folder.path());
    for order in Order::ALL {
        let truth = super::truth(folder.path(), *order);
        let totals = truth.totals;
        assert_eq!(totals.quarantined, truth.quarantine.values().sum::<u64>());
        assert_eq!(totals.sent, totals.admitted + totals.unchanged + totals.quarantined);
        for it in totals.types.values() {
            assert_eq!(it.sent, it.admitted + it.unchanged);
            let ended =
                it.retractions_admitted + it.retractions_unchanged + it.retractions_quarantined;
            assert_eq!(it.retractions_sent, ended);
        }
    }
}

#[test]
fn nobody_holds_what_was_never_delivered() {
    let folder = tempfile::tempdir().unwrap();
    super::make(5, folder.path());
    for order in Order::ALL {
        let truth = super::truth(folder.path(), *order);
        for (key, it) in &truth.deliveries {
            assert!(it.retracted <= it.delivered, "{key:?}");
        }
    }
}

/// A share in percent.
fn share(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole as f64
}

#[test]
fn proportions_are_believable() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        people: 2_000,
        visits: 10_000,
        facilities: 24,
        referrals: 300,
        directives: 200,
        out: folder.path().to_owned(),
        ..Options::default()
    };
    let summary = generate(&options, &mut |_| ()).unwrap();
    assert_eq!((summary.visits, summary.referrals), (10_000, 300));
    let truth = super::truth(folder.path(), Order::Forward);
    let types = &truth.totals.types;
    let live = |it: EventType| types[it.word()].live;
    let visits: u64 = truth.visits.values().sum();
    let of = |wanted: &str| -> u64 {
        truth.diagnoses.iter().filter(|(key, _)| key.1.starts_with(wanted)).map(|it| it.1).sum()
    };
    for (what, percent, range) in [
        ("deleted", share(10_000 - visits, 10_000), 0.1..1.0),
        ("stays", share(live(EventType::Encounter) - visits, visits), 3.0..12.0),
        ("hypertension", share(of("I10"), visits), 4.0..25.0),
        ("diabetes", share(of("E11"), visits), 1.5..15.0),
        ("mental health", share(of("F"), visits), 0.3..4.0),
        ("HIV", share(of("B2"), visits), 0.02..1.0),
        ("dengue", share(of("A9"), visits), 0.2..3.0),
        ("replies", share(live(EventType::ReferralReply), live(EventType::Referral)), 60.0..90.0),
        ("screenings", share(live(EventType::Screening), visits), 0.3..5.0),
        ("vaccines", share(live(EventType::Immunisation), visits), 0.3..6.0),
        ("appointments", share(live(EventType::Appointment), visits), 8.0..35.0),
        ("resends", share(truth.totals.unchanged, truth.totals.sent), 10.0..40.0),
    ] {
        assert!(range.contains(&percent), "{what}: {percent:.2} % is not in {range:?}");
    }
    let codes: BTreeSet<&str> = truth.quarantine.keys().map(String::as_str).collect();
    assert_eq!(codes.len(), 11, "{codes:?}");
    assert!(truth.totals.links > 5);
    assert_eq!(truth.timelines.len(), 500);
    assert!(truth.timelines.iter().any(|it| it.cid.is_none() && !it.events.is_empty()));
}

/// What a small country states, file by file.
fn stated(options: &Options) -> Vec<FeedFile> {
    let mut world = World::new(options);
    let plan = Plan::new(options, &mut world);
    let folder = tempfile::tempdir().unwrap();
    for phase in [2, 4] {
        std::fs::create_dir(folder.path().join(write::phase_folder(phase))).unwrap();
    }
    let zips = plan.zips.iter().map(|it| write::zip(folder.path(), &world, &plan, it).unwrap());
    zips.collect()
}

#[test]
fn no_natural_key_stands_twice_in_a_zip() {
    for seed in 0..4 {
        for file in stated(&Options { seed, ..Options::small() }) {
            let mut seen = BTreeSet::new();
            for item in &file.items {
                let (event_type, key) = match item {
                    Item::Put(put) => (put.event_type, &put.key),
                    Item::Retract { event_type, key, .. } => (*event_type, key),
                    _ => continue,
                };
                assert!(seen.insert((event_type, key)), "twice in {} with seed {seed}", file.name);
            }
        }
    }
}

#[test]
fn no_coded_event_carries_two_sensitivity_labels_and_no_referral_fewer_than_all() {
    for file in stated(&Options { visits: 5_000, ..Options::small() }) {
        for item in &file.items {
            let Item::Put(put) = item else { continue };
            let uncoded = put.uncoded || put.event_type == EventType::Referral;
            let range = if uncoded { 5..=5 } else { 0..=1 };
            assert!(range.contains(&labels(put).len()), "an event of {}", file.name);
        }
    }
}

#[test]
fn odd_sizes_can_be_made() {
    let least = Options {
        people: 50,
        visits: 200,
        facilities: 4,
        referrals: 0,
        directives: 0,
        timelines: 0,
        months: 1,
        regions: vec![13],
        mistaken_ids: false,
        ..Options::default()
    };
    let wide = Options {
        facilities: 104,
        regions: (1..=13).rev().collect(),
        referrals: 150,
        directives: 150,
        ..Options::small()
    };
    for options in [least, wide] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { out: folder.path().to_owned(), ..options };
        let summary = generate(&options, &mut |_| ()).unwrap();
        assert_eq!(summary.visits, options.visits as usize);
        assert_eq!(summary.facilities, usize::from(options.facilities));
        let truth = super::truth(folder.path(), Order::Reverse);
        assert!(truth.visits.values().sum::<u64>() > u64::from(options.visits) * 9 / 10);
    }
}

#[test]
fn a_damaged_truth_is_told_by_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    super::make(1, folder.path());
    let truth = folder.path().join("truth/forward");
    for (name, line) in [("visits.csv", "90001,2026-01"), ("refused.csv", "a,b,c,d")] {
        let path = truth.join(name);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("header\n{line}\n")).unwrap();
        let refused = crate::truth::load(&truth).expect_err("the table is damaged").to_string();
        assert!(refused.starts_with("line 2 of ") && refused.contains(name), "{refused}");
        std::fs::write(&path, whole).unwrap();
    }
    std::fs::remove_file(truth.join("totals.json")).unwrap();
    assert!(crate::truth::load(&truth).is_err());
}
