//! `saphan explain`: what was delivered or withheld, to whom, when and on which basis, from the log.

mod print;

use std::io::BufRead as _;

use anyhow::{Context, Result, bail};
use saphan_keys::Keys;
use saphan_model::{EventId, EventType};
use saphan_ops::config::Config;
use saphan_proof::Question;

use crate::cli::{Explain, ExplainEvent, ExplainOptions, ExplainPatient};
use crate::{output, setup};

use super::{timeline, verify};

/// Answers.
pub fn run(asked: Explain, config: &Config) -> Result<()> {
    let keys = setup::keys(config)?;
    match asked {
        Explain::Patient(ExplainPatient { pseudonym, local, options }) => {
            let Some(text) = pseudonym else {
                return each_line(|line| {
                    let patient = timeline::patient(&keys, line, local)?;
                    answer(Question::Patient(patient), &options, config)
                });
            };
            answer(Question::Patient(verify::pseudonym(&text)?), &options, config)
        }
        Explain::Event(it) => match &it.event {
            Some(text) => {
                let event =
                    EventId::from_hex(text).context("an event id has 32 hexadecimal digits")?;
                answer(Question::Event(event), &it.options, config)
            }
            None => each_line(|line| {
                answer(Question::Event(named(&keys, &it, line)?), &it.options, config)
            }),
        },
        Explain::Agency { agency, options } => answer(Question::Agency(agency), &options, config),
    }
}

/// An event by what its facility calls it.
fn named(keys: &Keys, asked: &ExplainEvent, natural_key: &str) -> Result<EventId> {
    let (Some(facility), Some(kind)) = (&asked.facility, &asked.kind) else {
        bail!(
            "give the event's id, or --facility and --type and its natural key on standard input"
        );
    };
    let kind: EventType = kind.parse().context("--type")?;
    Ok(keys.event_id(facility, Some(kind), natural_key))
}

/// Lines of standard input, where other users of the machine do not see them; never repeated.
fn each_line(mut answer: impl FnMut(&str) -> Result<()>) -> Result<()> {
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.context("read standard input")?;
        answer(line.trim()).with_context(|| format!("line {} of standard input", number + 1))?;
    }
    Ok(())
}

fn answer(question: Question, options: &ExplainOptions, config: &Config) -> Result<()> {
    let until = options.until.as_deref().map(position).transpose()?;
    let parts = verify::Parts::load(config)?;
    let routes = parts.topology.routes();
    let agency = match &question {
        Question::Agency(id) => Some(routes.index_of(id).with_context(|| {
            format!("no contract of an agency {id} is in {}", config.topology.dir.display())
        })?),
        Question::Patient(_) | Question::Event(_) => None,
    };
    let mut records = 0;
    let explainer = parts.live(config)?.explain(question, until, &mut |told| {
        records += 1;
        if options.json {
            output::line(&print::record_json(&told));
        } else {
            print::record(&told);
        }
    })?;
    match agency {
        Some(agency) if options.json => {
            output::line(&print::agency_json(routes, agency, &explainer));
        }
        Some(agency) => print::agency(routes, agency, &explainer),
        None if records == 0 => output::progress(&"the log holds no such record"),
        None => {}
    }
    Ok(())
}

fn position(text: &str) -> Result<(i32, i64)> {
    let parsed = text
        .split_once(':')
        .and_then(|(partition, offset)| Some((partition.parse().ok()?, offset.parse().ok()?)));
    parsed.context("--until: write a position as PARTITION:OFFSET")
}
