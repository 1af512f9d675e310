//! From configuration to the parts a role needs: each function says what it lacks and how to mend it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use saphan_codec::SchemaIds;
use saphan_gateway::DeskNames;
use saphan_kafka::{KafkaConfig, Registry, RegistryConfig, Shutdown};
use saphan_keys::Keys;
use saphan_model::{Private, Timestamp};
use saphan_ops::config::{Config, required};
use saphan_store::{Inserts, MigrateError, Store, StoreConfig};
use saphan_topology::deploy::{self, LoadIdsError};
use saphan_topology::{Names, Problem, Topology};

use crate::output;
use crate::role::Role;

/// How to reach the brokers.
pub fn kafka(config: &Config) -> Result<KafkaConfig> {
    Ok(config.kafka.connection()?)
}

/// The schema registry.
pub fn registry(config: &Config) -> Registry {
    Registry::new(&RegistryConfig {
        timeout_ms: config.registry.timeout_ms,
        ..RegistryConfig::new(config.registry.url.clone())
    })
}

/// Topic and group names.
pub fn names(config: &Config) -> Result<Names> {
    Names::new(&config.kafka.topic_prefix).context("kafka.topic-prefix")
}

/// The topology folder, with every problem it has.
pub fn topology(config: &Config) -> Result<Topology> {
    let it = &config.topology;
    told(&it.dir, Topology::load(&it.dir, it.facilities.as_deref()))
}

/// What receipts of withdrawals are looked up by.
pub fn desk_names(config: &Config) -> Result<DeskNames> {
    let names = names(config)?;
    let group = |role: Role| format!("{}{}", names.prefix(), role.as_str());
    Ok(DeskNames {
        ingest: names.ingest(),
        patient_log: names.patient_log(),
        consent_revoked: names.consent_revoked(),
        admit: group(Role::Admit),
        route: group(Role::Route),
    })
}

/// A proposed topology folder, or the configured one with the contracts of a folder that holds nothing
/// else, with every problem it has.
pub fn proposed(config: &Config, folder: &Path) -> Result<Topology> {
    let (it, facilities) = (&config.topology, config.topology.facilities.as_deref());
    let whole = folder.join("topics.toml").exists() || folder.join("agencies").exists();
    let loaded = if whole {
        Topology::load(folder, facilities)
    } else {
        Topology::load_with(&it.dir, folder, facilities)
    };
    told(folder, loaded)
}

fn told(dir: &Path, loaded: Result<Topology, Vec<Problem>>) -> Result<Topology> {
    loaded.map_err(|problems| {
        for problem in &problems {
            output::problem(problem);
        }
        anyhow!("{} has {} problem(s), told above", dir.display(), problems.len())
    })
}

/// The platform's keys.
pub fn keys(config: &Config) -> Result<Keys> {
    let file = required("keys.file", &config.keys.file)?;
    Ok(saphan_ops::keyfile::load(&file)?)
}

/// Ids of every platform schema, from the registry: today's, and older ones to read what was written
/// before an update.
pub fn schema_ids(config: &Config) -> Result<Arc<SchemaIds>> {
    let registry = registry(config);
    Ok(Arc::new(patiently(config, || deploy::load_all_versions(&registry))?))
}

/// Ids of every contract rule's schema, from the registry.
pub fn rule_ids(config: &Config, topology: &Topology) -> Result<Vec<u32>> {
    let registry = registry(config);
    patiently(config, || deploy::load_rule_ids(&registry, topology))
}

/// Waits for a registry that is still starting; a schema it does not hold is not waited for.
fn patiently<T>(config: &Config, mut load: impl FnMut() -> Result<T, LoadIdsError>) -> Result<T> {
    let patience = Patience::of(config.registry.start_wait_ms);
    // Nothing runs yet that a stop would have to wait for: a signal ends the process itself.
    let unasked = Shutdown::new();
    loop {
        match load() {
            Ok(ids) => return Ok(ids),
            Err(LoadIdsError::Registry(error)) if patience.pause(&unasked) => {
                tracing::warn!(code = error.code(), "waiting for the schema registry");
            }
            // The error tells its cause itself.
            Err(error) => return Err(anyhow!("load schema ids: {error}")),
        }
    }
}

/// The analytical store.
pub fn store(config: &Config) -> Result<Store> {
    let it = &config.clickhouse;
    let password = it.password.as_ref().map(|it| Private::new(it.expose().to_owned()));
    let settings = StoreConfig {
        user: Some(it.user.clone()),
        password,
        ..StoreConfig::new(it.url.clone(), it.database.clone())
    };
    Ok(Store::new(&settings)?)
}

/// The store, migrated, with its blocking writer. Waits for a store that is still starting; one that
/// refuses is not waited for. None when a stop was asked for meanwhile.
pub fn inserts(config: &Config, shutdown: &Shutdown) -> Result<Option<Inserts>> {
    let store = store(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let patience = Patience::of(config.clickhouse.start_wait_ms);
    while let Err(error) = runtime.block_on(store.migrate()) {
        let passing = matches!(&error, MigrateError::Failure(it) if it.transient());
        if !(passing && patience.pause(shutdown)) {
            bail!("{}: migrate the store: {error}", error.code());
        }
        if shutdown.requested() {
            return Ok(None);
        }
        tracing::warn!(code = error.code(), "waiting for the analytical store");
    }
    Ok(Some(Inserts::new(store)?))
}

/// How long to wait for a part that a role cannot start without.
struct Patience {
    until: Instant,
}

impl Patience {
    const PAUSE: Duration = Duration::from_secs(1);

    fn of(wait_ms: u64) -> Self {
        Self { until: Instant::now() + Duration::from_millis(wait_ms) }
    }

    /// Pauses, less when a stop is asked for; false, at once, when the time is up.
    fn pause(&self, shutdown: &Shutdown) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        shutdown.pause(left.min(Self::PAUSE));
        true
    }
}

/// This instant.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
