//! `saphan quarantine`: what could not be admitted, where it stands in its source, how to mend it, and
//! sending it once more.

mod open;
mod redrive;

use anyhow::Result;
use saphan_ops::config::Config;

use crate::cli::{Quarantine, QuarantineChoice, QuarantineShow};
use crate::{output, setup};

/// Runs a quarantine command.
pub fn run(action: &Quarantine, config: &Config) -> Result<()> {
    match action {
        Quarantine::List(choice) => list(choice, config),
        Quarantine::Show(options) => show(options, config),
        Quarantine::Redrive(options) => redrive::run(options, config),
    }
}

fn list(choice: &QuarantineChoice, config: &Config) -> Result<()> {
    let store = setup::store(config)?;
    let mut counts = runtime()?.block_on(store.quarantine_counts())?;
    counts.retain(|it| choice.takes(&it.facility, &it.code));
    if counts.is_empty() {
        output::progress(&"nothing is in quarantine");
        return Ok(());
    }
    let head = ("facility", "code", "defects", "newest");
    output::line(&format_args!(
        "{:<10} {:<8} {:>8}  {:<16}  remedy",
        head.0, head.1, head.2, head.3
    ));
    for it in &counts {
        let newest = jiff::Timestamp::from_millisecond(it.newest_ms).unwrap_or_default();
        let newest = newest.strftime("%Y-%m-%dT%H:%MZ");
        output::line(&format_args!(
            "{:<10} {:<8} {:>8}  {newest}  {}",
            it.facility, it.code, it.n, it.remedy
        ));
    }
    Ok(())
}

fn show(options: &QuarantineShow, config: &Config) -> Result<()> {
    let QuarantineShow { facility, code, limit } = options;
    let store = setup::store(config)?;
    let mut places = runtime()?.block_on(store.quarantine_places(facility, *limit))?;
    places.retain(|it| code.as_ref().is_none_or(|code| *code == it.code));
    for it in &places {
        output::line(&format_args!(
            "{} {}/{}:{} {}\n    at {}:{} of the submissions; {}",
            it.code,
            it.document,
            it.file,
            it.line,
            it.column_name,
            it.partition,
            it.offset,
            it.remedy
        ));
    }
    if places.is_empty() {
        output::progress(&format_args!("nothing of facility {facility} is in quarantine"));
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

impl QuarantineChoice {
    fn takes(&self, facility: &str, code: &str) -> bool {
        self.facility.as_ref().is_none_or(|it| it == facility)
            && self.code.as_ref().is_none_or(|it| it == code)
    }
}
