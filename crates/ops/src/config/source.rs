//! The three sources of settings, each turned into the same list.

use std::path::Path;

use toml::de::DeTable;

use super::error::{ConfigError, Origin};
use super::value::Raw;

/// How the environment variables begin that are settings.
pub(crate) const ENV_PREFIX: &str = "SAPHAN_";

/// One setting from one source, not yet known to exist.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub origin: Origin,
    pub section: String,
    /// Kebab-case.
    pub key: String,
    pub raw: Raw,
}

/// Settings of a TOML file, with their lines. A section that does not exist is told once, not per key.
pub(crate) fn from_file(
    path: &Path,
    sections: &[&str],
    errors: &mut Vec<ConfigError>,
) -> Vec<Setting> {
    let name = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) => {
            errors.push(ConfigError {
                code: "SP-1003",
                message: format!("cannot read the configuration file {name}: {cause}"),
                origin: None,
                hint: "check the path given with --config and that this user may read it".into(),
            });
            return Vec::new();
        }
    };
    from_toml(&name, &text, sections, errors)
}

fn from_toml(
    path: &str,
    text: &str,
    sections: &[&str],
    errors: &mut Vec<ConfigError>,
) -> Vec<Setting> {
    let at = |offset: usize| Origin::File {
        path: path.to_owned(),
        line: 1 + text[..offset.min(text.len())].matches('\n').count(),
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(cause) => {
            errors.push(ConfigError {
                code: "SP-1004",
                message: format!("the configuration file is not TOML: {}", cause.message()),
                origin: Some(at(cause.span().map_or(0, |it| it.start))),
                hint: "write settings as: key = value, below a [section] line".into(),
            });
            return Vec::new();
        }
    };
    let mut settings = Vec::new();
    for (section, body) in table {
        let origin = at(section.span().start);
        let section = section.into_inner().into_owned();
        let Some(keys) = body.get_ref().as_table() else {
            errors.push(ConfigError {
                code: "SP-1001",
                message: format!("\"{section}\" stands outside any [section]"),
                origin: Some(origin),
                hint: "put it below the [section] it belongs to".into(),
            });
            continue;
        };
        if !sections.contains(&section.as_str()) {
            errors.push(unknown_section(&section, sections, origin));
            continue;
        }
        for (key, value) in keys {
            let raw = Raw::Toml(plain(value.get_ref()));
            let origin = at(key.span().start);
            let key = key.get_ref().to_string();
            settings.push(Setting { origin, section: section.clone(), key, raw });
        }
    }
    settings
}

/// The problem that a section does not exist.
pub(crate) fn unknown_section(name: &str, sections: &[&str], origin: Origin) -> ConfigError {
    ConfigError {
        code: "SP-1001",
        message: format!("unknown section [{name}]"),
        origin: Some(origin),
        hint: format!("sections are: {}", sections.join(", ")),
    }
}

/// A parsed value without its spans. Settings are scalars; what is nested becomes an empty table,
/// which no kind of setting accepts.
fn plain(value: &toml::de::DeValue<'_>) -> toml::Value {
    use toml::de::DeValue;
    match value {
        DeValue::String(it) => toml::Value::String(it.to_string()),
        DeValue::Integer(it) => i64::from_str_radix(it.as_str(), it.radix())
            .map_or_else(|_| toml::Value::Table(toml::Table::new()), toml::Value::Integer),
        DeValue::Boolean(it) => toml::Value::Boolean(*it),
        _ => toml::Value::Table(toml::Table::new()),
    }
}

/// Settings of the environment: `SAPHAN_<SECTION>__<KEY>`. A variable that only looks like one is
/// refused; one that names no section at all, like `SAPHAN_HOME`, is somebody else's.
pub(crate) fn from_environment(
    variables: &[(String, String)],
    sections: &[&str],
    errors: &mut Vec<ConfigError>,
) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix(ENV_PREFIX) else { continue };
        let origin = Origin::Environment(name.clone());
        match rest.split_once("__") {
            Some((section, key)) => settings.push(Setting {
                origin,
                section: section.to_ascii_lowercase(),
                key: key.to_ascii_lowercase().replace('_', "-"),
                raw: Raw::Text(value.clone()),
            }),
            None if !names_a_section(rest, sections) => {}
            None => errors.push(ConfigError {
                code: "SP-1001",
                message: format!("{name} names no setting"),
                origin: Some(origin),
                hint: "write SAPHAN_SECTION__KEY with two underscores between, e.g. \
                       SAPHAN_GATEWAY__LISTEN; rename the variable when it is not a setting"
                    .into(),
            }),
        }
    }
    settings
}

fn names_a_section(rest: &str, sections: &[&str]) -> bool {
    rest.split_once('_').is_some_and(|(it, _)| sections.contains(&it.to_ascii_lowercase().as_str()))
}

/// Settings of flags, by dotted name: `gateway.listen`.
pub(crate) fn from_flags(
    flags: &[(String, String)],
    errors: &mut Vec<ConfigError>,
) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (name, value) in flags {
        let origin = Origin::Flag(name.clone());
        match name.split_once('.') {
            Some((section, key)) => settings.push(Setting {
                origin,
                section: section.to_owned(),
                key: key.to_owned(),
                raw: Raw::Text(value.clone()),
            }),
            None => errors.push(ConfigError {
                code: "SP-1001",
                message: format!("\"{name}\" names no setting"),
                origin: Some(origin),
                hint: "write section.key=value, e.g. gateway.listen=127.0.0.1:8470".into(),
            }),
        }
    }
    settings
}
