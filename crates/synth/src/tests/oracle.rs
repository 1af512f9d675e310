//! Feeds of a few lines, and what the oracle must make of them.
//!
//! A line is a verb and words:
//! `person <facility> <pid> [cid]`, `put <facility> <type> <key> <pid> [field=value]...`,
//! `retract <facility> <type> <key>`, `consent <person> <template>`, `defect <line>`,
//! `again` (the whole feed so far once more).
//! Facilities are 0 (region 1), 1 (region 8). People are named by a digit.
//! A put's fields: `cid`, `dx` (comma-separated), `scheme`, `c506`, `v` (its content), `uncoded`.
//! Referrals are uncoded.

use jiff::civil::date;
use proptest::prelude::*;

use crate::citizen::Cid;
use crate::consent::{Directive, Effect, Grantor, Provision, Validity};
use crate::feed::{EventType, FeedFile, Item, Place, Put};
use crate::oracle::{Site, replay};

fn cid(person: &str) -> Cid {
    Cid::synthetic(1, person.parse().unwrap())
}

fn event_type(word: &str) -> EventType {
    *EventType::ALL.iter().find(|it| it.word() == word).unwrap()
}

fn put(words: &[&str]) -> Put {
    let on = date(2026, 1, 5);
    let mut put = Put::new(event_type(words[2]), words[3].to_owned(), words[4], on);
    put.uncoded = put.event_type == EventType::Referral;
    for word in &words[5..] {
        let (name, value) = word.split_once('=').unwrap();
        match name {
            "cid" => put.cid = Some(cid(value)),
            "dx" => put.icd10 = value.replace(',', " ").into(),
            "scheme" => {
                put.scheme = ["0100", "1100", "4200"].into_iter().find(|it| *it == value).unwrap()
            }
            "c506" => put.code506 = "66",
            "v" => put.content = value.parse().unwrap(),
            "uncoded" => put.uncoded = true,
            _ => unreachable!("no such field"),
        }
    }
    put
}

const LABELS: [&str; 5] = ["abortion", "hiv", "mental-health", "sexual-violence", "substance-use"];

fn provision(effect: Effect, recipient: Option<&'static str>) -> Provision {
    Provision {
        effect,
        recipients: recipient.into_iter().collect(),
        purposes: Vec::new(),
        types: Vec::new(),
        labels: Vec::new(),
        exceptions: Vec::new(),
    }
}

fn directive(person: &str, template: &str) -> Directive {
    let exchange = || provision(Effect::Permit, Some("health-link"));
    let conditions =
        || Provision { types: vec![EventType::Condition], ..provision(Effect::Deny, None) };
    let (base, provisions) = match template {
        "open" => (Effect::Permit, vec![]),
        "exchange" => (Effect::Deny, vec![exchange()]),
        "exchange-no-conditions" => {
            (Effect::Deny, vec![Provision { exceptions: vec![conditions()], ..exchange() }])
        }
        "exchange-mental" => {
            let named = Provision { labels: vec!["mental-health"], ..exchange() };
            (Effect::Deny, vec![exchange(), named])
        }
        "exchange-sensitive" => {
            let named = Provision { labels: LABELS.to_vec(), ..exchange() };
            (Effect::Deny, vec![exchange(), named])
        }
        "open-without-app" => (Effect::Permit, vec![provision(Effect::Deny, Some("phr"))]),
        _ => (Effect::Deny, vec![]),
    };
    Directive {
        cid: cid(person),
        id: format!("directive-{person}"),
        active: template != "withdrawn",
        base,
        provisions: if template == "over" { vec![exchange()] } else { provisions },
        validity: if template == "over" { Validity::Over } else { Validity::Always },
        grantor: Grantor::Patient,
        given_at: String::new(),
    }
}

fn item(words: &[&str]) -> (u16, Item) {
    let place = Place { file: "SERVICE", line: 2 };
    match words[0] {
        "person" => {
            let on = date(2026, 1, 1);
            let mut put = Put::new(EventType::Person, words[2].to_owned(), words[2], on);
            put.cid = words.get(3).map(|it| cid(it));
            (words[1].parse().unwrap(), Item::Put(put))
        }
        "put" => (words[1].parse().unwrap(), Item::Put(put(words))),
        "retract" => {
            let (event_type, key) = (event_type(words[2]), words[3].into());
            (words[1].parse().unwrap(), Item::Retract { event_type, key, place })
        }
        "consent" => (0, Item::Directive(Box::new(directive(words[1], words[2])))),
        "defect" => {
            let place = Place { file: "SERVICE", line: words[1].parse().unwrap() };
            (0, Item::Defect { code: "SP-1103", place })
        }
        _ => unreachable!("no such verb"),
    }
}

