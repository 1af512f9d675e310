//! The pinned versions and checksums of everything the stack downloads (`pins.toml`).
//!
//! Owns the shape of that file; knows nothing of how the parts are fetched.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All pins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pins {
    /// How artefacts are fetched from Maven.
    pub maven: MavenPin,
    /// The broker.
    pub kafka: KafkaPin,
    /// The schema registry.
    pub registry: RegistryPin,
    /// The embedded ClickHouse engine.
    pub clickhouse: ClickHousePin,
}

/// The Maven plug-in that copies artefacts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MavenPin {
    /// `group:artifact:version` of the plug-in.
    pub dependency_plugin: String,
}

/// Kafka: the jars that two root artefacts pull in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KafkaPin {
    /// Version of Kafka.
    pub version: String,
    /// Root artefacts, `group:artifact:version`.
    pub artifacts: Vec<String>,
    /// Size of the download in MB, for the reader of the progress lines.
    pub megabytes: u32,
    /// File name to sha256 of every jar; the folder must hold exactly these.
    pub sha256: BTreeMap<String, String>,
}

/// Apicurio Registry: one archive.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RegistryPin {
    /// Version of the registry.
    pub version: String,
    /// `group:artifact:version:type:classifier`.
    pub artifact: String,
    /// Name of the archive once copied.
    pub archive: String,
    /// Size of the download in MB.
    pub megabytes: u32,
    /// sha256 of the archive.
    pub sha256: String,
    /// The jar to run, inside the archive.
    pub jar: String,
}

/// libchdb: one npm package.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClickHousePin {
    /// Name of the npm package.
    pub package: String,
    /// Version of the npm package.
    pub version: String,
    /// Name of the archive `npm pack` writes.
    pub archive: String,
    /// Size of the download in MB.
    pub megabytes: u32,
    /// sha256 of the archive.
    pub sha256: String,
    /// Path of the library inside the archive.
    pub library: String,
    /// sha256 of the library.
    pub library_sha256: String,
    /// Oldest `clickhouse` server on the PATH that is used instead, `major.minor`.
    pub server_min: String,
}

impl Pins {
    /// The pins this build was made with.
    pub fn embedded() -> Self {
        toml::from_str(include_str!("../pins.toml")).expect("pins.toml is checked by a unit test")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_sha256(name: &str, sum: &str) {
        assert_eq!(sum.len(), 64, "{name}");
        assert!(sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{name}");
    }

    #[test]
    fn every_sum_is_a_sha256() {
        let pins = Pins::embedded();
        for (jar, sum) in &pins.kafka.sha256 {
            check_sha256(jar, sum);
        }
        check_sha256("registry", &pins.registry.sha256);
        check_sha256("clickhouse archive", &pins.clickhouse.sha256);
        check_sha256("clickhouse library", &pins.clickhouse.library_sha256);
    }

    #[test]
    fn versions_agree_with_the_files_they_name() {
        let pins = Pins::embedded();
        let broker = format!("kafka_2.13-{}.jar", pins.kafka.version);
        assert!(pins.kafka.sha256.contains_key(&broker), "{broker}");
        assert!(pins.registry.archive.contains(&pins.registry.version));
        assert!(pins.registry.artifact.contains(&pins.registry.version));
        assert!(pins.clickhouse.archive.contains(&pins.clickhouse.version));
    }
}
