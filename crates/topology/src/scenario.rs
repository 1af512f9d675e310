//! Behaviour of the topology as data: `topology/tests/*.toml` say to which topics an event goes under
//! which directives, and to no others. They guard the contracts against a change that means well.

mod directive;
mod file;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use saphan_model::decision::OutcomeKind;
use saphan_model::facets::{Facets, SchemeGroup};
use saphan_model::label::Labels;
use saphan_model::{Envelope, EventId, EventType, PatientId, Provenance, Revision, Timestamp};
use saphan_policy::{AgencySet, PatientConsent, RecordKind, RecordView, plan};
use toml::Spanned;

use self::file::{CaseFile, EventFile, ScenarioFile};
use crate::instant;
use crate::problem::{Problem, Problems};
use crate::source::{self, Source};
use crate::{Names, Topology};

/// What the scenarios of a folder gave.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases tried.
    pub cases: usize,
    /// Cases that ended otherwise than their file says, and files that cannot be read.
    pub problems: Vec<Problem>,
}

/// Tries every case of every file of a folder.
pub fn run(topology: &Topology, folder: &Path) -> Report {
    let mut problems = Problems::default();
    let mut cases = 0;
    for path in problems.take(source::files(folder, "toml")).unwrap_or_default() {
        let Some(source) = problems.take(Source::read(&path)) else { continue };
        let Some(file) = problems.take(source.toml::<ScenarioFile>()) else { continue };
        for case in &file.cases {
            cases += 1;
            run_case(topology, &source, &file, case, &mut problems);
        }
    }
    Report { cases, problems: problems.into_vec() }
}

fn run_case(
    topology: &Topology,
    source: &Source,
    file: &ScenarioFile,
    case: &CaseFile,
    problems: &mut Problems,
) {
    let name = case.name.get_ref();
    let mut facts = file.base.clone();
    facts.extend(case.set.clone());
    let unreadable = |reason: String| {
        source.at("SP-1615", &case.name, format!("case {name:?} cannot be tried: {reason}"))
    };
    let read = facts
        .try_into::<EventFile>()
        .map_err(|it| unreadable(it.message().trim_end().to_owned()))
        .and_then(|it| envelope(topology, &it).map_err(unreadable));
    let Some((envelope, now)) = problems.take(read) else { return };
    let consent = consent(source, file, case).map_err(unreadable);
    let Some(consent) = problems.take(consent) else { return };

    let record = RecordView { envelope: &envelope, kind: RecordKind::Put };
    let outcomes =
        plan(topology.routes(), &consent, AgencySet::NONE, now, record).outcomes(topology.routes());
    let names = Names::default();
    let mut topics = BTreeSet::new();
    let mut withheld = BTreeMap::new();
    for outcome in outcomes {
        let agency = outcome.agency.parse().expect("the table holds parsed ids");
        match outcome.kind {
            OutcomeKind::Delivered => {
                topics.insert(names.agency(&agency, envelope.event_type));
            }
            OutcomeKind::Withheld | OutcomeKind::Retracted => {
                let reason = outcome.reason.map(|it| it.to_string()).unwrap_or_default();
                withheld.insert(outcome.agency, reason);
            }
        }
    }
    expect(source, &case.name, "topics", &case.deliver, &topics, problems);
    let told = case.withhold.iter().map(|(agency, reason)| format!("{agency}: {reason}")).collect();
    let found = withheld.iter().map(|(agency, reason)| format!("{agency}: {reason}")).collect();
    expect(source, &case.name, "refusals", &told, &found, problems);
}

fn expect(
    source: &Source,
    case: &Spanned<String>,
    what: &str,
    expected: &BTreeSet<String>,
    found: &BTreeSet<String>,
    problems: &mut Problems,
) {
    let missing: Vec<_> = expected.difference(found).map(String::as_str).collect();
    let extra: Vec<_> = found.difference(expected).map(String::as_str).collect();
    if missing.is_empty() && extra.is_empty() {
        return;
    }
    let message = format!("case {:?} ends with other {what} than it says", case.get_ref());
    let list = |it: &[&str]| if it.is_empty() { "none".to_owned() } else { it.join(", ") };
    problems.add(
        source
            .at("SP-1615", case, message)
            .detail(format!("missing: {}; not expected: {}", list(&missing), list(&extra)))
            .hint("mend the contract, or the case if the change is meant"),
    );
}

fn consent(
    source: &Source,
    file: &ScenarioFile,
    case: &CaseFile,
) -> Result<PatientConsent, String> {
    let mut consent = PatientConsent::default();
    for (place, name) in case.directives.iter().enumerate() {
        let Some(written) = file.directives.get(name) else {
            return Err(format!("{} has no directive {name:?}", source.path().display()));
        };
        let mut event_id = [0; 16];
        event_id[8..].copy_from_slice(&(place as u64).to_be_bytes());
        consent.put(EventId(event_id), directive::read(name, written)?);
    }
    Ok(consent)
}

/// The envelope admit would make of the event, as far as routing reads it.
fn envelope(topology: &Topology, event: &EventFile) -> Result<(Envelope, Timestamp), String> {
    let event_type: EventType = event.event_type.parse().map_err(|it| format!("type: {it}"))?;
    let known = |code: &str| {
        topology.facilities.get(code).ok_or_else(|| format!("{code:?} is not in the register"))
    };
    let facility = known(&event.facility)?;
    let occurred_on = instant::day(event.occurred_on).ok_or("occurred-on is not a day")?;
    let now = match event.at {
        Some(at) => instant::timestamp(at).ok_or("at is not an instant with offset")?,
        None => topology.contracts().map(|it| it.effective_from).max().unwrap_or(Timestamp(0)),
    };
    let counterpart = event.counterpart.as_deref().map(known).transpose()?;
    let mut labels = Labels::NONE;
    let mut notifiable = BTreeSet::new();
    for code in &event.icd10 {
        labels = topology.sensitive.labels(code).iter().fold(labels, Labels::with);
        notifiable.extend(topology.notifiable.codes(code).iter().cloned());
    }
    let undiagnosed = event_type == EventType::Encounter && event.icd10.is_empty();
    if event_type == EventType::Referral || event.reason || undiagnosed {
        labels = Labels::ALL; // as `Body::uncoded` says of the bodies
    }
    let envelope = Envelope {
        event_id: EventId([0; 16]),
        revision: Revision([0; 16]),
        sequence: 0,
        patient: PatientId([0; 16]),
        sealed_citizen_id: None,
        facility: facility.hospcode.clone(),
        event_type,
        occurred_at: occurred_on.thai_midnight(),
        recorded_at: occurred_on.thai_midnight(),
        labels,
        facets: Facets {
            region: facility.region,
            province: facility.province.clone(),
            district: facility.district.clone(),
            scheme: SchemeGroup::of_instype(&event.instype),
            notifiable: notifiable.into_iter().collect(),
            counterpart: counterpart.map(|it| it.hospcode.clone()),
            counterpart_region: counterpart.map(|it| it.region),
            main_code: event.icd10.first().cloned(),
        },
        provenance: Provenance::default(),
        defaulted: Vec::new(),
    };
    Ok((envelope, now))
}
