//! `saphan consent export`: the directives of one person as they stand in the log, as FHIR R4 Consent
//! resources, one a line. Who it is about is read from standard input only, and stands in the answer.

use std::collections::BTreeMap;
use std::io::BufRead as _;

use anyhow::{Context, Result};
use saphan_adapters::fhir_consent;
use saphan_kafka::{Isolation, Reader, partition_of};
use saphan_model::directive::Directive;
use saphan_model::{Body, CitizenId, Event, EventId, EventType, LogRecord};
use saphan_ops::config::Config;

use crate::cli::ConsentExport;
use crate::{output, setup};

/// Prints them.
pub fn run(options: &ConsentExport, config: &Config) -> Result<()> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("read standard input")?;
    let citizen_id = CitizenId::parse(line.trim()).context("standard input")?;
    let patient = setup::keys(config)?.pseudonym(&citizen_id);

    let reader = Reader::new(&setup::kafka(config)?, "consent-export", Isolation::Committed)?;
    let (ids, topic) = (setup::schema_ids(config)?, setup::names(config)?.patient_log());
    let partitions = i32::try_from(reader.partitions(&topic)?).context("partitions")?;
    let partition = partition_of(&patient.0, partitions);
    let bounds = reader.bounds(&topic, partition)?;
    let (mut standing, mut unread) = (Standing::default(), None);
    if bounds.first < bounds.end {
        reader.read_range(&topic, partition, bounds.first, bounds.end - 1, |record| {
            if record.key != Some(&patient.0[..]) {
                return;
            }
            match saphan_codec::decode_log(record.value.unwrap_or_default(), &ids) {
                Ok(it) => standing.take(it),
                Err(why) => unread = Some(why),
            }
        })?;
    }
    if let Some(why) = unread {
        anyhow::bail!("SP-1331: a record of the patient log cannot be read: {why}");
    }
    let told = standing.0.values().filter(|it| it.directive.active || options.withdrawn);
    let mut number = 0;
    for it in told {
        output::line(&fhir_consent::resource(&it.directive, citizen_id, &it.facility));
        number += 1;
    }
    if number == 0 {
        output::progress(&"the log holds no such directive");
    }
    Ok(())
}

/// The newest revision of each directive.
#[derive(Default)]
struct Standing(BTreeMap<EventId, Recorded>);

struct Recorded {
    facility: String,
    directive: Directive,
}

impl Standing {
    fn take(&mut self, record: LogRecord) {
        let event_id = record.envelope.event_id;
        match record.event {
            Event::Put(Body::Directive(directive)) => {
                let (facility, directive) = (record.envelope.facility, *directive);
                self.0.insert(event_id, Recorded { facility, directive });
            }
            Event::Retract { retracted_type: EventType::Directive, .. } => {
                self.0.remove(&event_id);
            }
            _ => {}
        }
    }
}
