//! The shape of a truth table, and how its words become values.

use std::collections::BTreeMap;

use saphan_model::contract::{Contract, Filter, IdentityMode, OnRevoke, Rule};
use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision};
use saphan_model::facets::{Facets, SchemeGroup};
use saphan_model::label::{Label, Labels};
use saphan_model::{
    Date, Envelope, EventId, EventType, PatientId, Provenance, Revision, Timestamp,
};
use saphan_policy::{RecordKind, RecordView};
use serde::Deserialize;
use toml::Table;
use toml::value::Datetime;

/// One file of `decisions/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DecisionFile {
    base: Table,
    #[serde(rename = "agency")]
    agencies: Vec<AgencyFile>,
    #[serde(default, rename = "directive")]
    directives: BTreeMap<String, DirectiveFile>,
    /// What is tried.
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
}

/// One changed fact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// The law it shows.
    pub name: String,
    #[serde(default)]
    set: Table,
    #[serde(default)]
    directives: Vec<String>,
    /// Who holds the event already.
    #[serde(default)]
    pub held: Vec<String>,
    /// Outcome by agency.
    pub expect: BTreeMap<String, String>,
}

/// The event, after a case's change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Facts {
    at: Datetime,
    #[serde(rename = "type")]
    event_type: String,
    retracted: Option<String>,
    facility: String,
    region: i32,
    occurred_on: Datetime,
    #[serde(default)]
    labels: Vec<String>,
    scheme: Option<String>,
    #[serde(default)]
    notifiable: Vec<String>,
    counterpart: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AgencyFile {
    id: String,
    version: Option<u32>,
    from: Option<Datetime>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    purpose: String,
    basis: String,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    filter: FilterFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct FilterFile {
    regions: Vec<i32>,
    facilities: Vec<String>,
    schemes: Vec<String>,
    notifiable: bool,
    notifiable_codes: Vec<String>,
    counterparts: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct DirectiveFile {
    base: String,
    active: Option<bool>,
    from: Option<Datetime>,
    until: Option<Datetime>,
    given: Option<Datetime>,
    #[serde(default)]
    provisions: Vec<ProvisionFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ProvisionFile {
    effect: String,
    #[serde(default)]
    recipients: Vec<String>,
    #[serde(default)]
    purposes: Vec<String>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    facilities: Vec<String>,
    data_from: Option<Datetime>,
    data_until: Option<Datetime>,
    #[serde(default)]
    exceptions: Vec<Self>,
}

impl DecisionFile {
    /// The contracts of all its agencies.
    pub fn contracts(&self) -> Vec<Contract> {
        self.agencies.iter().map(AgencyFile::contract).collect()
    }

    /// The base event with a case's change.
    pub fn facts(&self, case: &Case) -> Facts {
        let mut facts = self.base.clone();
        facts.extend(case.set.clone());
        facts.try_into().unwrap_or_else(|it| panic!("{}: {it}", case.name))
    }

    /// The directives a case names, in its order, each with the event that carried it.
    pub fn directives(&self, case: &Case) -> Vec<(EventId, Directive)> {
        let read = |(place, name): (usize, &String)| {
            let file = self.directives.get(name).unwrap_or_else(|| panic!("no directive {name}"));
            (EventId([place as u8; 16]), file.directive(name))
        };
        case.directives.iter().enumerate().map(read).collect()
    }
}

impl Facts {
    /// The append time.
    pub fn now(&self) -> Timestamp {
        instant(&self.at)
    }

    /// The type decided about.
    pub fn decided_type(&self) -> EventType {
        word(self.retracted.as_ref().unwrap_or(&self.event_type))
    }

    /// The record as policy sees it.
    pub fn view<'e>(&self, envelope: &'e Envelope) -> RecordView<'e> {
        let kind = match &self.retracted {
            Some(it) => RecordKind::Retract { retracted_type: word(it) },
            None => RecordKind::Put,
        };
        RecordView { envelope, kind }
    }

    /// Its envelope.
    pub fn envelope(&self) -> Envelope {
        Envelope {
            event_id: EventId([1; 16]),
            revision: Revision([2; 16]),
            sequence: 1,
            patient: PatientId([3; 16]),
            sealed_citizen_id: None,
            facility: self.facility.clone(),
            event_type: word(&self.event_type),
            occurred_at: date(&self.occurred_on).thai_midnight(),
            recorded_at: self.now(),
            labels: labels(&self.labels),
            facets: Facets {
                region: self.region,
                province: String::new(),
                district: String::new(),
                scheme: self.scheme.as_ref().map_or(SchemeGroup::Unknown, |it| word(it)),
                notifiable: self.notifiable.clone(),
                counterpart: self.counterpart.clone(),
                counterpart_region: None,
                main_code: None,
            },
            provenance: Provenance::default(),
            defaulted: Vec::new(),
        }
    }
}

impl AgencyFile {
    fn contract(&self) -> Contract {
        let event_type = self.event_type.as_ref().map_or(EventType::Encounter, |it| word(it));
        let filter = Filter {
            regions: self.filter.regions.clone(),
            facilities: self.filter.facilities.clone(),
            schemes: words(&self.filter.schemes),
            notifiable: self.filter.notifiable,
            notifiable_codes: self.filter.notifiable_codes.clone(),
            counterparts: self.filter.counterparts.clone(),
        };
        Contract {
            agency: self.id.parse().expect("an agency id"),
            name_th: String::new(),
            name_en: String::new(),
            version: self.version.unwrap_or(1),
            effective_from: self.from.as_ref().map_or(Timestamp(0), instant),
            rules: vec![Rule {
                event_type,
                purpose: word(&self.purpose),
                basis: word(&self.basis),
                basis_source: String::new(),
                filter,
                fields: Vec::new(),
                identity: IdentityMode::None,
                labels: labels(&self.labels),
                on_revoke: OnRevoke::Keep,
            }],
        }
    }
}

impl DirectiveFile {
    fn directive(&self, name: &str) -> Directive {
        Directive {
            directive_id: name.to_owned(),
            active: self.active.unwrap_or(true),
            base: word(&self.base),
            provisions: self.provisions.iter().map(ProvisionFile::provision).collect(),
            valid_from: self.from.as_ref().map(instant),
            valid_until: self.until.as_ref().map(instant),
            grantor: Grantor::Patient,
            method: Method::Electronic,
            given_at: self.given.as_ref().map_or(Timestamp(0), instant),
            note: None,
        }
    }
}

impl ProvisionFile {
    fn provision(&self) -> Provision {
        Provision {
            effect: word::<Effect>(&self.effect),
            recipients: self.recipients.clone(),
            purposes: words(&self.purposes),
            types: words(&self.types),
            labels: labels(&self.labels),
            facilities: self.facilities.clone(),
            data_from: self.data_from.as_ref().map(date),
            data_until: self.data_until.as_ref().map(date),
            exceptions: self.exceptions.iter().map(Self::provision).collect(),
        }
    }
}

fn word<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> T {
    text.parse().unwrap_or_else(|it| panic!("{text:?}: {it}"))
}

fn words<T: std::str::FromStr<Err: std::fmt::Display>>(texts: &[String]) -> Vec<T> {
    texts.iter().map(|it| word(it)).collect()
}

/// `all` stands for every label.
fn labels(texts: &[String]) -> Labels {
    if texts == ["all"] {
        return Labels::ALL;
    }
    words::<Label>(texts).into_iter().collect()
}

fn date(written: &Datetime) -> Date {
    let it = written.date.expect("a date");
    Date::from_ymd(i32::from(it.year), u32::from(it.month), u32::from(it.day)).expect("a day")
}

/// A local date and time of a table is Thai.
fn instant(written: &Datetime) -> Timestamp {
    let seconds = written.time.map_or(0, |it| {
        i64::from(it.hour) * 3600 + i64::from(it.minute) * 60 + i64::from(it.second.unwrap_or(0))
    });
    date(written).thai_midnight().plus_seconds(seconds)
}