/// One file for each line, and the order in which they are applied.
fn parse(feed: &str) -> (Vec<FeedFile>, Vec<usize>) {
    let mut files: Vec<FeedFile> = Vec::new();
    let mut order: Vec<usize> = Vec::new();
    for line in feed.lines().map(str::trim).filter(|it| !it.is_empty()) {
        if line == "again" {
            order.extend(order.clone());
            continue;
        }
        let (facility, item) = item(&line.split(' ').collect::<Vec<_>>());
        order.push(files.len());
        let name = format!("file {}", files.len());
        files.push(FeedFile { phase: 2, facility, name, items: vec![item] });
    }
    (files, order)
}

fn sites() -> [Site; 2] {
    [(1, "90001"), (8, "90002")].map(|(region, code)| Site {
        hospcode: code.to_owned(),
        district: format!("{region}001"),
        region,
    })
}

/// Replays the feed, then compares the lines `agency type delivered/retracted/withheld` of
/// everybody but the regions, and the final line `links moved live refused`.
#[track_caller]
fn check(feed: &str, expected: &str) {
    let sites = sites();
    let (files, order) = parse(feed);
    let ordered: Vec<&FeedFile> = order.iter().map(|it| &files[*it]).collect();
    let oracle = replay(&sites, &ordered);
    let mut lines: Vec<String> = oracle
        .tally
        .deliveries()
        .iter()
        .filter(|(key, _)| !key.0.starts_with("region"))
        .map(|(key, it)| {
            format!("{} {} {}/{}/{}", key.0, key.1, it.delivered, it.retracted, it.withheld)
        })
        .collect();
    let moved: u64 = oracle.tally.types.values().map(|it| it.moved).sum();
    let live = oracle.live().filter(|it| crate::oracle::on_timeline(it.2.event_type)).count();
    let refused = oracle.tally.refused.len();
    lines.push(format!("links {} moved {moved} live {live} refused {refused}", oracle.tally.links));
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(lines, expected, "{feed}");
}

#[test]
fn a_payer_receives_the_encounters_of_its_scheme() {
    check(
        "put 0 encounter a 1 cid=1 dx=J00 scheme=0100
         put 0 encounter b 1 cid=1 dx=J00 scheme=1100
         put 1 encounter a 1 cid=2 dx=J00 scheme=4200
         put 1 encounter c 1 cid=2 dx=J00",
        "cgd encounter 1/0/0
         health-link encounter 0/0/4
         nhso encounter 1/0/0
         phr encounter 0/0/4
         sso encounter 1/0/0
         links 0 moved 0 live 4 refused 0",
    );
}

#[test]
fn the_same_content_is_told_once() {
    check(
        "put 0 encounter a 1 cid=1 dx=J00 scheme=0100 v=1
         put 0 encounter a 1 cid=1 dx=J00 scheme=0100 v=1
         again",
        "health-link encounter 0/0/1
         nhso encounter 1/0/0
         phr encounter 0/0/1
         links 0 moved 0 live 1 refused 0",
    );
}

#[test]
fn a_correction_that_disqualifies_takes_the_event_back() {
    check(
        "put 0 encounter a 1 cid=1 dx=A90 scheme=0100 v=1
         put 0 encounter a 1 cid=1 dx=J069 scheme=0100 v=2",
        "ddc encounter 1/1/0
         health-link encounter 0/0/2
         nhso encounter 2/0/0
         phr encounter 0/0/2
         links 0 moved 0 live 1 refused 0",
    );
    check(
        "put 0 encounter a 1 cid=1 dx=J00 scheme=0100 v=1
         put 0 encounter a 1 cid=1 dx=J00 scheme=4200 v=2",
        "health-link encounter 0/0/2
         nhso encounter 1/1/0
         phr encounter 0/0/2
         sso encounter 1/0/0
         links 0 moved 0 live 1 refused 0",
    );
}

#[test]
fn disease_control_sees_no_label_but_hiv() {
    check(
        "put 0 encounter a 1 cid=1 dx=A90,B24
         put 0 encounter b 1 cid=1 dx=A90,F329
         put 0 encounter c 1 cid=1 dx=A90 v=1
         put 0 encounter c 1 cid=1 dx=A90,F102 v=2
         put 0 condition d 1 cid=1 c506=66
         put 0 condition e 1 cid=1 dx=I10",
        "ddc condition 1/0/0
         ddc encounter 2/1/2
         health-link condition 0/0/2
         health-link encounter 0/0/4
         phr condition 0/0/2
         phr encounter 0/0/4
         links 0 moved 0 live 5 refused 0",
    );
}

