//! What a rule lets an agency see, and on which grounds.

use std::collections::BTreeSet;

use saphan_codec::projection::paths;
use saphan_model::contract::{BasisKind, IdentityMode, Rule};

/// The shape of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    /// The fields themselves: a path that stands for a group is spelled out.
    pub fields: BTreeSet<String>,
    /// How the agency knows the patient.
    pub identity: IdentityMode,
    /// On which basis.
    pub basis: BasisKind,
    /// The law and section, or the agreement.
    pub basis_source: String,
    /// HL7 purpose of use.
    pub purpose: &'static str,
}

impl Shape {
    /// Of a rule.
    pub fn of(rule: &Rule) -> Self {
        let existing = paths(rule.event_type);
        let below = |path: &str, top: &str| {
            path.strip_prefix(top).is_some_and(|rest| rest.starts_with('.'))
        };
        let leaf = |it: &&String| !existing.iter().any(|other| below(other, it));
        let named = |it: &&String| rule.fields.iter().any(|top| top == *it || below(it, top));
        Self {
            fields: existing.iter().filter(leaf).filter(named).cloned().collect(),
            identity: rule.identity,
            basis: rule.basis,
            basis_source: rule.basis_source.clone(),
            purpose: rule.purpose.as_str(),
        }
    }

    /// Fields that this shape has and the other has not.
    pub fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        self.fields.difference(&other.fields).map(String::as_str)
    }
}
