//! `saphan topology`: the platform's shape as files, against brokers and registry.

use anyhow::{Context, Result, bail};
use saphan_kafka::Admin;
use saphan_ops::config::Config;
use saphan_topology::deploy::{Allow, Target, apply, plan};

use crate::cli::{Topology, TopologyOptions};
use crate::{output, setup};

/// Runs one of them.
pub fn run(action: Topology, config: &Config) -> Result<()> {
    let topology = setup::topology(config)?;
    match action {
        Topology::Check => {
            output::line(&format_args!(
                "ok: {} agencies, {} facilities",
                topology.agencies.len(),
                topology.facilities.len()
            ));
            Ok(())
        }
        Topology::Plan(options) => {
            let (target, allow) = (target(&options, config)?, allow(&options));
            let (admin, registry) = (Admin::new(&setup::kafka(config)?)?, setup::registry(config));
            output::line(&plan(&admin, &registry, &topology, &target, allow)?);
            Ok(())
        }
        Topology::Apply(options) => {
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

fn target(options: &TopologyOptions, config: &Config) -> Result<Target> {
    let profile = options.environment.parse().context("--environment")?;
    Ok(Target { profile, names: setup::names(config)? })
}

fn allow(options: &TopologyOptions) -> Allow {
    Allow {
        add_partitions: options.allow_more_partitions,
        shorten_retention: options.allow_shorter_retention,
        delete_topics: options.allow_delete_topics,
    }
}
