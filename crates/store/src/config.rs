//! Where ClickHouse is and how long to wait for it.

use std::time::Duration;

use saphan_model::Private;
use serde::Deserialize;

/// How to reach the tables. There is no default user or password.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StoreConfig {
    /// HTTP interface, e.g. `http://127.0.0.1:8123`.
    pub url: String,
    /// Database that holds the tables: `[a-z][a-z0-9_]{0,62}`. Made by the migration.
    pub database: String,
    /// User, where the server asks for one.
    #[serde(default)]
    pub user: Option<String>,
    /// Its password.
    #[serde(default, deserialize_with = "private")]
    pub password: Option<Private<String>>,
    /// Longest wait for one insert. Must stay below `max.poll.interval.ms` of the sinks.
    #[serde(default = "default_insert_timeout_ms")]
    pub insert_timeout_ms: u64,
    /// Longest run of one query, enforced by server and client.
    #[serde(default = "default_query_timeout_ms")]
    pub query_timeout_ms: u64,
}

const fn default_insert_timeout_ms() -> u64 {
    60_000
}

const fn default_query_timeout_ms() -> u64 {
    15_000
}

fn private<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Private<String>>, D::Error> {
    Ok(Option::<String>::deserialize(d)?.map(Private::new))
}

/// SP-1706: the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreConfigError {
    /// Not an HTTP address.
    #[error(
        "SP-1706: store url must begin with http:// (or https:// in a build with the tls feature)"
    )]
    Url,
    /// Not a plain name.
    #[error(
        "SP-1706: store database must be 1 to 63 characters of a-z, 0-9 and _, beginning with a letter"
    )]
    Database,
    /// A limit of zero would never let anything through.
    #[error("SP-1706: store {0} must be at least 1")]
    Zero(&'static str),
}

impl StoreConfigError {
    /// The code of its page.
    pub const CODE: &'static str = "SP-1706";
}

impl StoreConfig {
    /// The configuration of a server without users, as the development stack runs one.
    pub fn new(url: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            database: database.into(),
            user: None,
            password: None,
            insert_timeout_ms: default_insert_timeout_ms(),
            query_timeout_ms: default_query_timeout_ms(),
        }
    }

    pub(crate) fn insert_timeout(&self) -> Duration {
        Duration::from_millis(self.insert_timeout_ms)
    }

    pub(crate) fn query_timeout(&self) -> Duration {
        Duration::from_millis(self.query_timeout_ms)
    }

    /// Says what is wrong with it, if anything.
    pub fn check(&self) -> Result<(), StoreConfigError> {
        let tls = cfg!(feature = "tls") && self.url.starts_with("https://");
        if !tls && !self.url.starts_with("http://") {
            return Err(StoreConfigError::Url);
        }
        let name = self.database.as_bytes();
        let plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_';
        if !(1..=63).contains(&name.len())
            || !name[0].is_ascii_lowercase()
            || !name.iter().all(plain)
        {
            return Err(StoreConfigError::Database);
        }
        for (key, value) in [
            ("insert-timeout-ms", self.insert_timeout_ms),
            ("query-timeout-ms", self.query_timeout_ms),
        ] {
            if value == 0 {
                return Err(StoreConfigError::Zero(key));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, database: &str, expected: Result<(), StoreConfigError>) {
        assert_eq!(StoreConfig::new(url, database).check(), expected, "{url} {database}");
    }

    #[test]
    fn a_database_is_a_plain_name() {
        check("http://127.0.0.1:8123", "saphan", Ok(()));
        check("http://127.0.0.1:8123", "saphan_2", Ok(()));
        for name in ["", "2saphan", "Saphan", "a;drop", "a-b", &"a".repeat(64)] {
            check("http://127.0.0.1:8123", name, Err(StoreConfigError::Database));
        }
    }

    #[test]
    fn an_address_is_http() {
        check("127.0.0.1:8123", "saphan", Err(StoreConfigError::Url));
        check("file:///etc", "saphan", Err(StoreConfigError::Url));
    }

    #[test]
    fn a_password_is_not_printed() {
        let mut config = StoreConfig::new("http://h", "saphan");
        config.password = Some(Private::new("hidden-word".to_owned()));
        assert!(!format!("{config:?}").contains("hidden-word"));
    }
}
