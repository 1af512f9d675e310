//! The shape of `topics.toml`.

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TopicsFile {
    pub profile: Profiles,
    #[serde(rename = "topic")]
    pub topics: Vec<TopicFile>,
    pub agency_topics: AgencyTopicFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Profiles {
    pub development: ProfileFile,
    pub production: ProfileFile,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ProfileFile {
    pub replication: i32,
    pub min_in_sync: i32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TopicFile {
    pub name: Spanned<String>,
    pub partitions: Partitions,
    pub retention: Spanned<String>,
    pub max_message_bytes: u32,
    /// Present on compacted topics.
    pub compaction: Option<CompactionFile>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Partitions {
    pub development: i32,
    pub production: i32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CompactionFile {
    pub min_dirty_ratio: f64,
    pub max_lag_hours: u32,
    pub delete_retention_hours: u32,
    pub segment_mib: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AgencyTopicFile {
    pub partitions: Partitions,
    pub max_message_bytes: u32,
}
