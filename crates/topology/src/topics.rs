//! Topics: `topology/topics.toml` declares the platform's own and the shape of the agencies'; the
//! contracts say which agency topics there are.

mod file;

use std::collections::BTreeMap;
use std::path::Path;

use saphan_kafka::TopicSpec;
use saphan_model::{AgencyId, EventType};

use self::file::{AgencyTopicFile, Partitions, ProfileFile, TopicFile, TopicsFile};
use crate::agency::Agency;
use crate::instant::Retention;
use crate::names::{Names, PlatformTopic};
use crate::problem::Problems;
use crate::source::Source;

/// Where the platform runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// One machine, one broker.
    Development,
    /// A cluster that loses a broker without losing data.
    Production,
}

/// A word that is no profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a profile; use development or production")]
pub struct UnknownProfile;

impl std::str::FromStr for Profile {
    type Err = UnknownProfile;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "development" => Ok(Self::Development),
            "production" => Ok(Self::Production),
            _ => Err(UnknownProfile),
        }
    }
}

/// What `topics.toml` declares.
#[derive(Clone, Debug)]
pub struct Topics {
    development: ProfileFile,
    production: ProfileFile,
    platform: BTreeMap<PlatformTopic, Declared>,
    agency: AgencyTopicFile,
}

/// A declared topic, read.
#[derive(Clone, Debug)]
struct Declared {
    partitions: Partitions,
    retention: Retention,
    file: TopicFile,
}

impl Topics {
    pub(crate) fn load(path: &Path, problems: &mut Problems) -> Option<Self> {
        let source = problems.take(Source::read(path))?;
        let file: TopicsFile = problems.take(source.toml())?;
        let mut platform = BTreeMap::new();
        for topic in file.topics {
            let name = topic.name.get_ref();
            let Some(known) = PlatformTopic::ALL.into_iter().find(|it| it.as_str() == name) else {
                let message = format!("topic {name:?} is none of the platform's");
                problems.add(
                    source
                        .at("SP-1611", &topic.name, message)
                        .hint("agency topics follow from the contracts; they are not listed here"),
                );
                continue;
            };
            let Some(retention) = source.word(problems, &topic.retention) else { continue };
            check_partitions(&source, &topic, problems);
            let twice = format!("topic {name} is declared twice");
            let place = source.at("SP-1611", &topic.name, twice);
            let declared = Declared { partitions: topic.partitions, retention, file: topic };
            if platform.insert(known, declared).is_some() {
                problems.add(place);
            }
        }
        let topics = Self {
            development: file.profile.development,
            production: file.profile.production,
            platform,
            agency: file.agency_topics,
        };
        topics.check_whole(&source, problems);
        Some(topics)
    }

    fn check_whole(&self, source: &Source, problems: &mut Problems) {
        for topic in PlatformTopic::ALL {
            let Some(declared) = self.platform.get(&topic) else {
                let message = format!("topic {topic} is not declared");
                problems.add(source.problem("SP-1611", None, message));
                continue;
            };
            let Some(input) = topic.state_of().and_then(|it| self.platform.get(&it)) else {
                continue;
            };
            if declared.partitions != input.partitions {
                let name = input.file.name.get_ref();
                let message = format!("topic {topic} has not the partitions of {name}");
                problems.add(
                    source
                        .at("SP-1612", &declared.file.name, message)
                        .detail("State of input partition p is kept in partition p.")
                        .hint("give both the same numbers"),
                );
            }
        }
    }

    /// Every topic there shall be: the platform's own, then the agencies', by name.
    pub fn desired(&self, profile: Profile, names: &Names, agencies: &[Agency]) -> Vec<TopicSpec> {
        let platform = self.platform.iter().map(|(topic, declared)| {
            let settings = declared.config();
            self.spec(profile, names.platform(*topic), declared.partitions, settings)
        });
        let mut specs: Vec<_> = platform.collect();
        for agency in agencies {
            for (event_type, retention) in &agency.retention {
                specs.push(self.agency_spec(profile, names, &agency.id, *event_type, *retention));
            }
        }
        specs
    }

    fn agency_spec(
        &self,
        profile: Profile,
        names: &Names,
        agency: &AgencyId,
        event_type: EventType,
        retention: Retention,
    ) -> TopicSpec {
        let mut config = BTreeMap::new();
        config.insert("cleanup.policy".to_owned(), "delete".to_owned());
        config.insert("retention.ms".to_owned(), retention.millis().to_string());
        config.insert("max.message.bytes".to_owned(), self.agency.max_message_bytes.to_string());
        let name = names.agency(agency, event_type);
        self.spec(profile, name, self.agency.partitions, config)
    }

    fn spec(
        &self,
        profile: Profile,
        name: String,
        partitions: Partitions,
        mut config: BTreeMap<String, String>,
    ) -> TopicSpec {
        let (settings, partitions) = match profile {
            Profile::Development => (&self.development, partitions.development),
            Profile::Production => (&self.production, partitions.production),
        };
        config.insert("min.insync.replicas".to_owned(), settings.min_in_sync.to_string());
        // The clock a decision sees is the time the broker appended the record, never a sender's.
        config.insert("message.timestamp.type".to_owned(), "LogAppendTime".to_owned());
        TopicSpec { name, partitions, replication: settings.replication, config }
    }
}

impl Declared {
    fn config(&self) -> BTreeMap<String, String> {
        let mut config = BTreeMap::new();
        let mut set = |key: &str, value: String| config.insert(key.to_owned(), value);
        set("retention.ms", self.retention.millis().to_string());
        set("max.message.bytes", self.file.max_message_bytes.to_string());
        match &self.file.compaction {
            None => set("cleanup.policy", "delete".to_owned()),
            Some(it) => {
                set("min.cleanable.dirty.ratio", it.min_dirty_ratio.to_string());
                set("max.compaction.lag.ms", hours_as_ms(it.max_lag_hours));
                set("delete.retention.ms", hours_as_ms(it.delete_retention_hours));
                set("segment.bytes", (u64::from(it.segment_mib) * 1024 * 1024).to_string());
                set("cleanup.policy", "compact".to_owned())
            }
        };
        config
    }
}

fn hours_as_ms(hours: u32) -> String {
    (u64::from(hours) * 3_600_000).to_string()
}

fn check_partitions(source: &Source, topic: &TopicFile, problems: &mut Problems) {
    let Partitions { development, production } = topic.partitions;
    if !(1..=1000).contains(&development) || !(1..=1000).contains(&production) {
        let message =
            format!("topic {} has no possible number of partitions", topic.name.get_ref());
        problems.add(source.at("SP-1611", &topic.name, message).hint("write 1 to 1000"));
    }
    if topic.compaction.is_some() && *topic.retention.get_ref() != "forever" {
        let message = format!("compacted topic {} must be kept for ever", topic.name.get_ref());
        problems.add(
            source
                .at("SP-1611", &topic.retention, message)
                .detail("A row that expired would read as a row that never was.")
                .hint("write retention = \"forever\""),
        );
    }
}
