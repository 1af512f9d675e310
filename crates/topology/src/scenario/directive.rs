//! Directives as scenario files write them.

use std::fmt::Display;
use std::str::FromStr;

use saphan_model::directive::{Directive, Grantor, Method, Provision};
use saphan_model::label::Labels;
use saphan_model::{Date, Timestamp};
use serde::Deserialize;
use toml::value::Datetime;

use crate::instant;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DirectiveFile {
    base: String,
    #[serde(default = "yes")]
    active: bool,
    valid_from: Option<Datetime>,
    valid_until: Option<Datetime>,
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

const fn yes() -> bool {
    true
}

/// Reads a directive, or says which word of it is unknown.
pub(super) fn read(name: &str, file: &DirectiveFile) -> Result<Directive, String> {
    Ok(Directive {
        directive_id: name.to_owned(),
        active: file.active,
        base: word(&file.base)?,
        provisions: provisions(&file.provisions)?,
        valid_from: file.valid_from.map(timestamp).transpose()?,
        valid_until: file.valid_until.map(timestamp).transpose()?,
        grantor: Grantor::Patient,
        method: Method::Electronic,
        given_at: Timestamp(0),
        note: None,
    })
}

fn provisions(files: &[ProvisionFile]) -> Result<Vec<Provision>, String> {
    let read = |file: &ProvisionFile| {
        Ok(Provision {
            effect: word(&file.effect)?,
            recipients: file.recipients.clone(),
            purposes: words(&file.purposes)?,
            types: words(&file.types)?,
            labels: words(&file.labels)?.into_iter().collect::<Labels>(),
            facilities: file.facilities.clone(),
            data_from: file.data_from.map(day).transpose()?,
            data_until: file.data_until.map(day).transpose()?,
            exceptions: provisions(&file.exceptions)?,
        })
    };
    files.iter().map(read).collect()
}

fn word<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|it: T::Err| format!("{text:?} is {it}"))
}

fn words<T: FromStr<Err: Display>>(texts: &[String]) -> Result<Vec<T>, String> {
    texts.iter().map(|it| word(it)).collect()
}

fn timestamp(written: Datetime) -> Result<Timestamp, String> {
    instant::timestamp(written).ok_or_else(|| format!("{written} is not an instant with offset"))
}

fn day(written: Datetime) -> Result<Date, String> {
    instant::day(written).ok_or_else(|| format!("{written} is not a day"))
}
