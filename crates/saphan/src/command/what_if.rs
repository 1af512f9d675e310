//! `saphan what-if`: what proposed contracts would have changed, for those who review them.

mod print;

use anyhow::{Context, Result, bail};
use saphan_model::AgencyId;
use saphan_ops::config::Config;
use saphan_ops::exit;
use saphan_proof::what_if::Versions;
use saphan_proof::{Scope, WhatIf, live};
use saphan_topology::deploy;

use super::verify;
use crate::{cli, output, setup};

/// Decides the log twice and tells the difference; the exit code says whether the proposal may be
/// applied at all.
pub fn run(options: &cli::WhatIf, config: &Config) -> Result<u8> {
    let current = setup::topology(config)?;
    let proposed = setup::proposed(config, &options.contracts)?;
    let scope = scope(options)?;
    if let Some(agency) = &scope.agency
        && [&current, &proposed].iter().all(|it| it.routes().index_of(agency.as_str()).is_none())
    {
        bail!(
            "no contract of an agency {agency} is in {} or {}",
            config.topology.dir.display(),
            options.contracts.display()
        );
    }
    let versions = if options.dated { Versions::Dated } else { Versions::Newest };
    let ids = deploy::load_all_versions(&setup::registry(config)).context("load schema ids")?;
    let what_if = WhatIf::new(current.routes(), proposed.routes(), versions, scope, ids.into())?;
    let (kafka, names) = (setup::kafka(config)?, setup::names(config)?);
    let contrast = live::what_if(&kafka, &names, what_if, &mut |it| output::progress(&it))?;
    if options.json {
        output::line(&print::as_json(&contrast));
    } else {
        print::text(&contrast);
    }
    Ok(if contrast.past.is_empty() { exit::DONE } else { exit::FINDINGS })
}

fn scope(options: &cli::WhatIf) -> Result<Scope> {
    let since = options.since.as_deref().map(verify::instant).transpose().context("--since")?;
    let agency = options.agency.as_deref().map(str::parse::<AgencyId>).transpose();
    Ok(Scope { since, agency: agency.context("--agency")?, ..Scope::default() })
}
