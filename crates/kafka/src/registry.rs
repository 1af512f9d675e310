//! The schema registry, spoken to through its Confluent-compatible interface (Apicurio `ccompat/v7`).
//! Owns requests, timeouts and the cache of schemas by id; must not know what a schema says.

mod cache;
mod http;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use self::cache::{Cache, Cached};
use self::http::{Http, Method};
use crate::config::Secret;

/// How to reach the registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RegistryConfig {
    /// Base address, for example `http://127.0.0.1:8081/apis/ccompat/v7`.
    pub url: String,
    /// Sent as `Authorization: Bearer`.
    #[serde(default)]
    pub token: Option<Secret>,
    /// Longest time for one request.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
}

/// Asks the registry; cheap to share by reference.
pub struct Registry {
    http: Http,
    cache: Cache,
}

/// Which changes of a schema the registry accepts under a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Any change.
    None,
    /// Every version reads and is read by every other.
    FullTransitive,
    /// New readers read all older data.
    BackwardTransitive,
    /// Older readers read all newer data.
    ForwardTransitive,
}

/// Answer to "may this schema follow?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compatibility {
    /// It may.
    pub compatible: bool,
    /// What stands against it, in the registry's words; some registries give none here, only when
    /// registering is refused.
    pub messages: Vec<String>,
}

/// Why the registry did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No answer: network, timeout, overload. Worth trying again.
    #[error("the schema registry does not answer: {0}")]
    Unreachable(String),
    /// It answered no.
    #[error("the schema registry refused with status {status}: {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its message.
        message: String,
    },
    /// The schema breaks the subject's compatibility rule.
    #[error("the schema may not follow the earlier versions of subject {subject}: {message}")]
    Incompatible {
        /// Subject.
        subject: String,
        /// Its message.
        message: String,
    },
    /// It answered something else than its interface promises.
    #[error("the schema registry's answer cannot be read: {0}")]
    Unreadable(String),
}

impl RegistryError {
    /// The page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        match self {
            RegistryError::Unreachable(_) => "SP-1520",
            RegistryError::Refused { .. } => "SP-1521",
            RegistryError::Incompatible { .. } => "SP-1522",
            RegistryError::Unreadable(_) => "SP-1523",
        }
    }
}

impl Level {
    /// The registry's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::None => "NONE",
            Level::FullTransitive => "FULL_TRANSITIVE",
            Level::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Level::ForwardTransitive => "FORWARD_TRANSITIVE",
        }
    }
}

impl RegistryConfig {
    /// A registry at `url` without a token.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), token: None, timeout_ms: default_timeout_ms() }
    }
}

impl Registry {
    /// Connects lazily.
    pub fn new(config: &RegistryConfig) -> Self {
        Self { http: Http::new(config), cache: Cache::new() }
    }

    /// Registers `schema` under `subject` and returns its id; registering it again gives the same id.
    pub fn register(&self, subject: &str, schema: &str) -> Result<u32, RegistryError> {
        let path = format!("/subjects/{}/versions", segment(subject));
        match self.http.ask(Method::Post, &path, Some(json!({ "schema": schema }))) {
            Ok(Some(it)) => read::<IdAnswer>(it).map(|it| it.id),
            Ok(None) => Err(RegistryError::Unreadable("registering found nothing".to_owned())),
            Err(RegistryError::Refused { status: 409, message }) => {
                Err(RegistryError::Incompatible { subject: subject.to_owned(), message })
            }
            Err(error) => Err(error),
        }
    }

    /// The schema with `id`, `None` when the registry does not know it (remembered for a few seconds).
    /// An id never changes its meaning, so a schema is asked for once.
    pub fn schema(&self, id: u32) -> Result<Option<Arc<str>>, RegistryError> {
        match self.cache.get(id, Instant::now()) {
            Some(Cached::Known(schema)) => return Ok(Some(schema)),
            Some(Cached::Unknown) => return Ok(None),
            None => {}
        }
        let answer = self.http.ask(Method::Get, &format!("/schemas/ids/{id}"), None)?;
        let schema: Option<Arc<str>> = match answer {
            Some(it) => Some(read::<SchemaAnswer>(it)?.schema.into()),
            None => None,
        };
        self.cache.put(id, schema.clone(), Instant::now());
        Ok(schema)
    }

