//! What the parts that have the broker for themselves share: the province's log on a broker, and platforms
//! of their own beside it, under other names.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use saphan_codec::SchemaIds;
use saphan_kafka::{KafkaConfig, Registry, RegistryConfig};
use saphan_topology::{Names, Topology, deploy};

use super::metrics::Metrics;
use crate::child::Running;
use crate::interrupt;
use crate::platform::Site;

/// How long a process may take to stop.
const STOP: Duration = Duration::from_secs(40);

/// The broker, the contracts and the schemas.
pub struct Arena<'a> {
    /// The platform that was fed, its roles stopped.
    pub site: &'a Site,
    /// How to reach the broker.
    pub kafka: KafkaConfig,
    /// The contracts.
    pub topology: Topology,
    /// Schema ids of platform records.
    pub ids: SchemaIds,
    feed: PathBuf,
}

impl<'a> Arena<'a> {
    /// Reads topology and schema ids.
    pub fn open(site: &'a Site) -> Result<Self> {
        let feed = site.dir.join("feed");
        let facilities = feed.join("facilities.csv");
        let topology = Topology::load("topology".as_ref(), Some(&facilities))
            .map_err(|it| anyhow!("the topology has {} problems", it.len()))?;
        let kafka = KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone());
        let ids = SchemaIds::new(deploy::load_schema_ids(&registry(site))?)?;
        Ok(Self { site, kafka, topology, ids, feed })
    }

    /// Schema ids of every contract rule.
    pub fn rule_ids(&self) -> Result<Vec<u32>> {
        Ok(deploy::load_rule_ids(&registry(self.site), &self.topology)?)
    }

    /// Names of the platform that was fed.
    pub fn province(&self) -> Result<Names> {
        Ok(Names::new(&self.site.prefix)?)
    }

    /// Topics of another platform, with the same keys.
    pub fn stand(&self, names: &Names) -> Result<Site> {
        let site = self.site.beside(&self.feed, names.prefix())?;
        site.saphan(&["topology", "apply"])?;
        Ok(site)
    }
}

fn registry(site: &Site) -> Registry {
    Registry::new(&RegistryConfig::new(site.parts.registry_url.clone()))
}

/// Starts route alone and waits until it owns and has restored its partitions.
pub fn start_route(site: &Site) -> Result<Running> {
    let mut route = site.launch("route", "route")?.start()?;
    wait(&mut route, Duration::from_secs(120), |it| {
        it.value("saphan_loop_restore_duration_seconds_count", &[]) >= PARTITIONS
    })?;
    Ok(route)
}

/// Partitions of the patient log in `topology/topics.toml`, development profile.
const PARTITIONS: f64 = 8.0;

/// Waits until a process says something in its metrics.
pub fn wait(
    process: &mut Running,
    patience: Duration,
    said: impl Fn(&Metrics) -> bool,
) -> Result<Metrics> {
    let deadline = Instant::now() + patience;
    loop {
        interrupt::check()?;
        if let Some(status) = process.ended()? {
            bail!("{} ended ({status}); see {}", process.name(), process.log().display());
        }
        if let Ok(metrics) = Metrics::of(process)
            && said(&metrics)
        {
            return Ok(metrics);
        }
        if Instant::now() > deadline {
            bail!(
                "{} was not ready after {patience:?}; see {}",
                process.name(),
                process.log().display()
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Stops a process of the bench.
pub fn stop(process: Running) -> Result<()> {
    process.stop(STOP)
}
