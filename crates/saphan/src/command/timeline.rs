//! `saphan timeline`: a patient's events, newest first, asked for by citizen ids on standard input.

use std::io::BufRead as _;

use anyhow::{Context, Result, bail};
use saphan_keys::Keys;
use saphan_model::{CitizenId, PatientId, Timestamp};
use saphan_ops::config::Config;
use saphan_store::query::TimelineEntry;
use serde_json::json;

use crate::cli::Timeline;
use crate::{output, setup};

/// Answers one line of input after the other; an input line is never repeated in an answer.
pub fn run(options: &Timeline, config: &Config) -> Result<()> {
    let keys = setup::keys(config)?;
    let store = setup::store(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.context("read standard input")?;
        let patient = patient(&keys, line.trim(), options.local)
            .with_context(|| format!("line {} of standard input", number + 1))?;
        let entries = runtime.block_on(store.timeline(patient, options.limit))?;
        if options.json {
            print_json(&entries);
        } else {
            print_text(number, &entries);
        }
    }
    Ok(())
}

/// The pseudonym of one line of input.
pub fn patient(keys: &Keys, line: &str, local: bool) -> Result<PatientId> {
    if !local {
        return Ok(keys.pseudonym(&CitizenId::parse(line)?));
    }
    let Some((facility, number)) = line.split_once(':') else {
        bail!("a local number is written as facility:number");
    };
    Ok(keys.local_pseudonym(facility, number))
}

fn print_json(entries: &[TimelineEntry]) {
    let events: Vec<_> = entries
        .iter()
        .map(|it| {
            json!({
                "event_id": it.event_id.to_hex(),
                "event_type": it.event_type,
                "facility": it.facility,
                "occurred_on": occurred_on(it),
                "main_code": it.main_code,
                "labels": it.labels,
            })
        })
        .collect();
    output::line(&json!({ "events": events }));
}

fn print_text(number: usize, entries: &[TimelineEntry]) {
    output::line(&format_args!("patient {} of the input: {} events", number + 1, entries.len()));
    for it in entries {
        let labels = if it.labels.is_empty() {
            String::new()
        } else {
            format!("  [{}]", it.labels.join(", "))
        };
        output::line(&format_args!(
            "  {}  {:<15} {:<9} {}{labels}",
            occurred_on(it),
            it.event_type,
            it.facility,
            it.main_code
        ));
    }
}

fn occurred_on(it: &TimelineEntry) -> String {
    Timestamp(it.occurred_at_ms).thai_date().to_string()
}
