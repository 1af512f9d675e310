//! Configuration with one precedence: defaults, then file, then environment, then flags.
//!
//! Owns every setting's name, kind, default and meaning ([`sections`]); must not know what a role does
//! with them. All problems are told at once, each with its place and remedy. Secrets come from the
//! environment or from files named by `*-file` keys, never from the configuration file or a flag.

mod brokers;
mod error;
pub mod secret;
mod section;
mod sections;
mod source;
mod value;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

pub use brokers::required;
pub use error::{ConfigError, ConfigErrors, Origin};
pub use secret::{Secret, SecretFileError, read_secret_file};
pub use sections::{
    Admin, Clickhouse, Config, Edge, Gateway, Kafka, KafkaSecurity, KeysFile, Log, LogFormat,
    LogLevel, Pipeline, Registry, Serve, Topology,
};
use source::Setting;

/// Where settings are looked for.
#[derive(Clone, Debug, Default)]
pub struct Sources<'a> {
    /// The TOML file, if one was named.
    pub file: Option<&'a Path>,
    /// The environment, e.g. `std::env::vars().collect()`; names without the prefix are passed over.
    pub environment: Vec<(String, String)>,
    /// Flags by dotted name: `("gateway.listen", "127.0.0.1:8470")`.
    pub flags: Vec<(String, String)>,
}

/// A configuration in force, and where each setting came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    origins: BTreeMap<(String, String), Origin>,
}

impl Config {
    /// Reads all sources.
    pub fn load(sources: &Sources<'_>) -> Result<Loaded, ConfigErrors> {
        let mut errors = Vec::new();
        let sections = Self::default().section_names();
        let mut settings = sources
            .file
            .map(|it| source::from_file(it, &sections, &mut errors))
            .unwrap_or_default();
        settings.extend(source::from_environment(&sources.environment, &sections, &mut errors));
        settings.extend(source::from_flags(&sources.flags, &mut errors));

        let mut loaded = Loaded { config: Self::default(), origins: BTreeMap::new() };
        for setting in settings {
            match loaded.config.put(&setting) {
                Ok(()) => {
                    loaded.origins.insert((setting.section, setting.key), setting.origin);
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            loaded.config.read_secrets(&mut errors);
        }
        if errors.is_empty() { Ok(loaded) } else { Err(ConfigErrors(errors)) }
    }

    /// Every setting with its meaning and default, as a file to start from.
    pub fn reference() -> String {
        let mut text = String::from(
            "# Every setting of Saphan with its default. A setting without one is commented out.\n\
             # The environment variable SAPHAN_<SECTION>__<KEY> wins over this file, a flag over both.\n",
        );
        for (name, section) in Self::default().sections() {
            let _ = write!(text, "\n#{}[{name}]\n", comment(section.doc()));
            for (key, shown) in section.keys().iter().zip(section.show()) {
                let _ = write!(text, "#{}", comment(key.doc));
                let _ = match shown {
                    Some(value) => writeln!(text, "{} = {value}", key.name()),
                    None if key.secret => {
                        writeln!(text, "# {} comes from the environment", key.name())
                    }
                    None => writeln!(text, "# {} = {}", key.name(), key.expects),
                };
            }
        }
        text
    }

    fn put(&mut self, setting: &Setting) -> Result<(), ConfigError> {
        let Setting { origin, section: section_name, key: key_name, raw } = setting;
        let names = self.section_names();
        let Some(section) = self.section_mut(section_name) else {
            return Err(source::unknown_section(section_name, &names, origin.clone()));
        };
        let Some(key) = section.keys().iter().find(|it| it.name() == *key_name) else {
            let names = section.keys().iter().map(section::Key::name).collect::<Vec<_>>();
            return Err(ConfigError {
                code: "SP-1001",
                message: format!("unknown key \"{key_name}\" in [{section_name}]"),
                origin: Some(origin.clone()),
                hint: format!("keys of [{section_name}] are: {}", names.join(", ")),
            });
        };
        if key.secret && !matches!(origin, Origin::Environment(_)) {
            return Err(ConfigError {
                code: "SP-1005",
                message: format!("the secret {section_name}.{key_name} stands in plain sight"),
                origin: Some(origin.clone()),
                hint: format!(
                    "put it in a file of its own and name that in {key_name}-file, or set \
                     SAPHAN_{}__{}; then replace the secret, since others may have read it",
                    section_name.to_ascii_uppercase(),
                    key.field.to_ascii_uppercase()
                ),
            });
        }
        if section.set(key.field, raw) {
            return Ok(());
        }
        Err(ConfigError {
            code: "SP-1002",
            message: format!("{section_name}.{key_name} has a value of another kind"),
            origin: Some(origin.clone()),
            hint: format!("expected {}", key.expects),
        })
    }

    fn section_names(&self) -> Vec<&'static str> {
        self.sections().iter().map(|(name, _)| *name).collect()
    }

    /// Fills secrets from their files, where the environment gave none.
    fn read_secrets(&mut self, errors: &mut Vec<ConfigError>) {
        let Self { kafka, clickhouse, .. } = self;
        for (key, secret, file) in [
            ("kafka.password-file", &mut kafka.password, &kafka.password_file),
            ("clickhouse.password-file", &mut clickhouse.password, &clickhouse.password_file),
        ] {
            let Some(file) = file.as_deref().filter(|_| secret.is_none()) else { continue };
            match read_secret_file(file) {
                Ok(it) => *secret = Some(it),
                Err(cause) => errors.push(ConfigError {
                    code: "SP-1006",
                    message: format!("{key}: {cause}"),
                    origin: None,
                    hint:
                        "a secret file is readable by its owner (and group) only and holds one line"
                            .into(),
                }),
            }
        }
    }
}

impl Loaded {
    /// The configuration in force as TOML, each setting with its origin, secrets hidden.
    pub fn dump(&self) -> String {
        let mut text = String::new();
        for (name, section) in self.config.sections() {
            let _ = writeln!(text, "[{name}]");
            for (key, shown) in section.keys().iter().zip(section.show()) {
                let Some(value) = shown else { continue };
                let origin = self
                    .origins
                    .get(&(name.to_owned(), key.name()))
                    .map_or_else(|| "default".to_owned(), Origin::to_string);
                let _ = writeln!(text, "{} = {value} # {origin}", key.name());
            }
            text.push('\n');
        }
        text
    }
}

fn comment(doc: &str) -> String {
    doc.trim_end().replace('\n', "\n#") + "\n"
}

#[cfg(test)]
mod tests;
