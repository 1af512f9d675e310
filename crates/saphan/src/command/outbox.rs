//! `saphan outbox`: what waits beside a hospital system, and what the gateway refused.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use saphan_edge::{Outbox, OutboxError};
use saphan_ops::config::Config;

use crate::{cli, output};

/// Looks, or decides about what was refused.
pub fn run(action: &cli::Outbox, config: &Config) -> Result<()> {
    let dir = &config.edge.dir;
    // Opening makes a new one, which is not what somebody who asks about one wants.
    ensure!(
        dir.is_dir(),
        "SP-1231: there is no outbox in {}; set edge.dir as the adapter has it",
        dir.display()
    );
    let mut outbox = Outbox::open(dir, config.edge.outbox_bytes_max)?;
    match action {
        cli::Outbox::Status => {
            let it = outbox.stats()?;
            output::line(&format_args!(
                "waiting {}, the oldest for {} s; {} bytes on the disk",
                it.waiting,
                it.oldest_age.as_secs(),
                it.bytes
            ));
            output::line(&format_args!("refused {}\n{}", it.refused, refused(&outbox)?));
        }
        cli::Outbox::Requeue => {
            let n = outbox.requeue_refused()?;
            output::progress(&format_args!("{n} put back in line; the next run sends them"));
        }
        cli::Outbox::Discard => {
            let n = outbox.discard_refused()?;
            output::progress(&format_args!("{n} deleted"));
        }
    }
    Ok(())
}

/// What the gateway refused, a line for each code.
pub fn refused(outbox: &Outbox) -> Result<String, OutboxError> {
    let mut text = String::new();
    for it in outbox.refused_by_code()? {
        let _ = writeln!(text, "  {}: {} refused; {}", it.code, it.count, it.remedy);
    }
    Ok(text)
}
