//! The registry ids a worker needs before it reads or writes a record. Without them it must not start.

use saphan_codec::{Record, SchemaIds, UpgradeError};
use saphan_kafka::{Registry, RegistryError};

use crate::Topology;

/// Why the ids could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadIdsError {
    /// The registry's answer.
    #[error("{code}: {0}", code = .0.code())]
    Registry(#[from] RegistryError),
    /// Schemas of this version of the platform that the registry does not hold.
    #[error("SP-1623: the registry holds no schema for {}; run `saphan topology apply`", .0.join(", "))]
    Missing(Vec<String>),
    /// The newest schema cannot read an older one.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
}

/// The id of every platform record's schema, by record name, as this version of the platform writes it.
pub fn load_schema_ids(registry: &Registry) -> Result<Vec<(String, u32)>, LoadIdsError> {
    let ids = load(registry, Record::ALL.iter().map(|it| (it.name(), it.schema())))?;
    Ok(Record::ALL.iter().map(|it| it.name().to_owned()).zip(ids).collect())
}

/// As [`load_schema_ids`], with the ids of older versions of the schemas as far as the registry holds them:
/// what reads topics from long ago needs.
pub fn load_all_versions(registry: &Registry) -> Result<SchemaIds, LoadIdsError> {
    let newest = load_schema_ids(registry)?;
    let mut ids = SchemaIds::new(newest).expect("an id for every record was just loaded");
    for record in Record::ALL {
        for version in super::versions(*record) {
            if let Some(id) = registry.id_of(record.name(), &version)? {
                ids = ids.with_version(*record, id, &version)?;
            }
        }
    }
    Ok(ids)
}

/// The id of every rule's schema, by [`saphan_policy::RuleId`], beside [`Topology::projections`]. Versions
/// of a contract share a record name but not an id.
pub fn load_rule_ids(registry: &Registry, topology: &Topology) -> Result<Vec<u32>, LoadIdsError> {
    load(registry, topology.projections().iter().map(|it| (it.name(), it.schema())))
}

fn load<'s>(
    registry: &Registry,
    schemas: impl Iterator<Item = (&'s str, &'s str)>,
) -> Result<Vec<u32>, LoadIdsError> {
    let (mut ids, mut missing) = (Vec::new(), Vec::new());
    for (subject, schema) in schemas {
        match registry.id_of(subject, schema)? {
            Some(id) => ids.push(id),
            None => missing.push(subject.to_owned()),
        }
    }
    if missing.is_empty() { Ok(ids) } else { Err(LoadIdsError::Missing(missing)) }
}
