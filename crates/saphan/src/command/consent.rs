//! `saphan consent`: directives before they are sent, as they stand, and withdrawn.

mod explain;
mod export;
mod receipt;
mod revoke;

use anyhow::Result;
use saphan_ops::config::Config;

use crate::cli::Consent;

/// Runs a consent command.
pub fn run(action: &Consent, config: &Config) -> Result<()> {
    match action {
        Consent::Explain(options) => explain::run(options, config),
        Consent::Export(options) => export::run(options, config),
        Consent::Revoke(options) => revoke::run(options, config),
        Consent::Receipt(options) => receipt::run(options, config),
    }
}
