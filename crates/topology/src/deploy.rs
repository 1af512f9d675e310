//! From files to a running platform: what brokers and registry should hold, how that differs from what
//! they hold, and the steps between.
//!
//! [`desired`] and [`diff`] are pure; [`observe`] only reads; [`apply`] carries out a diff. Applying is
//! idempotent, never deletes, and never shortens what is kept unless it is told to.

mod apply;
mod contracts;
mod diff;
mod ids;
mod print;

use std::collections::BTreeSet;

use saphan_codec::{Record, schema};
use saphan_kafka::{TopicSpec, TopicState};

pub use apply::{Applied, DeployError, apply, observe, plan};
pub use contracts::{ContractSpec, ContractState, stands};
pub use diff::{Change, Diff, HeldBack, Obstacle, diff};
pub use ids::{LoadIdsError, load_all_versions, load_rule_ids, load_schema_ids};

use crate::{Names, Profile, Topology};

/// Which platform, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// How big.
    pub profile: Profile,
    /// Under which names.
    pub names: Names,
}

/// What an apply may do that cannot be undone. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    /// Add partitions to topics that have too few. Keys move to other partitions.
    pub add_partitions: bool,
    /// Keep records for a shorter time than now, or compact a topic that was not.
    pub shorten_retention: bool,
    /// Delete agency topics that no contract declares, with everything in them.
    pub delete_topics: bool,
    /// Take contract versions that decide what happened before they were applied.
    pub backdated_contracts: bool,
}

/// One schema under its subject: the full name of the record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaSpec {
    /// Subject, the record's full name.
    pub subject: String,
    /// Self-contained schema text.
    pub schema: String,
}

/// What there shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// What agency topics of this platform begin with.
    pub agency_prefix: String,
    /// Every topic.
    pub topics: Vec<TopicSpec>,
    /// Every schema, in the order in which they are to be registered.
    pub schemas: Vec<SchemaSpec>,
    /// The subject that says that contracts were applied before.
    pub applied_before: String,
    /// Every version of every contract.
    pub contracts: Vec<ContractSpec>,
}

/// What there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    /// Topics that are declared, or that begin like this platform's agency topics.
    pub topics: Vec<TopicState>,
    /// Beside [`Desired::schemas`].
    pub schemas: Vec<SchemaState>,
    /// Beside [`Desired::contracts`].
    pub contracts: Vec<ContractState>,
}

/// How the registry stands to one desired schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaState {
    /// It is registered under its subject.
    pub registered: bool,
    /// The subject has a version, this one or another.
    pub subject_exists: bool,
    /// The subject accepts only changes compatible with every version, both ways.
    pub full_transitive: bool,
    /// Why the registry would not take it.
    pub incompatible: Option<String>,
}

/// What brokers and registry shall hold.
pub fn desired(topology: &Topology, target: &Target) -> Desired {
    let topics = topology.topics.desired(target.profile, &target.names, &topology.agencies);
    let platform = Record::ALL.iter().flat_map(|record| {
        let spec = |schema| SchemaSpec { subject: record.name().to_owned(), schema };
        versions(*record).into_iter().map(spec)
    });
    let agencies = topology
        .projections()
        .iter()
        .map(|it| SchemaSpec { subject: it.name().to_owned(), schema: it.schema().to_owned() });
    let mut seen = BTreeSet::new();
    let schemas = platform.chain(agencies).filter(|it| seen.insert(it.clone())).collect();
    Desired {
        agency_prefix: target.names.agency_prefix(),
        topics,
        schemas,
        applied_before: contracts::applied_before(&target.names),
        contracts: contracts::specs(topology, &target.names),
    }
}

/// Every version of a platform record's schema, oldest first; the last is today's.
pub(crate) fn versions(record: Record) -> Vec<String> {
    schema::versions(record).expect("the schema files are part of the program and tested")
}
