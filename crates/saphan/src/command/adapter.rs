//! `saphan adapter`: reads a source system's files into the outbox, then sends the outbox.
//!
//! Reading never waits for the line: everything is on this machine's disk before the first byte is sent.

mod direct;
mod index;
mod report;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use saphan_adapters::{SinkError, f43, fhir_consent};
use saphan_edge::sender::{Drained, Progress, Until};
use saphan_edge::{EncodedSubmission, Outbox, Persons, Sender, SenderConfig};
use saphan_kafka::Shutdown;
use saphan_model::Submission;
use saphan_ops::Stop;
use saphan_ops::config::{Config, required};

use crate::cli::{Adapter, Feed};
use crate::{output, setup};

/// Reads and sends.
pub fn run(source: Adapter, config: &Config) -> Result<()> {
    match source {
        Adapter::F43(feed) => feed_all(&feed, config, &mut F43::open(&feed, config)?),
        Adapter::Consent(feed) => feed_all(&feed, config, &mut Consent { feed: &feed, config }),
        Adapter::Check => check(config),
    }
}

/// Says whose token the gateway takes it for; sends nothing.
fn check(config: &Config) -> Result<()> {
    let it = sender(config)?.check()?;
    let url = &config.edge.gateway_url;
    output::line(&format_args!(
        "{url} knows this token: facility {}, gateway {}",
        it.facility, it.version
    ));
    Ok(())
}

/// A source format: reads one document into a sink.
trait Source {
    fn read(&mut self, path: &Path, sink: &mut saphan_adapters::Sink<'_>) -> Result<String>;
}

struct F43 {
    options: f43::Options,
    index: index::Index,
    json: bool,
}

impl F43 {
    fn open(feed: &Feed, config: &Config) -> Result<Self> {
        let index = if feed.dry_run {
            index::Index::InMemory(f43::MemoryPersonIndex::default())
        } else {
            index::Index::OnDisk(Persons::open(&config.edge.dir)?)
        };
        let options = f43::Options {
            facility: feed.facility.clone(),
            long_codes: long_codes(config),
            ..f43::Options::default()
        };
        Ok(Self { options, index, json: feed.json })
    }
}

impl Source for F43 {
    fn read(&mut self, path: &Path, sink: &mut saphan_adapters::Sink<'_>) -> Result<String> {
        let report = f43::read(path, &self.options, &mut self.index, sink)?;
        self.index.commit()?;
        Ok(report::f43(&report, self.json))
    }
}

struct Consent<'a> {
    feed: &'a Feed,
    config: &'a Config,
}

impl Source for Consent<'_> {
    fn read(&mut self, path: &Path, sink: &mut saphan_adapters::Sink<'_>) -> Result<String> {
        let options = fhir_consent::Options {
            facility: self.feed.facility.clone(),
            long_codes: long_codes(self.config),
        };
        let (mut doubts, now) = (report::Doubts::default(), setup::now());
        let mut watched = |submission: Submission| {
            doubts.look(&submission, now);
            sink(submission)
        };
        let report = fhir_consent::read(path, &options, &mut watched)?;
        Ok(report::consent(&report, &doubts, self.feed.json))
    }
}

/// 9-character codes are known where a register of facilities is; a facility's own machine needs none.
fn long_codes(config: &Config) -> BTreeMap<String, String> {
    let Ok(topology) = saphan_topology::Topology::load(
        &config.topology.dir,
        config.topology.facilities.as_deref(),
    ) else {
        return BTreeMap::new();
    };
    topology.facilities.long_codes()
}

fn feed_all(feed: &Feed, config: &Config, source: &mut dyn Source) -> Result<()> {
    let mut trouble = Ok(());
    if feed.dry_run {
        for path in &feed.paths {
            match source.read(path, &mut |_| Ok(())) {
                Ok(report) => output::line(&report),
                Err(error) => trouble = Err(tell(path, &error, feed.json)),
            }
        }
        return trouble;
    }
    let mut outbox = Outbox::open(&config.edge.dir, config.edge.outbox_bytes_max)?;
    for path in &feed.paths {
        match store(path, source, &mut outbox) {
            Ok(report) => output::line(&report),
            Err(error) => trouble = Err(tell(path, &error, feed.json)),
        }
    }
    send(&mut outbox, feed.direct, config).and(trouble)
}

/// One bad document does not keep the others back; the command fails at its end.
fn tell(path: &Path, error: &anyhow::Error, as_json: bool) -> anyhow::Error {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let causes = output::causes(error);
    output::error(&format_args!("{name}: {causes}"));
    if as_json {
        let of_f43 = || error.downcast_ref().and_then(f43::F43Error::code);
        let code = error.downcast_ref().and_then(fhir_consent::ConsentError::code).or_else(of_f43);
        output::line(&report::refused(&name, code, &causes));
    }
    anyhow!("not every document could be read; see above")
}

fn store(path: &Path, source: &mut dyn Source, outbox: &mut Outbox) -> Result<String> {
    let mut writer = outbox.writer();
    let report = source.read(path, &mut |submission: Submission| {
        let encoded = EncodedSubmission::of(&submission).map_err(SinkError::new)?;
        writer.push(encoded).map_err(SinkError::new)
    });
    // What was read before a document broke off is good: events stand by themselves.
    writer.finish().context("write the outbox")?;
    report
}

fn sender(config: &Config) -> Result<Sender> {
    let edge = &config.edge;
    let token_file = required("edge.token-file", &edge.token_file)?;
    let settings = SenderConfig {
        ca_file: edge.ca_file.clone(),
        batch_events_max: usize::try_from(edge.batch_events_max)?,
        batch_bytes_max: usize::try_from(edge.batch_bytes_max)?,
        pause_max: Duration::from_secs(30),
        ..SenderConfig::new(edge.gateway_url.clone())
    };
    let token = move || {
        saphan_ops::config::read_secret_file(&token_file)
            .map(|it| it.expose().to_owned())
            .map_err(|it| it.to_string())
    };
    Ok(Sender::new(settings, Box::new(token))?)
}

/// Sends what the outbox holds, by the gateway or `direct` to `ingest.v1`, until it is empty.
pub fn send(outbox: &mut Outbox, direct: bool, config: &Config) -> Result<()> {
    let stop = Stop::new();
    let shutdown = Shutdown::new();
    let request = shutdown.clone();
    stop.then(move || request.request());
    saphan_ops::shutdown::on_signals(&stop, Duration::from_secs(60))?;
    if direct {
        let sent = direct::drain(outbox, config, &shutdown)?;
        output::progress(&format_args!("{sent} sent"));
        return Ok(());
    }
    let mut sender = sender(config)?;
    let pause = |time: Duration| {
        if time.is_zero() { shutdown.requested() } else { shutdown.pause(time) }
    };
    let mut totals = (0, 0);
    let drained = sender.drain(outbox, Until::Empty, &pause, &mut |it| match it {
        Progress::Answered { accepted, refused, .. } => {
            totals = (totals.0 + accepted, totals.1 + refused);
        }
        Progress::Paused { reason, pause, .. } => {
            output::progress(&format_args!(
                "{reason}; trying again in {:.0} s",
                pause.as_secs_f64()
            ));
        }
    })?;
    output::progress(&format_args!("{} accepted, {} refused", totals.0, totals.1));
    if drained == Drained::Stopped {
        output::progress(&"stopped; what is left is sent the next time");
    }
    ensure!(
        totals.1 == 0,
        "the gateway refused {} submissions; they are kept in the outbox (see `saphan outbox`):\n{}",
        totals.1,
        super::outbox::refused(outbox)?.trim_end()
    );
    Ok(())
}
