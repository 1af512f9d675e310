//! What each purpose may ask for on each basis: `topology/bases.toml`, which the platform's lawyer owns.
//!
//! The file lists what is allowed. A type it does not list for a purpose and basis is not given at all,
//! a field it does not list is refused, so that forgetting a line withholds and never discloses.

use std::collections::BTreeMap;
use std::path::Path;

use saphan_codec::projection;
use saphan_model::contract::{BasisKind, IdentityMode};
use saphan_model::directive::Purpose;
use saphan_model::facets::SchemeGroup;
use saphan_model::label::Labels;
use saphan_model::{AgencyId, EventType};
use serde::Deserialize;
use toml::Spanned;

use crate::problem::Problems;
use crate::source::Source;

/// The most a rule may ask for.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    /// The law that draws the line.
    pub law: String,
    /// How well the recipient may know the patient.
    pub identity: IdentityMode,
    /// The labels it may see.
    pub labels: Labels,
    /// The filters a rule must have.
    pub filter: Vec<FilterKey>,
    /// Fields, each with all inside it.
    fields: Vec<String>,
}

impl Limit {
    /// Is the whole of a field allowed?
    pub fn holds(&self, field: &str) -> bool {
        self.fields.iter().any(|it| within(field, it))
    }

    /// The parts of a field that are allowed, where it is not allowed as a whole.
    pub fn parts(&self, field: &str) -> Vec<&str> {
        self.fields.iter().map(String::as_str).filter(|it| within(it, field)).collect()
    }
}

/// Is one path the other, or inside it?
fn within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A filter without which a rule would reach further than its basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FilterKey {
    /// The recipient's own health regions.
    Regions,
    /// The payer's own schemes, of [`Bases::payers`].
    Schemes,
    /// Notifiable diseases only.
    Notifiable,
    /// The facilities addressed.
    Counterparts,
}

type Key = (Purpose, BasisKind, EventType);

/// Every limit there is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bases {
    limits: BTreeMap<Key, Limit>,
    payers: BTreeMap<String, Vec<SchemeGroup>>,
}

impl Bases {
    pub fn load(path: &Path, problems: &mut Problems) -> Option<Self> {
        let source = problems.take(Source::read(path))?;
        let file: BasesFile = problems.take(source.toml())?;
        let mut bases = Self::default();
        for limit in &file.limits {
            bases.add(&source, limit, problems);
        }
        for (agency, schemes) in &file.payers {
            let read = schemes.iter().filter_map(|it| source.word(problems, it)).collect();
            bases.payers.insert(agency.clone(), read);
        }
        Some(bases)
    }

    fn add(&mut self, source: &Source, file: &LimitFile, problems: &mut Problems) {
        let purpose = source.word(problems, &file.purpose);
        let basis = source.word(problems, &file.basis);
        let identity = source.word(problems, &file.identity);
        let labels: Vec<_> = file.labels.iter().map(|it| source.word(problems, it)).collect();
        let types: Vec<_> = file.types.iter().map(|it| source.word(problems, it)).collect();
        let (Some(purpose), Some(basis), Some(identity), Some(labels)) =
            (purpose, basis, identity, labels.into_iter().collect::<Option<Labels>>())
        else {
            return;
        };
        for (written, event_type) in file.types.iter().zip(types) {
            let Some(event_type) = event_type else { continue };
            fields_exist(source, file, event_type, problems);
            let limit = Limit {
                law: file.law.clone(),
                identity,
                labels,
                filter: file.filter.clone(),
                fields: file.fields.iter().map(|it| it.get_ref().clone()).collect(),
            };
            if self.limits.insert((purpose, basis, event_type), limit).is_some() {
                let message = format!("a second limit for {event_type}, {purpose} on {basis}");
                problems.add(
                    source
                        .at("SP-1628", written, message)
                        .detail("Nobody could say which of them holds.")
                        .hint("merge them"),
                );
            }
        }
    }

    /// The most a purpose may ask for of a type on a basis; none where it may ask for nothing.
    pub fn limit(&self, purpose: Purpose, basis: BasisKind, of: EventType) -> Option<&Limit> {
        self.limits.get(&(purpose, basis, of))
    }

    /// The types a purpose may ask for on a basis.
    pub fn types(&self, purpose: Purpose, basis: BasisKind) -> Vec<&'static str> {
        let fits = |it: &&Key| (it.0, it.1) == (purpose, basis);
        self.limits.keys().filter(fits).map(|it| it.2.as_str()).collect()
    }

    /// The schemes an agency pays for; none for an agency that is no payer.
    pub fn schemes(&self, agency: &AgencyId) -> &[SchemeGroup] {
        self.payers.get(agency.as_str()).map_or(&[], Vec::as_slice)
    }
}

/// A field that is misspelt here would be refused in every contract that spells it right.
fn fields_exist(source: &Source, file: &LimitFile, event_type: EventType, problems: &mut Problems) {
    let existing = projection::paths(event_type);
    for value in file.fields.iter().filter(|it| !existing.contains(it.get_ref())) {
        let message = format!("{event_type} has no field {:?}", value.get_ref());
        problems.add(source.at("SP-1628", value, message).hint("spell it as contracts do"));
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct BasesFile {
    #[serde(rename = "limit")]
    limits: Vec<LimitFile>,
    #[serde(default)]
    payers: BTreeMap<String, Vec<Spanned<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LimitFile {
    purpose: Spanned<String>,
    basis: Spanned<String>,
    types: Vec<Spanned<String>>,
    law: String,
    identity: Spanned<String>,
    labels: Vec<Spanned<String>>,
    #[serde(default)]
    filter: Vec<FilterKey>,
    fields: Vec<Spanned<String>>,
}
