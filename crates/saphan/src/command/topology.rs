//! `saphan topology`: the platform's shape as files, against brokers and registry.

use anyhow::{Context, Result, bail};
use saphan_kafka::Admin;
use saphan_ops::config::Config;
use saphan_topology::deploy::{Allow, Target, apply, plan};

use crate::cli::{Topology, TopologyOptions};
use crate::{output, setup};

/// Runs one of them.
pub fn run(action: Topology, config: &Config) -> Result<()> {
    match action {
        Topology::Check => check(config),
        Topology::Plan(options) => {
            let topology = setup::topology(config)?;
            let (target, allow) = (target(&options, config)?, allow(&options));
            let (admin, registry) = (Admin::new(&setup::kafka(config)?)?, setup::registry(config));
            output::line(&plan(&admin, &registry, &topology, &target, allow)?);
            Ok(())
        }
        Topology::Apply(options) => {
            let topology = setup::topology(config)?;
            let (target, allow) = (target(&options, config)?, allow(&options));
            let (admin, registry) = (Admin::new(&setup::kafka(config)?)?, setup::registry(config));
            let applied = apply(&admin, &registry, &topology, &target, allow)?;
            output::line(&applied.diff);
            if !applied.diff.obstacles.is_empty() {
                bail!("nothing was applied; mend the errors above and run it again");
            }
            Ok(())
        }
    }
}

/// The files alone: contracts, scenarios, and schemas that must be able to read each other.
fn check(config: &Config) -> Result<()> {
    let config = &config.topology;
    let checked = saphan_topology::check::check(&config.dir, config.facilities.as_deref());
    checked.problems.iter().for_each(|it| output::problem(it));
    match checked.topology {
        Some(topology) if checked.problems.is_empty() => {
            output::line(&format_args!(
                "ok: {} agencies, {} facilities, {} scenarios",
                topology.agencies.len(),
                topology.facilities.len(),
                checked.cases
            ));
            Ok(())
        }
        _ => {
            bail!("{} has {} problem(s), told above", config.dir.display(), checked.problems.len())
        }
    }
}

fn target(options: &TopologyOptions, config: &Config) -> Result<Target> {
    let profile = options.environment.parse().context("--environment")?;
    Ok(Target { profile, names: setup::names(config)? })
}

fn allow(options: &TopologyOptions) -> Allow {
    Allow {
        add_partitions: options.allow_more_partitions,
        shorten_retention: options.allow_shorter_retention,
        delete_topics: options.allow_delete_topics,
        backdated_contracts: options.allow_backdated_contracts,
    }
}
