//! The agencies' topics, read as an agency would (read_committed): what lies there is what the truth
//! says was delivered, and no source record lies there twice.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use saphan_kafka::{Admin, Isolation, KafkaConfig, Reader};

use super::{Figures, Finding, compare, truth};
use crate::platform::Site;

/// Records in each agency topic against deliveries plus retractions of the truth.
pub fn delivered(site: &Site, dir: &Path) -> Result<Finding> {
    let file = dir.join("deliveries.csv");
    let mut expected = truth(&file, 2, "delivered")?;
    for (key, n) in truth(&file, 2, "retracted")? {
        *expected.entry(key).or_default() += n;
    }
    let mut seen = Figures::new();
    for (topic, key) in agency_topics(site)? {
        let n = reader(site)?.read_to_end(&topic, |_| {})?;
        if n > 0 {
            seen.insert(key, i64::try_from(n)?);
        }
    }
    Ok(compare("records in agency topics", &expected, &seen))
}

/// Each record of an agency topic names its source record; none may be named twice in one topic.
pub fn sources(site: &Site) -> Result<Finding> {
    let (mut expected, mut seen) = (Figures::new(), Figures::new());
    for (topic, key) in agency_topics(site)? {
        let mut sources = BTreeSet::new();
        let n = reader(site)?.read_to_end(&topic, |it| {
            sources.insert(it.headers.get("src").unwrap_or_default().to_vec());
        })?;
        expected.insert(key.clone(), i64::try_from(n)?);
        seen.insert(key, i64::try_from(sources.len())?);
    }
    Ok(compare("distinct sources in agency topics", &expected, &seen))
}

fn reader(site: &Site) -> Result<Reader> {
    let kafka = KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone());
    Ok(Reader::new(&kafka, "check", Isolation::Committed)?)
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