#[test]
fn a_deletion_reaches_holders_only_and_a_later_put_revives() {
    check(
        "consent 1 open-without-app
         put 0 immunisation a 1 cid=1 v=1
         retract 0 immunisation a
         retract 0 immunisation a
         put 0 immunisation a 1 cid=1 v=1",
        "health-link immunisation 2/1/0
         phr immunisation 0/0/2
         links 0 moved 0 live 1 refused 0",
    );
    check(
        "retract 0 immunisation a
         again
         put 0 immunisation a 1 cid=1",
        "health-link immunisation 0/0/1
         phr immunisation 0/0/1
         links 0 moved 0 live 1 refused 1",
    );
}

#[test]
fn broken_rows_are_counted_once_however_often_they_come() {
    check(
        "defect 3
         defect 4
         again",
        "links 0 moved 0 live 0 refused 2",
    );
}

#[test]
fn consent_opens_the_exchange_from_then_on() {
    check(
        "put 0 referral a 1 cid=1
         consent 1 exchange-sensitive
         put 0 referral b 1 cid=1
         put 0 referral-reply a 1 cid=1
         consent 1 closed
         put 0 referral c 1 cid=1
         put 0 referral b 1 cid=1 v=2",
        "health-link referral 1/1/3
         phr referral 0/0/4
         refer-link referral 4/0/0
         refer-link referral-reply 1/0/0
         links 0 moved 0 live 4 refused 0",
    );
}

#[test]
fn a_referral_may_mention_anything_and_needs_consent_that_names_everything() {
    check(
        "consent 1 exchange
         put 0 referral a 1 cid=1
         consent 1 exchange-mental
         put 0 referral b 1 cid=1
         consent 1 open
         put 0 referral c 1 cid=1
         consent 1 exchange-sensitive
         put 0 referral d 1 cid=1
         put 0 referral-reply a 1 cid=1
         put 0 referral-reply b 1 cid=1 uncoded=1",
        "health-link referral 1/0/3
         phr referral 0/0/4
         refer-link referral 4/0/0
         refer-link referral-reply 2/0/0
         links 0 moved 0 live 6 refused 0",
    );
}

#[test]
fn a_visit_without_a_diagnosis_may_be_about_anything() {
    check(
        "consent 1 exchange
         put 0 encounter a 1 cid=1 scheme=0100
         put 0 encounter b 1 cid=1 scheme=0100 dx=J00
         consent 1 exchange-sensitive
         put 0 encounter c 1 cid=1 scheme=0100",
        "health-link encounter 2/0/1
         nhso encounter 3/0/0
         phr encounter 0/0/3
         links 0 moved 0 live 3 refused 0",
    );
}

#[test]
fn the_app_loses_what_the_person_no_longer_permits_and_the_exchange_keeps_it() {
    check(
        "consent 1 open
         put 0 immunisation a 1 cid=1
         put 0 immunisation b 1 cid=1
         put 1 screening c 2 cid=1
         put 0 immunisation d 3 cid=2
         retract 0 immunisation b
         consent 1 exchange
         consent 1 exchange
         consent 1 open
         put 0 immunisation a 1 cid=1
         put 0 immunisation a 1 cid=1 v=2
         consent 1 withdrawn",
        "health-link immunisation 3/1/1
         phr immunisation 3/3/1
         phr screening 1/1/0
         links 0 moved 0 live 3 refused 0",
    );
}

#[test]
fn only_the_directives_person_loses_events_and_only_those_it_has_now() {
    check(
        "consent 1 open
         consent 2 open
         person 0 7 1
         put 0 immunisation a 7
         person 0 7 2
         consent 1 closed
         consent 2 open-without-app",
        "health-link immunisation 2/1/0
         phr immunisation 2/2/0
         links 1 moved 2 live 1 refused 0",
    );
}

#[track_caller]
fn check_template(template: &str, encounters: &str, conditions: &str, app: &str) {
    let feed = format!(
        "consent 1 {template}
         put 0 encounter a 1 cid=1 dx=J00
         put 0 encounter b 1 cid=1 dx=F329
         put 0 encounter c 1 cid=1 dx=B24
         put 0 condition d 1 cid=1 dx=I10"
    );
    let expected = format!(
        "health-link condition {conditions}
         health-link encounter {encounters}
         phr condition {}
         phr encounter {}
         links 0 moved 0 live 4 refused 0",
        if app == "all" { "1/0/0" } else { "0/0/1" },
        if app == "all" { "1/0/2" } else { "0/0/3" },
    );
    check(&feed, &expected);
}