    /// The id of `schema` under `subject`, `None` when it is not registered there.
    pub fn id_of(&self, subject: &str, schema: &str) -> Result<Option<u32>, RegistryError> {
        let path = format!("/subjects/{}", segment(subject));
        let answer = self.http.ask(Method::Post, &path, Some(json!({ "schema": schema })))?;
        answer.map(|it| read::<IdAnswer>(it).map(|it| it.id)).transpose()
    }

    /// All subjects.
    pub fn subjects(&self) -> Result<Vec<String>, RegistryError> {
        self.http.ask(Method::Get, "/subjects", None)?.map_or(Ok(Vec::new()), read)
    }

    /// Version numbers under `subject`, empty when it does not exist.
    pub fn versions(&self, subject: &str) -> Result<Vec<u32>, RegistryError> {
        let path = format!("/subjects/{}/versions", segment(subject));
        self.http.ask(Method::Get, &path, None)?.map_or(Ok(Vec::new()), read)
    }

    /// Schema text of one version under `subject`.
    pub fn version(&self, subject: &str, version: u32) -> Result<Option<String>, RegistryError> {
        let path = format!("/subjects/{}/versions/{version}", segment(subject));
        let answer = self.http.ask(Method::Get, &path, None)?;
        answer.map(|it| read::<SchemaAnswer>(it).map(|it| it.schema)).transpose()
    }

    /// Sets which changes are accepted under `subject`.
    pub fn set_compatibility(&self, subject: &str, level: Level) -> Result<(), RegistryError> {
        let path = format!("/config/{}", segment(subject));
        let body = json!({ "compatibility": level.as_str() });
        self.http.ask(Method::Put, &path, Some(body)).map(drop)
    }

    /// Which changes are accepted under `subject`, `None` when it has no rule of its own.
    pub fn compatibility(&self, subject: &str) -> Result<Option<String>, RegistryError> {
        let path = format!("/config/{}", segment(subject));
        let answer = self.http.ask(Method::Get, &path, None)?;
        answer.map(|it| read::<LevelAnswer>(it).map(|it| it.compatibility_level)).transpose()
    }

    /// May `schema` follow the versions under `subject`? Registers nothing. True for a new subject.
    pub fn check(&self, subject: &str, schema: &str) -> Result<Compatibility, RegistryError> {
        let path = format!("/compatibility/subjects/{}/versions?verbose=true", segment(subject));
        match self.http.ask(Method::Post, &path, Some(json!({ "schema": schema })))? {
            None => Ok(Compatibility { compatible: true, messages: Vec::new() }),
            Some(it) => read::<CheckAnswer>(it)
                .map(|it| Compatibility { compatible: it.is_compatible, messages: it.messages }),
        }
    }
}

#[derive(Deserialize)]
struct IdAnswer {
    id: u32,
}

#[derive(Deserialize)]
struct SchemaAnswer {
    schema: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LevelAnswer {
    compatibility_level: String,
}

#[derive(Deserialize)]
struct CheckAnswer {
    is_compatible: bool,
    #[serde(default)]
    messages: Vec<String>,
}

fn default_timeout_ms() -> u64 {
    u64::try_from(Duration::from_secs(10).as_millis()).unwrap_or(u64::MAX)
}

fn read<T: serde::de::DeserializeOwned>(answer: serde_json::Value) -> Result<T, RegistryError> {
    serde_json::from_value(answer).map_err(|it| RegistryError::Unreadable(it.to_string()))
}

/// One path segment, percent-encoded.
fn segment(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_cannot_leave_its_path_segment() {
        assert_eq!(segment("th.saphan.log.Encounter"), "th.saphan.log.Encounter");
        assert_eq!(segment("a/../b?c#ก"), "a%2F..%2Fb%3Fc%23%E0%B8%81");
    }

    #[test]
    fn the_token_is_not_printed() {
        let mut it = RegistryConfig::new("http://127.0.0.1:1");
        it.token = Some(Secret::new("hush"));
        assert!(!format!("{it:?}").contains("hush"));
    }
}
