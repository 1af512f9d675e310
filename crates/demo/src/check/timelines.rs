//! The full timelines of sampled patients, asked for as a clinician would ask: by `saphan timeline`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Figures, Finding, compare};
use crate::platform::{Site, path};

/// Compares every sampled patient's events, those with a citizen id and those without.
pub fn all(site: &Site, dir: &Path) -> Result<Vec<Finding>> {
    let file = dir.join("timelines.ndjson");
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
    let people: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let (citizens, local): (Vec<_>, Vec<_>) = people.iter().partition(|it| it["cid"].is_string());
    let mut findings = Vec::new();
    for (what, people, flag) in [
        ("timelines by citizen id", citizens, None),
        ("timelines by local number", local, Some("--local")),
    ] {
        if people.is_empty() {
            continue;
        }
        let asked = people.iter().map(|it| question(it)).collect::<Result<Vec<_>>>()?;
        let answers = ask(site, &asked, flag)?;
        let expected = number(people.iter().map(|it| &it["events"]));
        let seen = number(answers.iter().map(|it| &it["events"]));
        findings.push(compare(format!("{what} ({} people)", people.len()), &expected, &seen));
    }
    Ok(findings)
}

fn question(person: &Value) -> Result<String> {
    if let Some(cid) = person["cid"].as_str() {
        return Ok(cid.to_owned());
    }
    let part =
        |name: &str| person[name].as_str().with_context(|| format!("a person without {name}"));
    Ok(format!("{}:{}", part("facility")?, part("pid")?))
}

fn ask(site: &Site, asked: &[String], flag: Option<&str>) -> Result<Vec<Value>> {
    let mut child = Command::new(&site.program)
        .args(["--config", path(&site.config)?, "timeline", "--json", "--limit", "10000"])
        .args(flag)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let mut stdin = child.stdin.take().context("a pipe")?;
    let text = asked.join("\n") + "\n";
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().expect("the writer does not panic")?;
    if !output.status.success() {
        bail!("saphan timeline failed ({})", output.status);
    }
    let lines = String::from_utf8(output.stdout)?;
    lines.lines().map(|it| Ok(serde_json::from_str(it)?)).collect()
}

/// Patients are numbered by their place in the sample, so that no report names one.
fn number<'a>(timelines: impl Iterator<Item = &'a Value>) -> Figures {
    let mut figures = BTreeMap::new();
    for (patient, events) in timelines.enumerate() {
        for event in events.as_array().into_iter().flatten() {
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            if matches!(text("event_type").as_str(), "person" | "directive") {
                continue; // the truth lists what happened to a patient, not who they are
            }
            let key = vec![
                format!("patient#{patient}"),
                text("event_type"),
                text("facility"),
                text("occurred_on"),
                text("main_code"),
            ];
            *figures.entry(key).or_default() += 1;
        }
    }
    figures
}
