//! How to reach the brokers: addresses, identity, encryption. Owns the translation to librdkafka's
//! settings that every client of this crate shares; must not know what a client is used for.

use std::fmt;
use std::path::PathBuf;

use rdkafka::ClientConfig;
use serde::Deserialize;

/// True when this build can encrypt: it has the cargo feature `tls`.
pub const TLS: bool = cfg!(feature = "tls");

/// Connection settings, read from the `[kafka]` table of a configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KafkaConfig {
    /// Comma-separated `host:port` of some brokers.
    pub bootstrap: String,
    /// Prefix of every client id, so that brokers and quotas can tell programs apart.
    #[serde(default = "default_client_id")]
    pub client_id: String,
    /// Encryption and identity towards the brokers.
    #[serde(default)]
    pub security: Security,
}

/// Encryption and identity towards the brokers. Needs the cargo feature `tls` unless `plaintext`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "protocol")]
pub enum Security {
    /// No encryption and no identity: loopback and tests only.
    #[default]
    Plaintext,
    /// TLS, the client known by its certificate when one is given.
    #[serde(rename_all = "kebab-case")]
    Tls {
        /// PEM file of the authority that signed the brokers' certificates.
        ca_file: PathBuf,
        /// PEM file of this client's certificate chain.
        certificate_file: Option<PathBuf>,
        /// PEM file of this client's private key.
        key_file: Option<PathBuf>,
    },
    /// SCRAM-SHA-512 inside TLS.
    #[serde(rename_all = "kebab-case")]
    ScramTls {
        /// PEM file of the authority that signed the brokers' certificates.
        ca_file: PathBuf,
        /// The principal.
        username: String,
        /// Its password.
        password: Secret,
    },
}

/// A text that must not be printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

fn default_client_id() -> String {
    "saphan".to_owned()
}

impl KafkaConfig {
    /// Plaintext settings for brokers on loopback.
    pub fn plaintext(bootstrap: impl Into<String>) -> Self {
        Self {
            bootstrap: bootstrap.into(),
            client_id: default_client_id(),
            security: Security::default(),
        }
    }

    /// What brokers call the client of `part`.
    pub(crate) fn client_id_of(&self, part: &str) -> String {
        format!("{}-{part}", self.client_id)
    }

    /// librdkafka settings every client shares; `part` makes the client id unique in this process.
    pub(crate) fn client(&self, part: &str) -> ClientConfig {
        let mut it = ClientConfig::new();
        it.set("bootstrap.servers", &self.bootstrap)
            .set("client.id", self.client_id_of(part))
            .set("log_level", "3")
            .set("reconnect.backoff.max.ms", "5000")
            .set("allow.auto.create.topics", "false");
        match &self.security {
            Security::Plaintext => {}
            Security::Tls { ca_file, certificate_file, key_file } => {
                it.set("security.protocol", "ssl")
                    .set("ssl.ca.location", ca_file.to_string_lossy());
                if let Some(file) = certificate_file {
                    it.set("ssl.certificate.location", file.to_string_lossy());
                }
                if let Some(file) = key_file {
                    it.set("ssl.key.location", file.to_string_lossy());
                }
            }
            Security::ScramTls { ca_file, username, password } => {
                it.set("security.protocol", "sasl_ssl")
                    .set("ssl.ca.location", ca_file.to_string_lossy())
                    .set("sasl.mechanism", "SCRAM-SHA-512")
                    .set("sasl.username", username)
                    .set("sasl.password", password.expose());
            }
        }
        it
    }
}
