//! `saphan consent receipt`: where the last change of one directive stands in the log, however it came
//! in, and how receipts are printed.

use anyhow::{Context, Result, bail};
use saphan_gateway::desk::{Desk, Told};
use saphan_gateway::receipt::{Receipt, Standing};
use saphan_kafka::Record;
use saphan_model::{EventId, EventType};
use saphan_ops::config::Config;
use serde_json::{Value, json};

use crate::cli::ConsentReceipt;
use crate::{output, setup};

/// Prints it.
pub fn run(options: &ConsentReceipt, config: &Config) -> Result<()> {
    let keys = setup::keys(config)?;
    let event_id = keys.event_id(&options.facility, Some(EventType::Directive), &options.directive);
    let desk = desk(config)?;
    let bounds = desk.told_bounds()?;
    let told = desk.told(bounds.first..bounds.end, |it| is_of(it, event_id))?;
    let Some(last) = told.last() else {
        bail!("SP-2044: no change of such a directive is in the log; see docs/errors/SP-2044.md");
    };
    let state =
        match told.iter().rfind(|it| it.source == last.source && it.change.directive.is_some()) {
            Some(Told { change, .. }) if change.directive.as_ref().is_some_and(|it| it.active) => {
                "given"
            }
            Some(_) => "withdrawn",
            None => "taken-back",
        };
    let standing = together(&told, last).unwrap_or_else(|| Standing::end(&last.change));
    let receipt = desk.receipt(&standing, &desk.routed()?)?;
    let receipt = receipt.context("the record is being committed; ask again")?;
    print(&receipt, Some(state), options.json);
    Ok(())
}

/// Where receipts are looked up.
pub fn desk(config: &Config) -> Result<Desk> {
    Ok(Desk::open(&setup::kafka(config)?, setup::desk_names(config)?, setup::schema_ids(config)?)?)
}

/// Is it a change of this directive, whoever it is about?
pub fn is_of(record: &Record<'_>, event_id: EventId) -> bool {
    record.key.is_some_and(|it| it.ends_with(&event_id.0))
}

/// What came with the same submission as one of the changes; none where nothing was put.
pub fn together(told: &[Told], one: &Told) -> Option<Standing> {
    let same =
        |it: &&Told| it.offset == one.offset || (!one.source.is_empty() && it.source == one.source);
    let changes: Vec<_> = told.iter().filter(same).map(|it| it.change.clone()).collect();
    Standing::of(&changes)
}

/// Prints a receipt; `state` is what became of the directive, where that is asked.
pub fn print(receipt: &Receipt, state: Option<&str>, as_json: bool) {
    let Receipt { places, appended_at, sha256, in_force } = receipt;
    let own = places.own();
    if as_json {
        let mut line = json!({
            "receipt": places.to_string(),
            "partition": own.partition,
            "offset": own.offset,
            "appended_at_ms": appended_at.0,
            "sha256": sha256,
            "in_force": in_force,
        });
        if let Some(state) = state {
            line["state"] = Value::from(state);
        }
        output::line(&line);
        return;
    }
    let at = jiff::Timestamp::from_millisecond(appended_at.0).unwrap_or_default();
    let (partition, offset) = (own.partition, own.offset);
    if let Some(state) = state {
        output::line(&format_args!("directive {state}"));
    }
    output::line(&format_args!("receipt   {partition}:{offset} of the patient log, appended {at}"));
    output::line(&format_args!("sha256    {sha256}"));
    let routed = if *in_force {
        "route has passed it"
    } else {
        "route withholds what came before it as soon as it hears of it, and has not passed it yet"
    };
    output::line(&format_args!("in force  {routed}"));
}
