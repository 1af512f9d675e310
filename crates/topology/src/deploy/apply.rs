//! Reading what brokers and registry hold, and carrying out a diff.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, SystemTime};

use saphan_kafka::{Admin, Level, Registry, RegistryError, TopicState, Trouble};
use saphan_model::Timestamp;

use super::{
    Actual, Allow, Change, Desired, Diff, LoadIdsError, Obstacle, SchemaSpec, SchemaState, Target,
    contracts, desired, diff, load_rule_ids, load_schema_ids,
};
use crate::Topology;

/// How often, and how long apart, to look whether the brokers show a change.
const SETTLE_TRIES: u32 = 100;
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

/// What an apply did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The steps taken, and what was left.
    pub diff: Diff,
    /// Registry id of every platform record, by name.
    pub schema_ids: Vec<(String, u32)>,
    /// Registry id of every rule's schema, by [`saphan_policy::RuleId`].
    pub rule_ids: Vec<u32>,
}

/// Why the platform could not be brought to what the files say.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// A broker's answer.
    #[error("{0}")]
    Kafka(#[from] Trouble),
    /// The registry's answer.
    #[error("{code}: {0}", code = .0.code())]
    Registry(#[from] RegistryError),
    /// Something must be mended first; nothing was changed.
    #[error("nothing was changed, since {} stands in the way", sentences(.0))]
    Obstacles(Vec<Obstacle>),
    /// A schema is missing after it was registered.
    #[error("{0}")]
    Ids(#[from] LoadIdsError),
}

fn sentences(obstacles: &[Obstacle]) -> String {
    let told: Vec<_> =
        obstacles.iter().map(|it| format!("{}: {} ({})", it.code, it.message, it.hint)).collect();
    told.join("; ")
}

/// Reads what there is for what there shall be. Changes nothing.
pub fn observe(
    admin: &Admin,
    registry: &Registry,
    desired: &Desired,
) -> Result<Actual, DeployError> {
    let topics = observe_topics(admin, desired)?;
    let schemas = desired.schemas.iter().map(|it| schema_state(registry, it));
    let schemas = schemas.collect::<Result<_, _>>()?;
    let (before, specs) = (&desired.applied_before, &desired.contracts);
    let contracts = contracts::observe(registry, before, specs, now())?;
    Ok(Actual { topics, schemas, contracts })
}

/// Append times come from the brokers' clocks, which may be a little off this one: who plans a contract
/// leaves more time than that.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn observe_topics(admin: &Admin, desired: &Desired) -> Result<Vec<TopicState>, Trouble> {
    let existing = admin.list_topics()?;
    let concerns = |name: &str| {
        name.starts_with(&desired.agency_prefix) || desired.topics.iter().any(|it| it.name == name)
    };
    let names: Vec<&str> = existing.keys().map(String::as_str).filter(|it| concerns(it)).collect();
    admin.describe_topics(&names)
}

fn schema_state(registry: &Registry, spec: &SchemaSpec) -> Result<SchemaState, RegistryError> {
    let SchemaSpec { subject, schema } = spec;
    let registered = registry.id_of(subject, schema)?.is_some();
    let subject_exists = registered || !registry.versions(subject)?.is_empty();
    if !subject_exists {
        return Ok(SchemaState::default());
    }
    let full_transitive = guarded(registry, subject)?;
    let mut incompatible = None;
    if !registered {
        let answer = registry.check(subject, schema)?;
        if !answer.compatible {
            incompatible = Some(answer.messages.join("; "));
        }
    }
    Ok(SchemaState { registered, subject_exists, full_transitive, incompatible })
}

/// What an apply would do. Changes nothing.
pub fn plan(
    admin: &Admin,
    registry: &Registry,
    topology: &Topology,
    target: &Target,
    allow: Allow,
) -> Result<Diff, DeployError> {
    let desired = desired(topology, target);
    let actual = observe(admin, registry, &desired)?;
    Ok(diff(&desired, &actual, allow))
}

/// Brings brokers and registry to what the files say, as far as allowed. Run twice, it does nothing the
/// second time; stopped half-way, it goes on the next time.
pub fn apply(
    admin: &Admin,
    registry: &Registry,
    topology: &Topology,
    target: &Target,
    allow: Allow,
) -> Result<Applied, DeployError> {
    let desired = desired(topology, target);
    let diff = diff(&desired, &observe(admin, registry, &desired)?, allow);
    if !diff.obstacles.is_empty() {
        return Err(DeployError::Obstacles(diff.obstacles));
    }
    // All new topics in one request: one by one they take a minute.
    let new = diff.changes.iter().filter_map(|it| match it {
        Change::CreateTopic(spec) => Some(spec.clone()),
        _ => None,
    });
    admin.create_topics(&new.collect::<Vec<_>>())?;
    for change in &diff.changes {
        take(admin, registry, change)?;
    }
    settle(admin, &desired, allow)?;
    let schema_ids = load_schema_ids(registry)?;
    let rule_ids = load_rule_ids(registry, topology)?;
    Ok(Applied { diff, schema_ids, rule_ids })
}

/// Waits until the brokers show what they acknowledged: a role started right after an apply, or the next
/// apply, must not meet the state before it.
fn settle(admin: &Admin, desired: &Desired, allow: Allow) -> Result<(), DeployError> {
    for _ in 0..SETTLE_TRIES {
        let actual = Actual { topics: observe_topics(admin, desired)?, ..Actual::default() };
        if diff(desired, &actual, allow).changes.is_empty() {
            return Ok(());
        }
        thread::sleep(SETTLE_PAUSE);
    }
    let waited = SETTLE_PAUSE * SETTLE_TRIES;
    let reason = format!(
        "the brokers do not show the topics' new state after {waited:?}; look at the controller's log, then apply again"
    );
    Err(DeployError::Kafka(Trouble::new("SP-1624", reason)))
}

fn take(admin: &Admin, registry: &Registry, change: &Change) -> Result<(), DeployError> {
    match change {
        Change::CreateTopic(_) => {} // Done before.
        Change::Configure { topic, settings } => {
            let changes: BTreeMap<_, _> =
                settings.iter().map(|(key, (_, to))| (key.clone(), to.clone())).collect();
            admin.alter_configs(topic, &changes)?;
        }
        Change::AddPartitions { topic, to, .. } => admin.add_partitions(topic, *to)?,
        Change::DeleteTopic(topic) => admin.delete_topics(&[topic])?,
        Change::Register(spec) => {
            registry.register(&spec.subject, &spec.schema)?;
        }
        Change::RecordContract(it) => {
            registry.register(&it.subject, contracts::MARK)?;
        }
        Change::RecordApply(subject) => {
            registry.register(subject, contracts::MARK)?;
        }
        Change::RequireCompatibility(subject) => require_compatibility(registry, subject)?,
    }
    Ok(())
}

/// Two applies at the same time may both find the rule missing; the registry refuses the second.
fn require_compatibility(registry: &Registry, subject: &str) -> Result<(), RegistryError> {
    match registry.set_compatibility(subject, Level::FullTransitive) {
        Err(RegistryError::Refused { status: 409, .. }) if guarded(registry, subject)? => Ok(()),
        other => other,
    }
}

fn guarded(registry: &Registry, subject: &str) -> Result<bool, RegistryError> {
    Ok(registry.compatibility(subject)?.as_deref() == Some(Level::FullTransitive.as_str()))
}
