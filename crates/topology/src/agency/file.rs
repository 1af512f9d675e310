//! The shape of an agency's file, with the place of every value. Words are read by `agency`.

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AgencyFile {
    pub id: Spanned<String>,
    pub name_th: Spanned<String>,
    pub name_en: Spanned<String>,
    pub contact: Spanned<String>,
    #[serde(rename = "version")]
    pub versions: Vec<VersionFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct VersionFile {
    pub number: Spanned<u32>,
    pub effective_from: Spanned<Datetime>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuleFile {
    #[serde(rename = "type")]
    pub event_type: Spanned<String>,
    pub purpose: Spanned<String>,
    pub basis: Spanned<String>,
    pub law: Spanned<String>,
    pub section: Spanned<String>,
    pub identity: Spanned<String>,
    pub labels: Vec<Spanned<String>>,
    pub retention: Spanned<String>,
    pub on_revoke: Option<Spanned<String>>,
    #[serde(default)]
    pub filter: FilterFile,
    pub fields: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct FilterFile {
    pub regions: Vec<Spanned<i32>>,
    pub facilities: Vec<Spanned<String>>,
    pub schemes: Vec<Spanned<String>>,
    pub notifiable: bool,
    pub notifiable_codes: Vec<Spanned<String>>,
    pub counterparts: Vec<Spanned<String>>,
}
