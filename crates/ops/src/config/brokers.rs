//! The `[kafka]` section as `saphan-kafka` wants it.

use std::path::PathBuf;

use saphan_kafka::{KafkaConfig, Security};

use super::error::ConfigError;
use super::sections::{Kafka, KafkaSecurity};

impl Kafka {
    /// Connection settings; fails when the chosen protection lacks what it needs, in the settings or in
    /// this build of the program.
    pub fn connection(&self) -> Result<KafkaConfig, ConfigError> {
        self.connection_of_build(saphan_kafka::config::TLS)
    }

    fn connection_of_build(&self, with_tls: bool) -> Result<KafkaConfig, ConfigError> {
        if self.security != KafkaSecurity::Plaintext && !with_tls {
            return Err(without_tls(self.security));
        }
        let ca_file = || needed("ca-file", self.security, self.ca_file.clone());
        let security = match self.security {
            KafkaSecurity::Plaintext => Security::Plaintext,
            KafkaSecurity::Tls => Security::Tls {
                ca_file: ca_file()?,
                certificate_file: self.certificate_file.clone(),
                key_file: self.key_file.clone(),
            },
            KafkaSecurity::ScramTls => Security::ScramTls {
                ca_file: ca_file()?,
                username: needed("username", self.security, self.username.clone())?,
                password: needed("password-file", self.security, self.password.as_ref())
                    .map(|it| saphan_kafka::Secret::new(it.expose()))?,
            },
        };
        Ok(KafkaConfig {
            bootstrap: self.bootstrap.clone(),
            client_id: self.client_id.clone(),
            security,
        })
    }

    /// A topic's or group's name on these brokers.
    pub fn name(&self, name: &str) -> String {
        format!("{}{name}", self.topic_prefix)
    }
}

fn without_tls(security: KafkaSecurity) -> ConfigError {
    ConfigError {
        code: "SP-1008",
        message: format!("kafka.security is {security:?}, but this program was built without TLS"),
        origin: None,
        hint: "use a program built with `cargo build -p saphan --features tls`".to_owned(),
    }
}

fn needed<T>(key: &str, security: KafkaSecurity, value: Option<T>) -> Result<T, ConfigError> {
    value.ok_or_else(|| ConfigError {
        code: "SP-1007",
        message: format!("kafka.{key} is not set, but kafka.security is {security:?}"),
        origin: None,
        hint: format!("set kafka.{key}, or choose another kafka.security"),
    })
}

/// The path of a file a role cannot do without.
pub fn required(key: &str, value: &Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    value.clone().ok_or_else(|| ConfigError {
        code: "SP-1007",
        message: format!("{key} is not set"),
        origin: None,
        hint: format!("set {key} to a path in the configuration file, environment or as a flag"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn protection_needs_what_it_rests_on() {
        let plain = Kafka::default();
        assert!(plain.connection().is_ok());
        assert!(plain.connection_of_build(false).is_ok());
        let tls = Kafka { security: KafkaSecurity::Tls, ..plain.clone() };
        let message = tls.connection_of_build(true).expect_err("no authority").message;
        assert!(message.contains("ca-file"), "{message}");
        let scram = Kafka {
            security: KafkaSecurity::ScramTls,
            ca_file: Some("ca.pem".into()),
            username: Some("route".to_owned()),
            ..plain
        };
        let message = scram.connection_of_build(true).expect_err("no password").message;
        assert!(message.contains("password-file"), "{message}");
        let full = Kafka { password: Some(Secret::new("x")), ..scram };
        assert!(full.connection_of_build(true).is_ok());
        let error = full.connection_of_build(false).expect_err("no TLS in the build");
        assert_eq!(error.code, "SP-1008");
    }
}
