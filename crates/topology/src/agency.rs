//! Agencies: `topology/agencies/<id>.toml`, one file per agency with every version of its contract.

mod file;
mod limits;
mod lint;

use std::collections::BTreeMap;
use std::path::Path;

use saphan_codec::ProjectionError;
use saphan_model::contract::{Contract, Filter, OnRevoke, Rule};
use saphan_model::label::Labels;
use saphan_model::{AgencyId, EventType};
use toml::Spanned;

use self::file::{AgencyFile, FilterFile, RuleFile, VersionFile};
use crate::instant::{self, Retention};
use crate::problem::{Problem, Problems};
use crate::reference::bases::Bases;
use crate::reference::facilities::Facilities;
use crate::reference::notifiable::Notifiable;
use crate::source::{self, Source};

/// A registered recipient.
#[derive(Clone, Debug, PartialEq)]
pub struct Agency {
    /// Its id, also the name of its file and the second part of its topics.
    pub id: AgencyId,
    /// Thai name.
    pub name_th: String,
    /// English name.
    pub name_en: String,
    /// Whom to write to.
    pub contact: String,
    /// Every version of its contract, by number.
    pub contracts: Vec<Contract>,
    /// How long each of its topics keeps records: what the newest version with the type says.
    pub retention: BTreeMap<EventType, Retention>,
}

/// What the contracts are checked against.
pub(crate) struct References<'r> {
    pub facilities: Option<&'r Facilities>,
    pub notifiable: Option<&'r Notifiable>,
    /// None when they could not be read, which is told of their own file.
    pub bases: Option<&'r Bases>,
}

/// Reads every agency of a folder, by id.
pub(crate) fn load(
    folder: &Path,
    references: &References<'_>,
    problems: &mut Problems,
) -> Vec<Agency> {
    let mut agencies: Vec<Agency> = Vec::new();
    for path in problems.take(source::files(folder, "toml")).unwrap_or_default() {
        let Some(source) = problems.take(Source::read(&path)) else { continue };
        let Some(file) = problems.take(source.toml()) else { continue };
        if let Some(agency) = agency(&source, file, references, problems) {
            agencies.push(agency);
        }
    }
    agencies.sort_by(|a, b| a.id.cmp(&b.id));
    agencies
}

fn agency(
    source: &Source,
    file: AgencyFile,
    references: &References<'_>,
    problems: &mut Problems,
) -> Option<Agency> {
    let text = file.id.get_ref();
    let read = text.parse().map_err(|it| source.at("SP-1605", &file.id, format!("{text:?}: {it}")));
    let id: AgencyId = problems.take(read)?;
    if source.path().file_stem().is_none_or(|it| it != id.as_str()) {
        problems.add(
            source
                .at("SP-1605", &file.id, format!("agency {id} stands in a file of another name"))
                .detail("One file per agency, named after it, cannot register an agency twice.")
                .hint(format!("rename the file to {id}.toml")),
        );
    }
    for (key, value) in
        [("name-th", &file.name_th), ("name-en", &file.name_en), ("contact", &file.contact)]
    {
        if value.get_ref().trim().is_empty() {
            problems.add(source.at("SP-1605", value, format!("{key} is empty")));
        }
    }
    let mut agency = Agency {
        id,
        name_th: file.name_th.into_inner(),
        name_en: file.name_en.into_inner(),
        contact: file.contact.into_inner(),
        contracts: Vec::new(),
        retention: BTreeMap::new(),
    };
    for version in &file.versions {
        add_version(source, &mut agency, version, references, problems);
    }
    Some(agency)
}

