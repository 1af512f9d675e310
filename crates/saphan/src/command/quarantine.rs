//! `saphan quarantine`: what could not be admitted, where it stands in its source, how to mend it.

use anyhow::Result;
use saphan_ops::config::Config;

use crate::cli::Quarantine;
use crate::{output, setup};

/// Counts by facility and code, or the places of one facility.
pub fn run(options: &Quarantine, config: &Config) -> Result<()> {
    let store = setup::store(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Some(facility) = &options.facility else {
        let counts = runtime.block_on(store.quarantine_counts())?;
        output::line(&format_args!("{:<10} {:<8} {:>8}", "facility", "code", "defects"));
        for it in
            counts.iter().filter(|it| options.code.as_ref().is_none_or(|code| *code == it.code))
        {
            output::line(&format_args!("{:<10} {:<8} {:>8}", it.facility, it.code, it.n));
        }
        if counts.is_empty() {
            output::progress(&"nothing is in quarantine");
        }
        return Ok(());
    };
    let places = runtime.block_on(store.quarantine_places(facility, options.limit))?;
    for it in places.iter().filter(|it| options.code.as_ref().is_none_or(|code| *code == it.code)) {
        output::line(&format_args!(
            "{} {}/{}:{} {}\n    {}",
            it.code, it.document, it.file, it.line, it.column_name, it.remedy
        ));
    }
    if places.is_empty() {
        output::progress(&format_args!("nothing of facility {facility} is in quarantine"));
    }
    Ok(())
}
