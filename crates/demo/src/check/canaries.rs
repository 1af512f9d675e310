//! Canary people: their ids, names and local numbers must occur in no log, metric, key, header or
//! error body of a run.

use std::path::{Path, PathBuf};

use anyhow::Result;
use saphan_kafka::{Admin, Isolation, KafkaConfig, Reader};

use super::{Figures, Finding, compare};
use crate::platform::Site;

/// Searches every place where a canary must not be. `metrics` are the texts of the metrics pages.
pub fn search(site: &Site, feed: &Path, metrics: &[String]) -> Result<Finding> {
    let text = std::fs::read_to_string(feed.join("canaries.txt"))?;
    let canaries: Vec<&str> =
        text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    anyhow::ensure!(!canaries.is_empty(), "canaries.txt is empty");
    let mut seen = Figures::new();
    let mut note = |place: String, bytes: &[u8]| {
        for (number, canary) in canaries.iter().enumerate() {
            if contains(bytes, canary.as_bytes()) {
                *seen.entry(vec![format!("canary#{number}"), place.clone()]).or_default() += 1;
            }
        }
    };
    for log in logs(site)? {
        note(format!("log {}", log.display()), &std::fs::read(&log)?);
    }
    for page in metrics {
        note("metrics".to_owned(), page.as_bytes());
    }
    let kafka = KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone());
    let reader = Reader::new(&kafka, "canaries", Isolation::Committed)?;
    for topic in Admin::new(&kafka)?.list_topics()?.into_keys() {
        if !topic.starts_with(&site.prefix) || topic.starts_with("__") {
            continue;
        }
        reader.read_to_end(&topic, |record| {
            note(format!("key in {topic}"), record.key.unwrap_or_default());
            for (name, value) in record.headers.iter() {
                note(format!("header {name} in {topic}"), value);
            }
        })?;
    }
    Ok(compare("canaries in logs, metrics, keys, headers", &Figures::new(), &seen))
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|it| it == word)
}

fn logs(site: &Site) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for dir in [site.dir.join("logs"), site.parts.dir.join("logs")] {
        if let Ok(entries) = std::fs::read_dir(dir) {
            for entry in entries {
                let path = entry?.path();
                if path.is_file() {
                    found.push(path);
                }
            }
        }
    }
    Ok(found)
}
