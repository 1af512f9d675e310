//! `saphan token`: who may send for which facility.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context, Result};
use saphan_gateway::tokens as file;
use saphan_model::FacilityCode;
use saphan_ops::config::{Config, required};

use crate::cli::Token;
use crate::{output, setup};

/// Makes or revokes.
pub fn run(action: Token, config: &Config) -> Result<()> {
    let path = required("gateway.tokens-file", &config.gateway.tokens_file)?;
    match action {
        Token::Create { facility, out } => {
            let facility: FacilityCode = facility.parse().context("facility")?;
            let token = file::create(&path, &facility, setup::now())?;
            match out {
                Some(out) => write_private(&out, token.reveal())?,
                None => output::line(&token.reveal()),
            }
            output::progress(&"the token is shown this once; only its hash is stored");
            Ok(())
        }
        Token::Revoke { facility } => {
            let facility: FacilityCode = facility.parse().context("facility")?;
            let revoked = file::revoke(&path, &facility, setup::now())?;
            output::progress(&format_args!("revoked {revoked} token(s) of facility {facility}"));
            Ok(())
        }
    }
}

fn write_private(path: &Path, token: &str) -> Result<()> {
    let mut file = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("make {}", path.display()))?;
    writeln!(file, "{token}")?;
    Ok(())
}
