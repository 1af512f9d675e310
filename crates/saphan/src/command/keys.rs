//! `saphan keys`.

use std::path::Path;

use anyhow::Result;

use crate::output;

/// Makes a new key file.
pub fn generate(file: &Path) -> Result<()> {
    saphan_ops::keyfile::generate(file)?;
    output::progress(&format_args!(
        "wrote {}; keep a copy in a safe: without it no pseudonym can be made again",
        file.display()
    ));
    Ok(())
}
