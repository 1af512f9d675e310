//! `saphan verify`: replays the patient log and compares it with decisions, agency topics and ledger.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use saphan_codec::SchemaIds;
use saphan_keys::Keys;
use saphan_model::{AgencyId, PatientId, Timestamp};
use saphan_ops::config::Config;
use saphan_ops::exit;
use saphan_proof::{Finding, Live, Options, Platform, Report, Scope};
use saphan_topology::{Names, Topology, deploy};
use serde_json::{Value, json};

use crate::cli::Verify;
use crate::{output, setup};

/// Verifies and reports; the exit code says whether there are findings.
pub fn run(options: &Verify, config: &Config) -> Result<u8> {
    let scope = scope(options)?;
    let parts = Parts::load(config)?;
    if let Some(agency) = &scope.agency
        && parts.topology.routes().index_of(agency.as_str()).is_none()
    {
        bail!("no contract of an agency {agency} is in {}", config.topology.dir.display());
    }
    let work_dir = options.work_dir.clone().unwrap_or_else(std::env::temp_dir);
    let asked = Options { scope, limit: options.findings, work_dir };
    let report = parts.live(config)?.verify(&asked, &mut |it| output::progress(&it))?;
    if options.json {
        output::line(&as_json(&report));
    } else {
        print(&report);
    }
    Ok(if report.clean() { exit::DONE } else { exit::FINDINGS })
}

/// What a replay needs to know of the platform.
pub struct Parts {
    /// Contracts and topics.
    pub topology: Topology,
    keys: Keys,
    names: Names,
    ids: Arc<SchemaIds>,
    rule_ids: Vec<u32>,
}

impl Parts {
    /// From files and registry.
    pub fn load(config: &Config) -> Result<Self> {
        let topology = setup::topology(config)?;
        let (keys, names) = (setup::keys(config)?, setup::names(config)?);
        let ids = deploy::load_all_versions(&setup::registry(config)).context("load schema ids")?;
        let rule_ids = setup::rule_ids(config, &topology)?;
        Ok(Self { topology, keys, names, ids: ids.into(), rule_ids })
    }

    /// The platform, to be read.
    pub fn live(&self, config: &Config) -> Result<Live<'_>> {
        Ok(Live {
            kafka: setup::kafka(config)?,
            admit_group: format!("{}admit", self.names.prefix()),
            route_group: format!("{}route", self.names.prefix()),
            platform: Platform {
                topology: &self.topology,
                rule_ids: &self.rule_ids,
                keys: &self.keys,
                ids: self.ids.clone(),
                names: &self.names,
            },
        })
    }
}

fn scope(options: &Verify) -> Result<Scope> {
    let since = options.since.as_deref().map(instant).transpose()?;
    let agency = options.agency.as_deref().map(str::parse::<AgencyId>).transpose();
    let patient = options.patient.as_deref().map(pseudonym).transpose()?;
    let heard_within_ms = i64::from(options.heard_within) * 1_000;
    Ok(Scope { since, agency: agency.context("--agency")?, patient, heard_within_ms })
}

/// An instant as a person writes it.
pub fn instant(text: &str) -> Result<Timestamp> {
    let instant: jiff::Timestamp =
        text.parse().context("write an instant like 2026-03-01T00:00:00+07:00")?;
    Ok(Timestamp(instant.as_millisecond()))
}

/// A pseudonym as reports write it.
pub fn pseudonym(text: &str) -> Result<PatientId> {
    PatientId::from_hex(text).context("a pseudonym has 32 hexadecimal digits")
}

fn print(report: &Report) {
    let counts = &report.counts;
    output::line(&format_args!(
        "{} records of the patient log replayed, {} compared with {} decisions and deliveries; {} not \
         routed yet",
        counts.replayed, counts.compared, counts.outputs, counts.in_flight
    ));
    if counts.expired > 0 {
        output::line(&format_args!(
            "{} outputs are older than what their topics keep and were not looked for",
            counts.expired
        ));
    }
    if let Some(it) = &report.balance {
        output::line(&format_args!(
            "submissions: {} ended = {} admitted + {} unchanged + {} quarantined; {} on their way; {} \
             records appended",
            it.ended, it.admitted, it.unchanged, it.quarantined, it.in_flight, it.appended
        ));
    }
    output::line(&format_args!(
        "\n{:<16} {:>12} {:>12} {:>12}",
        "agency", "delivered", "taken back", "withheld"
    ));
    for (agency, it) in &report.agencies {
        output::line(&format_args!(
            "{agency:<16} {:>12} {:>12} {:>12}",
            it.delivered, it.retracted, it.withheld
        ));
    }
    if report.clean() {
        output::line(
            &"\nNo findings: everything that left was permitted, and everything due is there.",
        );
        return;
    }
    output::line(&format_args!("\n{} finding(s):", report.total()));
    for (kind, count) in &report.by_kind {
        output::line(&format_args!("\n{}  {kind}  {count}\n    {}", kind.code(), kind.meaning()));
        let of_kind = report.findings.iter().filter(|it| it.kind == *kind);
        of_kind.for_each(print_finding);
        let listed = report.findings.iter().filter(|it| it.kind == *kind).count();
        if (listed as u64) < *count {
            output::line(&format_args!("    … and {} more", count - listed as u64));
        }
    }
}

fn print_finding(it: &Finding) {
    let mut places = Vec::new();
    if let Some(source) = &it.source {
        places.push(format!("record {source}"));
    }
    if let Some(instant) = it.appended_at {
        places.push(format!("of {instant}"));
    }
    if let Some(event) = it.event_id {
        places.push(format!("event {event:?}"));
    }
    if let Some(found) = &it.found_at {
        places.push(format!("found at {found}"));
    }
    output::line(&format_args!("  - {}\n      {}", it.detail, places.join(", ")));
}

fn as_json(report: &Report) -> Value {
    let counts = &report.counts;
    let by_kind: Value =
        report.by_kind.iter().map(|it| (it.0.as_str().to_owned(), json!(it.1))).collect();
    let agencies: Value = report
        .agencies
        .iter()
        .map(|(agency, it)| {
            let counts =
                json!({"delivered": it.delivered, "retracted": it.retracted, "withheld": it.withheld});
            (agency.clone(), counts)
        })
        .collect();
    let balance = report.balance.map(|it| {
        json!({
            "ended": it.ended, "admitted": it.admitted, "unchanged": it.unchanged,
            "quarantined": it.quarantined, "appended": it.appended, "in_flight": it.in_flight,
        })
    });
    json!({
        "clean": report.clean(),
        "replayed": counts.replayed, "compared": counts.compared, "outputs": counts.outputs,
        "in_flight": counts.in_flight, "expired": counts.expired,
        "submissions": balance, "agencies": agencies, "findings_by_kind": by_kind,
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

fn finding_json(it: &Finding) -> Value {
    json!({
        "kind": it.kind.as_str(), "code": it.kind.code(), "meaning": it.kind.meaning(),
        "detail": it.detail, "agency": it.agency,
        "event_id": it.event_id.map(|it| it.to_hex()),
        "source": it.source.as_ref().map(ToString::to_string),
        "appended_at": it.appended_at.map(|it| it.to_string()),
        "found_at": it.found_at.as_ref().map(ToString::to_string),
    })
}
