//! Canary people: their ids, names and local numbers must occur in no log, metric, key, header or
//! error body of a run.

use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use anyhow::Result;
use saphan_kafka::{Admin, KafkaConfig};

use super::{Figures, Finding, compare};
use crate::log::each_topic;
use crate::platform::Site;

/// Topics whose values, too, must tell nobody: no contract of the regions gives an identity.
const ANONYMOUS: &[&str] = &["agency.region-", "decision.", "admission.", "quarantine."];

/// Searches every place where a canary must not be. `metrics` are the texts of the metrics pages.
pub fn search(site: &Site, feed: &Path, metrics: &[String]) -> Result<Finding> {
    let text = std::fs::read_to_string(feed.join("canaries.txt"))?;
    let canaries: Vec<&str> =
        text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    anyhow::ensure!(!canaries.is_empty(), "canaries.txt is empty");
    let search = Search(AhoCorasick::new(&canaries)?);
    let mut seen = Figures::new();
    for log in logs(site)? {
        search.note(&mut seen, &format!("log {}", log.display()), &std::fs::read(&log)?);
    }
    for page in metrics {
        search.note(&mut seen, "metrics", page.as_bytes());
    }
    for (key, n) in search.in_topics(site)?.into_iter().flatten() {
        *seen.entry(key).or_default() += n;
    }
    Ok(compare("canaries in logs, metrics, keys, headers", &Figures::new(), &seen))
}

struct Search(AhoCorasick);

impl Search {
    fn note(&self, seen: &mut Figures, place: &str, bytes: &[u8]) {
        for found in self.0.find_overlapping_iter(bytes) {
            let canary = format!("canary#{}", found.pattern().as_usize());
            *seen.entry(vec![canary, place.to_owned()]).or_default() += 1;
        }
    }

    fn in_topics(&self, site: &Site) -> Result<Vec<Figures>> {
        let kafka = KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone());
        let ours = |it: &String| it.starts_with(&site.prefix) && !it.starts_with("__");
        let topics: Vec<_> = Admin::new(&kafka)?.list_topics()?.into_keys().filter(ours).collect();
        each_topic(site, &topics, |reader, topic| {
            let mut seen = Figures::new();
            let anonymous = ANONYMOUS.iter().any(|it| topic.starts_with(&site.name(it)));
            reader.read_to_end(topic, |record| {
                let mut note = |what: &str, bytes: &[u8]| {
                    self.note(&mut seen, &format!("{what} in {topic}"), bytes);
                };
                note("key", record.key.unwrap_or_default());
                for (name, value) in record.headers.iter() {
                    note(&format!("header {name}"), value);
                }
                if anonymous {
                    note("value", record.value.unwrap_or_default());
                }
            })?;
            Ok(seen)
        })
    }
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
