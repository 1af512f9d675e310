//! From the oracle's final state to files.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use super::{Refused, Timeline, TimelineEvent, Totals, Truth};
use crate::error::SynthError;
use crate::feed::EventType;
use crate::oracle::{Oracle, Owner, on_timeline};

impl Truth {
    /// What is so at the end of a replay. Timelines come in the order of `sample`.
    pub fn of(oracle: &mut Oracle<'_>, sample: &[Owner<'_>], files: usize) -> Self {
        let mut truth = Self::default();
        for (facility, _, put) in oracle.live() {
            let site = oracle.site(facility);
            if put.ambulatory {
                let month = format!("{:04}-{:02}", put.on.year(), put.on.month());
                *truth.visits.entry((site.hospcode.clone(), month)).or_default() += 1;
                let icd3 = put.main.chars().take(3).collect();
                *truth.diagnoses.entry((site.district.clone(), icd3)).or_default() += 1;
            }
            if let (EventType::Referral, Some(to)) = (put.event_type, put.destination) {
                let way = (site.region, oracle.site(to).region);
                *truth.referrals.entry(way).or_default() += 1;
            }
        }
        truth.timelines = timelines(oracle, sample);
        let deliveries = oracle.tally.deliveries().into_iter();
        truth.deliveries =
            deliveries.map(|(key, it)| ((key.0.to_owned(), key.1.to_owned()), it)).collect();
        for (zip, file, line, code) in &oracle.tally.refused {
            *truth.quarantine.entry((*code).to_owned()).or_default() += 1;
            truth.refused.push(Refused {
                zip: (*zip).to_owned(),
                file: (*file).to_owned(),
                line: *line,
                code: (*code).to_owned(),
            });
        }
        truth.totals = totals(oracle, files);
        let types = truth.totals.types.iter();
        truth.admissions = types
            .map(|(name, it)| {
                let admitted = it.admitted + it.retractions_admitted;
                (name.clone(), (admitted, it.unchanged + it.retractions_unchanged))
            })
            .collect();
        truth
    }
}

fn totals(oracle: &mut Oracle<'_>, files: usize) -> Totals {
    let mut live: BTreeMap<EventType, u64> = BTreeMap::new();
    for (_, _, put) in oracle.live() {
        *live.entry(put.event_type).or_default() += 1;
    }
    for (event_type, count) in live {
        oracle.tally.of(event_type).live = count;
    }
    let tally = &oracle.tally;
    let sum =
        |count: fn(&crate::oracle::TypeTotals) -> u64| tally.types.values().map(count).sum::<u64>();
    Totals {
        files: files as u64,
        sent: sum(|it| it.sent + it.retractions_sent) + tally.defects,
        admitted: sum(|it| it.admitted + it.retractions_admitted),
        unchanged: sum(|it| it.unchanged + it.retractions_unchanged) + tally.defects_repeated,
        quarantined: tally.refused.len() as u64,
        defects: tally.defects,
        links: tally.links,
        types: tally.types.iter().map(|(it, counts)| (it.word().to_owned(), *counts)).collect(),
    }
}

fn timelines(oracle: &Oracle<'_>, sample: &[Owner<'_>]) -> Vec<Timeline> {
    let hospcode = |facility: u16| oracle.site(facility).hospcode.clone();
    let mut places: HashMap<Owner<'_>, usize> = HashMap::new();
    let mut found: Vec<Timeline> = Vec::new();
    for (at, owner) in sample.iter().enumerate() {
        places.insert(*owner, at);
        found.push(match owner {
            Owner::Citizen(cid) => Timeline {
                cid: Some(cid.to_string()),
                facility: None,
                pid: None,
                events: Vec::new(),
            },
            Owner::Local(facility, pid) => Timeline {
                cid: None,
                facility: Some(hospcode(*facility)),
                pid: Some((*pid).to_owned()),
                events: Vec::new(),
            },
        });
    }
    for (facility, owner, put) in oracle.live() {
        let Some(at) = places.get(&owner).filter(|_| on_timeline(put.event_type)) else { continue };
        found[*at].events.push(TimelineEvent {
            occurred_on: put.on.to_string(),
            event_type: put.event_type.word().to_owned(),
            facility: hospcode(facility),
            natural_key: put.key.to_string(),
            main_code: put.main.to_string(),
        });
    }
    for timeline in &mut found {
        timeline.events.sort();
    }
    found
}

/// Writes a truth into a folder, which is made.
pub fn save(truth: &Truth, folder: &Path) -> Result<(), SynthError> {
    std::fs::create_dir_all(folder).map_err(SynthError::write(folder))?;
    let mut texts: Vec<(&str, String)> = Vec::new();
    let mut table = |name, header: &str, rows: Vec<String>| {
        let mut text = format!("{header}\n");
        for row in rows {
            let _ = writeln!(text, "{row}");
        }
        texts.push((name, text));
    };
    let rows = truth.visits.iter().map(|((a, b), n)| format!("{a},{b},{n}"));
    table("visits.csv", "hospcode,month,count", rows.collect());
    let rows = truth.diagnoses.iter().map(|((a, b), n)| format!("{a},{b},{n}"));
    table("diagnoses.csv", "district,icd3,count", rows.collect());
    let rows = truth.referrals.iter().map(|((a, b), n)| format!("{a},{b},{n}"));
    table("referrals.csv", "from_region,to_region,count", rows.collect());
    let rows = truth.admissions.iter().map(|(a, (b, c))| format!("{a},{b},{c}"));
    table("admissions.csv", "event_type,admitted,unchanged", rows.collect());
    let rows = truth
        .deliveries
        .iter()
        .map(|((a, b), n)| format!("{a},{b},{},{},{}", n.delivered, n.retracted, n.withheld));
    table("deliveries.csv", "agency,event_type,delivered,retracted,withheld", rows.collect());
    let rows = truth.quarantine.iter().map(|(a, n)| format!("{a},{n}"));
    table("quarantine.csv", "code,count", rows.collect());
    let rows =
        truth.refused.iter().map(|it| format!("{},{},{},{}", it.zip, it.file, it.line, it.code));
    table("refused.csv", "zip,file,line,code", rows.collect());
    let mut lines = String::new();
    for timeline in &truth.timelines {
        lines.push_str(&serde_json::to_string(timeline).expect("timelines are plain text"));
        lines.push('\n');
    }
    texts.push(("timelines.ndjson", lines));
    let totals = serde_json::to_string_pretty(&truth.totals).expect("totals are plain numbers");
    texts.push(("totals.json", totals + "\n"));
    for (name, text) in texts {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(SynthError::write(&path))?;
    }
    Ok(())
}
