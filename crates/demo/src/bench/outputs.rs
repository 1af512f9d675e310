//! What a router wrote, topic by topic: to compare contenders, and to be written again by the raw copy.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::{Result, bail};
use saphan_kafka::{Isolation, KafkaConfig, Reader, Record};
use saphan_topology::{Names, Topology};

use crate::terminal::say;

/// Records of one topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub records: u64,
    /// Bytes of keys and values.
    pub bytes: u64,
    /// A sum over keys and values that does not depend on their order.
    pub digest: u64,
}

/// By topic name without prefix.
pub type Outputs = BTreeMap<String, Tally>;

/// The topics a router answers for: decisions, and what each contract delivers.
pub fn topics(topology: &Topology, names: &Names) -> Vec<String> {
    let agencies = topology
        .routes()
        .rules()
        .map(|it| names.agency(topology.routes().id_of(it.agency), it.rule.event_type));
    let mut all: Vec<String> = agencies.chain([names.decision()]).collect();
    all.sort();
    all.dedup();
    all
}

/// Reads the topics to their ends; `visit` sees every record.
pub fn read(
    kafka: &KafkaConfig,
    topics: &[String],
    names: &Names,
    mut visit: impl FnMut(&Record<'_>) -> Result<()>,
) -> Result<Outputs> {
    let reader = Reader::new(kafka, "bench-outputs", Isolation::Committed)?;
    let mut outputs = Outputs::new();
    for topic in topics {
        crate::interrupt::check()?;
        let (mut tally, mut seen) = (Tally::default(), Ok(()));
        reader.read_to_end(topic, |record| {
            tally.add(record);
            if seen.is_ok() {
                seen = visit(record);
            }
        })?;
        seen?;
        let plain = topic.strip_prefix(names.prefix()).unwrap_or(topic);
        outputs.insert(plain.to_owned(), tally);
    }
    Ok(outputs)
}

impl Tally {
    fn add(&mut self, record: &Record<'_>) {
        self.records += 1;
        self.bytes += record.size() as u64;
        let mut hasher = DefaultHasher::new();
        (record.key, record.value).hash(&mut hasher);
        self.digest = self.digest.wrapping_add(hasher.finish());
    }
}

/// Prints deliveries for each agency side by side; fails where two contenders differ in a topic.
pub fn compare(saphan: &Outputs, peer: &Outputs, name: &str) -> Result<()> {
    say(&format_args!("\n{:<24} {:>12} {:>24}", "delivered to", "Saphan", name));
    for (agency, [ours, theirs]) in by_agency(saphan, peer) {
        say(&format_args!("{agency:<24} {ours:>12} {theirs:>24}"));
    }
    let differing: Vec<&str> = saphan
        .iter()
        .filter(|(topic, tally)| peer.get(*topic) != Some(tally))
        .map(|it| it.0.as_str())
        .collect();
    if !differing.is_empty() || saphan.len() != peer.len() {
        let shown: Vec<String> = differing
            .iter()
            .take(5)
            .map(|it| format!("{it}: {:?} and {:?}", saphan[*it], peer.get(*it)))
            .collect();
        bail!(
            "{name} did not write what Saphan wrote in {}: {}",
            differing.join(", "),
            shown.join("; ")
        );
    }
    say(&"every record equal, byte for byte");
    Ok(())
}

/// Records by agency, `decision` among them.
fn by_agency(saphan: &Outputs, peer: &Outputs) -> BTreeMap<String, [u64; 2]> {
    let mut sums = BTreeMap::<String, [u64; 2]>::new();
    for (place, outputs) in [saphan, peer].into_iter().enumerate() {
        for (topic, tally) in outputs {
            let agency = topic.strip_prefix("agency.").unwrap_or(topic).split('.').next();
            sums.entry(agency.unwrap_or_default().to_owned()).or_default()[place] += tally.records;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(records: u64, digest: u64) -> Outputs {
        let tally = Tally { records, bytes: 9, digest };
        Outputs::from([
            ("agency.ddc.condition.v1".to_owned(), tally),
            ("agency.ddc.encounter.v1".to_owned(), Tally::default()),
        ])
    }

    #[test]
    fn a_difference_in_one_topic_fails() {
        assert!(compare(&outputs(3, 1), &outputs(3, 1), "peer").is_ok());
        assert!(compare(&outputs(3, 1), &outputs(2, 1), "peer").is_err());
        assert!(compare(&outputs(3, 1), &outputs(3, 2), "peer").is_err());
        assert!(compare(&outputs(3, 1), &Outputs::new(), "peer").is_err());
    }

    #[test]
    fn deliveries_are_summed_by_agency() {
        let sums = by_agency(&outputs(3, 1), &outputs(2, 1));
        assert_eq!(sums["ddc"], [3, 2]);
    }
}
