//! Which versions of contracts were ever applied. The registry remembers: one subject for each, named by
//! the agency, the number and a digest of all it decides.
//!
//! A version that was never applied must begin in the future. Otherwise it would decide what the log
//! holds already: decisions would have been made by other rules than a replay finds (SP-2008), and who
//! reviewed the contract would have been asked about something that had happened.

use std::fmt::Write as _;

use saphan_kafka::{Registry, RegistryError};
use saphan_model::Timestamp;
use saphan_model::contract::{Contract, Rule};
use sha2::{Digest, Sha256};

use crate::{Names, Topology};

/// What is registered under the subjects: they are asked for by name, the schema says nothing.
pub(super) const MARK: &str = r#"{"type":"fixed","name":"th.saphan.Contract","size":1}"#;

/// One version of a contract, and how the registry calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractSpec {
    /// Subject of the registry.
    pub subject: String,
    /// `<agency> version <number>`.
    pub title: String,
    /// When it takes effect.
    pub effective_from: Timestamp,
}

/// How a version stands to what was applied before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractState {
    /// It was applied as it is now.
    Applied,
    /// It is new, and nothing is decided by it yet.
    ToCome,
    /// Nothing was ever applied on this platform: there is no past to change.
    First,
    /// It is new, or says something else than what was applied, and would decide the past.
    Backdated,
}

/// The subject that says that contracts were applied on this platform.
pub(super) fn applied_before(names: &Names) -> String {
    format!("{}contract", names.prefix())
}

/// Every version of every contract.
pub(super) fn specs(topology: &Topology, names: &Names) -> Vec<ContractSpec> {
    let spec = |it: &Contract| ContractSpec {
        subject: format!("{}.{}.v{}.{}", applied_before(names), it.agency, it.version, digest(it)),
        title: format!("{} version {}", it.agency, it.version),
        effective_from: it.effective_from,
    };
    topology.contracts().map(spec).collect()
}

/// How each version stands.
pub(super) fn observe(
    registry: &Registry,
    before: &str,
    specs: &[ContractSpec],
    now: Timestamp,
) -> Result<Vec<ContractState>, RegistryError> {
    let known = |subject: &str| Ok(!registry.versions(subject)?.is_empty());
    let first = !known(before)?;
    specs.iter().map(|it| Ok(stands(it, first, known(&it.subject)?, now))).collect()
}

/// How a version stands, on a platform where nothing (`first`) or something was applied before.
pub fn stands(spec: &ContractSpec, first: bool, applied: bool, now: Timestamp) -> ContractState {
    match applied {
        true => ContractState::Applied,
        false if first => ContractState::First,
        false if spec.effective_from > now => ContractState::ToCome,
        false => ContractState::Backdated,
    }
}

/// A digest of all that decides. Names of the agency may change; whatever else differs is another version.
fn digest(contract: &Contract) -> String {
    let mut text = format!("{}\n", contract.effective_from.0);
    contract.rules.iter().for_each(|it| wording(it, &mut text));
    hex(&Sha256::digest(text.as_bytes())[..16])
}

/// A rule as text, the same in every later version of the platform: what a rule gains must be left out
/// here where it says nothing.
fn wording(rule: &Rule, out: &mut String) {
    let filter = &rule.filter;
    let labels: Vec<_> = rule.labels.iter().map(|it| it.as_str()).collect();
    let schemes: Vec<_> = filter.schemes.iter().map(|it| it.as_str()).collect();
    let regions: Vec<_> = filter.regions.iter().map(ToString::to_string).collect();
    let (notifiable, on_revoke) = (filter.notifiable.to_string(), rule.on_revoke.to_string());
    for (key, values) in [
        ("rule", &[rule.event_type.as_str(), rule.purpose.as_str(), rule.basis.as_str()][..]),
        ("law", &[&rule.basis_source]),
        ("identity", &[rule.identity.as_str()]),
        ("on-revoke", &[&on_revoke]),
        ("labels", &labels),
        ("schemes", &schemes),
        ("notifiable", &[&notifiable]),
    ] {
        let _ = writeln!(out, "{key} {values:?}");
    }
    for (key, values) in [
        ("fields", &rule.fields),
        ("regions", &regions),
        ("facilities", &filter.facilities),
        ("codes", &filter.notifiable_codes),
        ("counterparts", &filter.counterparts),
    ] {
        let _ = writeln!(out, "{key} {values:?}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, it| {
        let _ = write!(text, "{it:02x}");
        text
    })
}
