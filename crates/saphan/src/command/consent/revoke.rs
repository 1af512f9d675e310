//! `saphan consent revoke`: withdraws one directive and prints a receipt of where it stands in the log.
//!
//! The withdrawal is a new revision of the directive, sent the way every submission goes; the receipt is
//! what admit told every router about it. Who it is about is read from standard input only.

use std::io::BufRead as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use saphan_edge::{EncodedSubmission, Outbox};
use saphan_gateway::Desk;
use saphan_gateway::receipt::Standing;
use saphan_gateway::withdrawal::{Through, Withdrawal, signed_on};
use saphan_model::directive::Grantor;
use saphan_model::{
    Body, CitizenId, Content, EventId, EventType, FacilityCode, Private, Subject, Submission,
    Timestamp,
};
use saphan_ops::config::Config;

use super::receipt;
use crate::cli::ConsentRevoke;
use crate::command::adapter;
use crate::setup;

const POLL: Duration = Duration::from_millis(200);
const THROUGH: Through = Through {
    source: "consent-revoke",
    adapter: concat!("saphan-consent-revoke/", env!("CARGO_PKG_VERSION")),
};

/// Withdraws one directive.
pub fn run(options: &ConsentRevoke, config: &Config) -> Result<()> {
    let submission = submission(options)?;
    let keys = setup::keys(config)?;
    let event_id = keys.event_id(&options.facility, Some(EventType::Directive), &options.directive);
    let desk = receipt::desk(config)?;
    let before = desk.told_bounds()?.end;

    let mut outbox = Outbox::open(&config.edge.dir, config.edge.outbox_bytes_max)?;
    let mut writer = outbox.writer();
    writer.push(EncodedSubmission::of(&submission)?)?;
    writer.finish().context("write the outbox")?;
    adapter::send(&mut outbox, options.direct, config)?;

    let until = Instant::now() + Duration::from_secs(options.timeout);
    let given_at = given_at(&submission);
    let ask = || match standing(&desk, event_id, given_at, before)? {
        Some(it) => Ok(desk.receipt(&it, &desk.routed()?)?),
        None => Ok(None),
    };
    let mut told = wait(until, ask)?.context(
        "SP-2041: the withdrawal was sent, but admit has not appended it yet; see docs/errors/SP-2041.md",
    )?;
    if options.wait && !told.in_force {
        let passed = || Ok(desk.routed()?.past(told.places.all()).then_some(()));
        told.in_force = wait(until, passed)?.is_some();
    }
    receipt::print(&told, None, options.json);
    ensure!(
        told.in_force || !options.wait,
        "SP-2042: the withdrawal stands in the log, but route has not passed it yet; see docs/errors/SP-2042.md"
    );
    Ok(())
}

/// What is sent; whoever it is about stands nowhere else.
fn submission(options: &ConsentRevoke) -> Result<Submission> {
    let facility: FacilityCode = options.facility.parse().context("--facility")?;
    let now = setup::now();
    let signed = options.paper_signed_on.as_deref();
    let paper_signed_on =
        signed.map(|it| signed_on(it, now.thai_date())).transpose().context("--paper-signed-on")?;
    let withdrawal = Withdrawal {
        directive_id: options.directive.clone(),
        subject: subject(options)?,
        grantor: if options.guardian { Grantor::Guardian } else { Grantor::Patient },
        paper_signed_on,
    };
    Ok(withdrawal.submission(facility.as_str(), THROUGH, now))
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

/// When the directive says that it was withdrawn.
fn given_at(submission: &Submission) -> Timestamp {
    match &submission.content {
        Content::Put(Body::Directive(it)) => it.given_at,
        _ => submission.occurred_at,
    }
}

/// The withdrawal given at this instant, among the changes told at or after `first`. Where two people
/// withdraw the same directive by papers of one day at this very moment, either is as good.
fn standing(
    desk: &Desk,
    event_id: EventId,
    given_at: Timestamp,
    first: i64,
) -> Result<Option<Standing>> {
    let end = desk.told_bounds()?.end;
    let told = desk.told(first..end, |it| receipt::is_of(it, event_id))?;
    let own = told.iter().rfind(|it| {
        it.change.directive.as_ref().is_some_and(|of| !of.active && of.given_at == given_at)
    });
    Ok(own.and_then(|it| receipt::together(&told, it)))
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
