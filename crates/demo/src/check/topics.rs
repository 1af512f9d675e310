//! The agencies' topics, read as an agency would (read_committed): what lies there is what the truth
//! says was delivered, and nothing made from one source record lies there twice.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use saphan_kafka::{Admin, KafkaConfig};

use super::{Figures, Finding, Strict, compare, truth};
use crate::log::each_topic;
use crate::platform::Site;

/// Records in each agency topic against deliveries plus retractions of the truth; and their sources: each
/// record names its source record and its event, and no such pair may stand twice in one topic.
pub fn all(site: &Site, dir: &Path, strict: Strict) -> Result<Vec<Finding>> {
    let file = dir.join("deliveries.csv");
    let mut expected = truth(&file, 2, "delivered")?;
    for (key, n) in truth(&file, 2, "retracted")? {
        *expected.entry(key).or_default() += n;
    }
    let (topics, keys): (Vec<_>, Vec<_>) = agency_topics(site)?.into_iter().unzip();
    let counts = each_topic(site, &topics, |reader, topic| {
        let mut sources = BTreeSet::new();
        let n = reader.read_to_end(topic, |it| {
            let source = it.headers.get("src").unwrap_or_default().to_vec();
            sources.insert((source, event(it.value.unwrap_or_default()).to_vec()));
        })?;
        Ok((i64::try_from(n)?, i64::try_from(sources.len())?))
    })?;
    let (mut records, mut distinct) = (Figures::new(), Figures::new());
    for (key, (n, sources)) in keys.into_iter().zip(counts).filter(|it| it.1.0 > 0) {
        records.insert(key.clone(), n);
        distinct.insert(key, sources);
    }
    let mut findings = vec![compare("distinct sources in agency topics", &records, &distinct)];
    if strict.decisions {
        findings.push(compare("records in agency topics", &expected, &records));
    }
    Ok(findings)
}

/// The event a record is about: every derived schema begins with it, behind the registry's frame of
/// five bytes.
fn event(value: &[u8]) -> &[u8] {
    value.get(5..21).unwrap_or_default()
}

/// Topic names with the agency and type they carry: `agency.<id>.<type>.v1`.
fn agency_topics(site: &Site) -> Result<Vec<(String, Vec<String>)>> {
    let kafka = KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone());
    let topics = Admin::new(&kafka)?.list_topics()?;
    let start = site.name("agency.");
    Ok(topics
        .into_keys()
        .filter_map(|topic| {
            let rest = topic.strip_prefix(&start)?.strip_suffix(".v1")?;
            let (agency, kind) = rest.split_once('.')?;
            Some((topic.clone(), vec![agency.to_owned(), kind.to_owned()]))
        })
        .collect())
}
