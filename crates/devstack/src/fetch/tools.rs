//! The programs the stack borrows from the machine: Java, Maven, npm, and a ClickHouse server if there is one.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::error::DevstackError;

/// Oldest Java that runs the pinned Kafka and registry.
const JAVA_MIN: u32 = 17;

/// A `clickhouse` found on the PATH that is new enough to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClickHouseServer {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its version, as it says.
    pub(crate) version: String,
}

/// A program a person must have installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Java,
    Maven,
    Npm,
}

/// Checks that `tools` are installed, and names every one that is not, with the way to get it.
pub(crate) fn require(tools: &[Tool]) -> Result<(), DevstackError> {
    let mut missing = Vec::new();
    for tool in [Tool::Java, Tool::Maven, Tool::Npm].into_iter().filter(|it| tools.contains(it)) {
        if let Err(what) = tool.check() {
            missing.push(format!("{what}; {}", tool.remedy()));
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(DevstackError::Missing(missing.join("\n  "))) }
}

impl Tool {
    /// Says what is wrong, if something is.
    fn check(self) -> Result<(), String> {
        let program = match self {
            Self::Java => "java",
            Self::Maven => "mvn",
            Self::Npm => "npm",
        };
        if on_path(program).is_none() {
            return Err(format!("`{program}` is not on the PATH"));
        }
        if self != Self::Java {
            return Ok(());
        }
        let said = output_of(program, &["-version"]).unwrap_or_default();
        match java_major(&said) {
            Some(major) if major >= JAVA_MIN => Ok(()),
            Some(major) => Err(format!("`java` is version {major}, too old")),
            None => Err("`java -version` does not tell a version".to_owned()),
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Java => {
                "install Java 17 or newer (Debian: `apt-get install default-jre-headless`)"
            }
            Self::Maven => "install Maven (Debian: `apt-get install maven`)",
            Self::Npm => "install Node.js with npm (Debian: `apt-get install npm`)",
        }
    }
}

/// The ClickHouse server on the PATH, if it is at least version `min` (`major.minor`).
pub(crate) fn server_on_path(min: &str, progress: &dyn Fn(&str)) -> Option<ClickHouseServer> {
    let program = on_path("clickhouse")?;
    let said = output_of("clickhouse", &["server", "--version"]).unwrap_or_default();
    let version = clickhouse_version(&said)?;
    if version_key(&version) >= version_key(min) {
        return Some(ClickHouseServer { program, version });
    }
    progress(&format!(
        "clickhouse: the server on the PATH is version {version}, older than {min}; using the \
         embedded engine"
    ));
    None
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|it| it.join(program)).find(|it| it.is_file())
}

fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let both = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&both).into_owned())
}

/// Major version from what `java -version` prints: `openjdk version "17.0.15" …`, `"1.8.0_292"`.
fn java_major(said: &str) -> Option<u32> {
    let version = said.split('"').nth(1)?;
    let mut numbers = version.split(['.', '-', '+', '_']).map(|it| it.parse().ok());
    match numbers.next()?? {
        1 => numbers.next()?,
        major => Some(major),
    }
}

/// Version from what `clickhouse server --version` prints: `ClickHouse server version 25.3.2.39 (…)`.
fn clickhouse_version(said: &str) -> Option<String> {
    let rest = said.split("version ").nth(1)?;
    let version: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    (!version.is_empty()).then(|| version.trim_end_matches('.').to_owned())
}

fn version_key(version: &str) -> Vec<u32> {
    version.split('.').take(2).map(|it| it.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_java_major(said: &str, expected: Option<u32>) {
        assert_eq!(java_major(said), expected);
    }

    #[test]
    fn java_tells_its_major_version_in_three_ways() {
        check_java_major("openjdk version \"17.0.15\" 2025-04-15", Some(17));
        check_java_major("openjdk version \"21-ea\" 2023-09-19", Some(21));
        check_java_major("java version \"1.8.0_292\"", Some(8));
        check_java_major("command not found", None);
    }

    #[track_caller]
    fn check_server(said: &str, min: &str, expected: bool) {
        let found = clickhouse_version(said).is_some_and(|it| version_key(&it) >= version_key(min));
        assert_eq!(found, expected, "{said}");
    }

    #[test]
    fn only_a_new_enough_server_is_used() {
        check_server("ClickHouse server version 25.3.2.39 (official build).", "25.3", true);
        check_server("ClickHouse server version 26.1.1.", "25.3", true);
        check_server("ClickHouse server version 18.16.1.", "25.3", false);
        check_server("no such program", "25.3", false);
    }

    #[test]
    fn every_tool_has_a_remedy_that_names_a_package() {
        for tool in [Tool::Java, Tool::Maven, Tool::Npm] {
            assert!(tool.remedy().contains("apt-get install"));
        }
    }
}