fn add_version(
    source: &Source,
    agency: &mut Agency,
    file: &VersionFile,
    references: &References<'_>,
    problems: &mut Problems,
) {
    let Some(effective_from) = instant::timestamp(*file.effective_from.get_ref()) else {
        let message = "effective-from is not an instant";
        problems.add(
            source
                .at("SP-1606", &file.effective_from, message)
                .hint("write date, time and offset, like 2026-01-01T00:00:00+07:00"),
        );
        return;
    };
    let version = *file.number.get_ref();
    if let Some(before) = agency.contracts.last()
        && (before.version >= version || before.effective_from >= effective_from)
    {
        problems.add(
            source
                .at(
                    "SP-1606",
                    &file.number,
                    format!("version {version} is not after the one above"),
                )
                .detail("A replay must be able to tell which version held at an instant.")
                .hint("number versions upwards and let each take effect later than the one before"),
        );
    }
    let mut rules: Vec<Rule> = Vec::new();
    for rule_file in &file.rules {
        let Some((rule, retention)) = rule(source, rule_file, problems) else { continue };
        if rules.iter().any(|it| it.event_type == rule.event_type) {
            let message = format!("version {version} has two rules for {}", rule.event_type);
            problems.add(source.at("SP-1606", &rule_file.event_type, message).hint("merge them"));
        }
        lint::rule(source, &agency.id, rule_file, &rule, references, problems);
        agency.retention.insert(rule.event_type, retention);
        rules.push(rule);
    }
    agency.contracts.push(Contract {
        agency: agency.id.clone(),
        name_th: agency.name_th.clone(),
        name_en: agency.name_en.clone(),
        version,
        effective_from,
        rules,
    });
}

/// A rule whose fields cannot be delivered.
pub(crate) fn refused(file: &Path, line: Option<usize>, error: &ProjectionError) -> Problem {
    let sentence = error.to_string();
    // The codec's sentences begin with its own code; here one page covers them.
    let message = sentence.split_once(": ").map_or(sentence.as_str(), |it| it.1);
    let code = match error {
        ProjectionError::Identifying { .. } | ProjectionError::Reserved { .. } => "SP-1609",
        _ => "SP-1607",
    };
    Problem {
        code,
        message: message.to_owned(),
        file: file.to_owned(),
        line,
        detail: Box::default(),
        hint: Box::default(),
    }
}

/// Reads a rule; none when a word of it is unknown.
fn rule(source: &Source, file: &RuleFile, problems: &mut Problems) -> Option<(Rule, Retention)> {
    let event_type = source.word(problems, &file.event_type);
    let purpose = source.word(problems, &file.purpose);
    let basis = source.word(problems, &file.basis);
    let identity = source.word(problems, &file.identity);
    let retention = source.word(problems, &file.retention);
    let on_revoke = match &file.on_revoke {
        Some(it) => source.word(problems, it),
        None => Some(OnRevoke::Keep),
    };
    let labels: Vec<_> = file.labels.iter().map(|it| source.word(problems, it)).collect();
    let filter = filter(source, &file.filter, problems);
    let rule = Rule {
        event_type: event_type?,
        purpose: purpose?,
        basis: basis?,
        basis_source: format!("{}, {}", file.law.get_ref(), file.section.get_ref()),
        filter: filter?,
        fields: file.fields.iter().map(|it| it.get_ref().clone()).collect(),
        identity: identity?,
        labels: labels.into_iter().collect::<Option<Labels>>()?,
        on_revoke: on_revoke?,
    };
    Some((rule, retention?))
}

fn filter(source: &Source, file: &FilterFile, problems: &mut Problems) -> Option<Filter> {
    let plain = |values: &[Spanned<String>]| values.iter().map(|it| it.get_ref().clone()).collect();
    let schemes: Vec<_> = file.schemes.iter().map(|it| source.word(problems, it)).collect();
    Some(Filter {
        regions: file.regions.iter().map(|it| *it.get_ref()).collect(),
        facilities: plain(&file.facilities),
        schemes: schemes.into_iter().collect::<Option<_>>()?,
        notifiable: file.notifiable || !file.notifiable_codes.is_empty(),
        notifiable_codes: plain(&file.notifiable_codes),
        counterparts: plain(&file.counterparts),
    })
}
