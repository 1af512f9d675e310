//! The shape of a scenario file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::value::Datetime;
use toml::{Spanned, Table};

use super::directive::DirectiveFile;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ScenarioFile {
    /// The event each case begins with.
    pub base: Table,
    #[serde(default, rename = "directive")]
    pub directives: BTreeMap<String, DirectiveFile>,
    #[serde(rename = "case")]
    pub cases: Vec<CaseFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CaseFile {
    pub name: Spanned<String>,
    /// Facts that differ from the base.
    #[serde(default)]
    pub set: Table,
    /// Directives of the patient, by name.
    #[serde(default)]
    pub directives: Vec<String>,
    /// The topics it goes to, and no others.
    pub deliver: BTreeSet<String>,
    /// The agencies it is withheld from, each with the reason.
    #[serde(default)]
    pub withhold: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EventFile {
    #[serde(rename = "type")]
    pub event_type: String,
    pub facility: String,
    pub occurred_on: Datetime,
    /// Append time; by default an instant at which every contract is in effect.
    pub at: Option<Datetime>,
    #[serde(default)]
    pub icd10: Vec<String>,
    #[serde(default)]
    pub instype: String,
    pub counterpart: Option<String>,
    /// Does the answer to a referral give a reason, in free text?
    #[serde(default)]
    pub reason: bool,
}