#[test]
fn each_template_permits_what_it_says() {
    check_template("exchange", "1/0/2", "1/0/0", "none");
    check_template("open", "1/0/2", "1/0/0", "all");
    check_template("closed", "0/0/3", "0/0/1", "none");
    check_template("exchange-no-conditions", "1/0/2", "0/0/1", "none");
    check_template("exchange-mental", "2/0/1", "1/0/0", "none");
    check_template("exchange-sensitive", "3/0/0", "1/0/0", "none");
    check_template("open-without-app", "1/0/2", "1/0/0", "none");
    check_template("withdrawn", "0/0/3", "0/0/1", "none");
    check_template("over", "0/0/3", "0/0/1", "none");
}

#[test]
fn a_link_moves_the_events_of_a_local_number() {
    check(
        "consent 1 open
         person 0 7
         put 0 encounter a 7 dx=J00 scheme=0100
         put 0 appointment b 7
         retract 0 appointment b
         put 1 encounter a 7 dx=J00
         person 0 7 1
         person 0 7 1
         person 0 7
         put 0 encounter a 7 cid=1 dx=J00 scheme=0100
         put 0 encounter c 7 dx=J00",
        "health-link appointment 0/0/1
         health-link encounter 2/0/2
         nhso encounter 2/1/0
         phr appointment 0/0/1
         phr encounter 2/0/2
         links 1 moved 2 live 3 refused 0",
    );
}

#[test]
fn a_local_number_that_was_another_persons_moves_too() {
    check(
        "consent 1 open
         consent 2 closed
         person 0 7 1
         put 0 encounter a 7 dx=J00 scheme=0100
         person 0 7 2",
        "health-link encounter 1/1/1
         nhso encounter 2/1/0
         phr encounter 1/1/1
         links 1 moved 2 live 1 refused 0",
    );
}

/// A line of a feed about few things, so that they meet.
fn line() -> impl Strategy<Value = String> {
    let site = 0..2u8;
    let small = 1..4u8;
    prop_oneof![
        (site.clone(), small.clone(), small.clone(), 0..3u8).prop_map(|(site, key, pid, v)| {
            format!("put {site} encounter {key} {pid} dx=A90 scheme=0100 v={v}")
        }),
        (site.clone(), small.clone(), small.clone(), 0..2u8).prop_map(|(site, key, cid, v)| {
            format!("put {site} referral {key} {cid} cid={cid} v={v}")
        }),
        (site.clone(), small.clone())
            .prop_map(|(site, key)| format!("retract {site} encounter {key}")),
        (site.clone(), small.clone(), small.clone())
            .prop_map(|(site, pid, cid)| format!("person {site} {pid} {cid}")),
        (site, small.clone()).prop_map(|(site, pid)| format!("person {site} {pid}")),
        (small.clone(), prop::sample::select(vec!["open", "closed", "exchange"]))
            .prop_map(|(person, template)| format!("consent {person} {template}")),
        small.prop_map(|line| format!("defect {line}")),
    ]
}

proptest! {
    #[test]
    fn a_file_repeated_at_once_changes_nothing(lines in prop::collection::vec(line(), 1..40)) {
        let (files, order) = parse(&lines.join("\n"));
        let sites = sites();
        let once: Vec<&FeedFile> = order.iter().map(|it| &files[*it]).collect();
        let twice: Vec<&FeedFile> = once.iter().flat_map(|it| [*it, *it]).collect();
        let (once, twice) = (replay(&sites, &once), replay(&sites, &twice));
        prop_assert_eq!(once.tally.deliveries(), twice.tally.deliveries());
        prop_assert_eq!(&once.tally.refused, &twice.tally.refused);
        prop_assert_eq!(once.live().count(), twice.live().count());
    }

    #[test]
    fn every_line_ends_in_one_way(lines in prop::collection::vec(line(), 1..40)) {
        let (files, order) = parse(&lines.join("\n"));
        let sites = sites();
        let ordered: Vec<&FeedFile> = order.iter().map(|it| &files[*it]).collect();
        let oracle = replay(&sites, &ordered);
        let mut ended = oracle.tally.refused.len() as u64 + oracle.tally.defects_repeated;
        for it in oracle.tally.types.values() {
            ended += it.admitted + it.unchanged + it.retractions_admitted + it.retractions_unchanged;
        }
        prop_assert_eq!(ended, lines.len() as u64);
        for it in oracle.tally.deliveries().values() {
            prop_assert!(it.retracted <= it.delivered);
        }
    }
}
