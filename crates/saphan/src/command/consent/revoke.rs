//! `saphan consent revoke`: withdraws one directive and prints a receipt of where it stands in the log.
//!
//! The withdrawal is a new revision of the directive, sent the way every submission goes; the receipt is
//! what admit told every router about it. Who it is about is read from standard input only.

use std::io::BufRead as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use saphan_codec::SchemaIds;
use saphan_edge::{EncodedSubmission, Outbox};
use saphan_kafka::{Admin, Isolation, Reader};
use saphan_model::admission::ConsentChange;
use saphan_model::directive::{Directive, Effect, Grantor, Method};
use saphan_model::{
    Body, CitizenId, Content, EventId, EventType, FacilityCode, Private, Provenance, Subject,
    Submission, Timestamp,
};
use saphan_ops::config::Config;
use saphan_topology::Names;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::cli::ConsentRevoke;
use crate::command::adapter;
use crate::{output, setup};

const POLL: Duration = Duration::from_millis(200);

/// Withdraws one directive.
pub fn run(options: &ConsentRevoke, config: &Config) -> Result<()> {
    let submission = withdrawal(options, subject(options)?)?;
    let keys = setup::keys(config)?;
    let event_id = keys.event_id(&options.facility, Some(EventType::Directive), &options.directive);
    let desk = Desk::open(config)?;
    let before = desk.reader.bounds(&desk.names.consent_revoked(), 0)?.end;

    let mut outbox = Outbox::open(&config.edge.dir, config.edge.outbox_bytes_max)?;
    let mut writer = outbox.writer();
    writer.push(EncodedSubmission::of(&submission)?)?;
    writer.finish().context("write the outbox")?;
    adapter::send(&mut outbox, options.direct, config)?;

    let until = Instant::now() + Duration::from_secs(options.timeout);
    let change = wait(until, || desk.change(event_id, submission.occurred_at, before))?.context(
        "SP-2041: the withdrawal was sent, but admit has not appended it yet; see docs/errors/SP-2041.md",
    )?;
    let hash = desk.hash(&change)?;
    let passed = || Ok(desk.in_force(&change)?.then_some(()));
    let in_force = if options.wait { wait(until, passed)? } else { passed()? }.is_some();
    print(options, &change, &hash, in_force);
    ensure!(
        in_force || !options.wait,
        "SP-2042: the withdrawal stands in the log, but route has not passed it yet; see docs/errors/SP-2042.md"
    );
    Ok(())
}

/// Reads one line; it is never repeated.
fn subject(options: &ConsentRevoke) -> Result<Subject> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("read standard input")?;
    let line = line.trim();
    if !options.local {
        let citizen_id = CitizenId::parse(line).context("standard input")?;
        return Ok(Subject { citizen_id: Some(citizen_id), local_id: None });
    }
    match line.split_once(':') {
        Some((facility, number)) if facility == options.facility && !number.is_empty() => {
            Ok(Subject { citizen_id: None, local_id: Some(Private::new(number.to_owned())) })
        }
        _ => bail!("standard input: write a local number as FACILITY:NUMBER, of the same facility"),
    }
}

/// The directive, withdrawn.
fn withdrawal(options: &ConsentRevoke, subject: Subject) -> Result<Submission> {
    let facility: FacilityCode = options.facility.parse().context("--facility")?;
    let now = setup::now();
    let directive = Directive {
        directive_id: options.directive.clone(),
        active: false,
        base: Effect::Deny,
        provisions: Vec::new(),
        valid_from: None,
        valid_until: None,
        grantor: Grantor::Patient,
        method: Method::Electronic,
        given_at: now,
        note: None,
    };
    Ok(Submission {
        facility: facility.to_string(),
        subject,
        natural_key: Private::new(options.directive.clone()),
        occurred_at: now,
        recorded_at: now,
        provenance: Provenance {
            source: "consent-revoke".to_owned(),
            adapter: concat!("saphan-consent-revoke/", env!("CARGO_PKG_VERSION")).to_owned(),
            ..Provenance::default()
        },
        defaulted: Vec::new(),
        content: Content::Put(Body::Directive(Box::new(directive))),
    })
}

/// Asks until there is an answer or the time is up.
fn wait<T>(until: Instant, ask: impl Fn() -> Result<Option<T>>) -> Result<Option<T>> {
    loop {
        if let Some(answer) = ask()? {
            return Ok(Some(answer));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// Where receipts are looked up.
struct Desk {
    reader: Reader,
    admin: Admin,
    names: Names,
    ids: std::sync::Arc<SchemaIds>,
}

impl Desk {
    fn open(config: &Config) -> Result<Self> {
        let kafka = setup::kafka(config)?;
        Ok(Self {
            reader: Reader::new(&kafka, "consent", Isolation::Committed)?,
            admin: Admin::new(&kafka)?,
            names: setup::names(config)?,
            ids: setup::schema_ids(config)?,
        })
    }

    /// The withdrawal given at this instant, among the changes told at or after `first`.
    fn change(
        &self,
        event_id: EventId,
        given_at: Timestamp,
        first: i64,
    ) -> Result<Option<ConsentChange>> {
        let topic = self.names.consent_revoked();
        let end = self.reader.bounds(&topic, 0)?.end;
        if end <= first {
            return Ok(None);
        }
        let mut found = None;
        self.reader.read_range(&topic, 0, first, end - 1, |record| {
            let ours = record.key.is_some_and(|it| it.ends_with(&event_id.0));
            let Some(value) = record.value.filter(|_| ours) else { return };
            let change = saphan_codec::decode_framed::<ConsentChange>(value, &self.ids);
            let sent = |it: &ConsentChange| {
                it.directive.as_ref().is_some_and(|of| of.given_at == given_at)
            };
            found = change.ok().filter(sent).or(found.take());
        })?;
        Ok(found)
    }

    /// SHA-256 of the value of the record in the log.
    fn hash(&self, change: &ConsentChange) -> Result<String> {
        let (topic, mut hash) = (self.names.patient_log(), None);
        self.reader.read_range(&topic, change.partition, change.offset, change.offset, |it| {
            let digest = Sha256::digest(it.value.unwrap_or_default());
            hash = Some(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        })?;
        hash.context("the record of the withdrawal is not in the patient log")
    }

    /// Has route committed past it?
    fn in_force(&self, change: &ConsentChange) -> Result<bool> {
        let group = format!("{}route", self.names.prefix());
        let positions = self.admin.positions(&group, &[&self.names.patient_log()])?;
        let at = positions.iter().find(|it| it.partition == change.partition);
        Ok(at.and_then(|it| it.committed).is_some_and(|next| next > change.offset))
    }
}

fn print(options: &ConsentRevoke, change: &ConsentChange, hash: &str, in_force: bool) {
    let ConsentChange { partition, offset, appended_at, .. } = change;
    if options.json {
        output::line(&json!({
            "partition": partition,
            "offset": offset,
            "appended_at_ms": appended_at.0,
            "sha256": hash,
            "in_force": in_force,
        }));
        return;
    }
    let at = jiff::Timestamp::from_millisecond(appended_at.0).unwrap_or_default();
    output::line(&format_args!("receipt   {partition}:{offset} of the patient log, appended {at}"));
    output::line(&format_args!("sha256    {hash}"));
    let routed = if in_force {
        "route has passed it"
    } else {
        "route withholds what came before it as soon as it hears of it, and has not passed it yet"
    };
    output::line(&format_args!("in force  {routed}"));
}
