//! Gets the parts onto the machine through the package managers' own clients, and checks every byte.
//!
//! Each part lands in a folder of the cache named after its version. A folder is filled beside its place and
//! moved there only when its sums agree, so a part is either whole or absent; what a package manager has
//! already fetched it keeps itself, so a repeated run is short. Knows nothing of running the parts.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::error::DevstackError;
use crate::layout::{lock, remove_folder, tail};
use crate::pins::{ClickHousePin, KafkaPin, MavenPin, RegistryPin};
use crate::process::{self, MARK_VARIABLE};

mod tools;

pub(crate) use tools::{ClickHouseServer, Tool, require, server_on_path};

/// A long download says that it is alive this often.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Fetches parts into one cache folder.
pub(crate) struct Fetcher<'a> {
    /// The cache of downloads.
    pub(crate) cache: &'a Path,
    /// State folder of the stack it fetches for; a package manager that outlives us is found by it.
    pub(crate) owner: &'a Path,
    /// Where lines for the person waiting go.
    pub(crate) progress: &'a dyn Fn(&str),
}

impl Fetcher<'_> {
    /// Whether Kafka is there already.
    pub(crate) fn has_kafka(&self, pin: &KafkaPin) -> bool {
        self.place("kafka", &pin.version).is_dir()
    }

    /// Whether the registry is there already.
    pub(crate) fn has_registry(&self, pin: &RegistryPin) -> bool {
        self.place("registry", &pin.version).is_dir()
    }

    /// Whether the ClickHouse engine is there already.
    pub(crate) fn has_clickhouse(&self, pin: &ClickHousePin) -> bool {
        self.place("clickhouse", &pin.version).is_dir()
    }

    /// The folder of Kafka's jars.
    pub(crate) fn kafka(&self, maven: &MavenPin, pin: &KafkaPin) -> Result<PathBuf, DevstackError> {
        let place = self.place("kafka", &pin.version);
        self.obtain(&place, |fresh| {
            self.say_download("kafka", &format!("Kafka {}", pin.version), pin.megabytes, "mvn");
            fs::write(fresh.join("pom.xml"), pom(&pin.artifacts))
                .map_err(DevstackError::folder("write", fresh))?;
            let goal = format!("{}:copy-dependencies", maven.dependency_plugin);
            self.run(fresh, "kafka", maven_command(&goal, &["-DoutputDirectory=jars"]))?;
            check_jars(&fresh.join("jars"), pin)
        })?;
        Ok(place.join("jars"))
    }

    /// The jar that runs the registry.
    pub(crate) fn registry(
        &self,
        maven: &MavenPin,
        pin: &RegistryPin,
    ) -> Result<PathBuf, DevstackError> {
        let place = self.place("registry", &pin.version);
        self.obtain(&place, |fresh| {
            let title = format!("Apicurio Registry {}", pin.version);
            self.say_download("registry", &title, pin.megabytes, "mvn");
            fs::write(fresh.join("pom.xml"), pom(&[]))
                .map_err(DevstackError::folder("write", fresh))?;
            let goal = format!("{}:copy", maven.dependency_plugin);
            let artifact = format!("-Dartifact={}", pin.artifact);
            let arguments = [artifact.as_str(), "-DoutputDirectory=."];
            self.run(fresh, "registry", maven_command(&goal, &arguments))?;
            self.unpack(fresh, "registry", &pin.archive, &pin.sha256)
        })?;
        Ok(place.join(&pin.jar))
    }

    /// The library that is the ClickHouse engine.
    pub(crate) fn clickhouse(&self, pin: &ClickHousePin) -> Result<PathBuf, DevstackError> {
        let place = self.place("clickhouse", &pin.version);
        self.obtain(&place, |fresh| {
            let title = format!("ClickHouse engine {}", pin.version);
            self.say_download("clickhouse", &title, pin.megabytes, "npm");
            let mut command = Command::new("npm");
            command.args(["pack", "--silent", &format!("{}@{}", pin.package, pin.version)]);
            self.run(fresh, "clickhouse", command)?;
            self.unpack(fresh, "clickhouse", &pin.archive, &pin.sha256)?;
            check_sum(&fresh.join(&pin.library), &pin.library_sha256)
        })?;
        Ok(place.join(&pin.library))
    }

    fn place(&self, part: &str, version: &str) -> PathBuf {
        self.cache.join(format!("{part}-{version}"))
    }

    /// Fills `place` through `fill`, unless an earlier run did.
    fn obtain(
        &self,
        place: &Path,
        fill: impl FnOnce(&Path) -> Result<(), DevstackError>,
    ) -> Result<(), DevstackError> {
        if place.is_dir() {
            return Ok(());
        }
        let _alone = lock(&self.cache.join("lock"), self.progress)?;
        if place.is_dir() {
            return Ok(()); // another run fetched it while we waited
        }
        let fresh = beside(place);
        remove_folder(&fresh)?;
        fs::create_dir_all(&fresh).map_err(DevstackError::folder("make", &fresh))?;
        fill(&fresh)?;
        fs::rename(&fresh, place).map_err(DevstackError::folder("move", &fresh))
    }

    /// Runs a package manager in `fresh`, saying now and then that it is still at work.
    fn run(&self, fresh: &Path, part: &str, mut command: Command) -> Result<(), DevstackError> {
        let log = fresh.join("download.log");
        let output = File::create(&log).map_err(DevstackError::folder("write", &log))?;
        let errors = output.try_clone().map_err(DevstackError::folder("write", &log))?;
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .env(MARK_VARIABLE, process::mark(self.owner, &format!("download of {part}")))
            .current_dir(fresh)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(DevstackError::folder("run", Path::new(&program)))?;
        let began = Instant::now();
        let mut said = began;
        let status = loop {
            let ended = child.try_wait().map_err(DevstackError::folder("wait for", fresh))?;
            if let Some(status) = ended {
                break status;
            }
            if said.elapsed() >= HEARTBEAT {
                said = Instant::now();
                let seconds = began.elapsed().as_secs();
                (self.progress)(&format!("{part}: still downloading ({seconds} s)"));
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        if status.success() {
            return Ok(());
        }
        Err(DevstackError::Download { part: part.to_owned(), detail: tail(&log, 6) })
    }

    /// Checks an archive, unpacks it where it lies and removes it.
    fn unpack(
        &self,
        fresh: &Path,
        part: &str,
        archive: &str,
        sha256: &str,
    ) -> Result<(), DevstackError> {
        check_sum(&fresh.join(archive), sha256)?;
        (self.progress)(&format!("{part}: downloaded and checked; unpacking"));
        let mut tar = Command::new("tar");
        tar.args(["xzf", archive]);
        self.run(fresh, part, tar)?;
        let path = fresh.join(archive);
        fs::remove_file(&path).map_err(DevstackError::folder("remove", &path))
    }

    fn say_download(&self, part: &str, title: &str, megabytes: u32, client: &str) {
        (self.progress)(&format!(
            "{part}: downloading {title} through {client} (about {megabytes} MB, only this once)"
        ));
    }
}

/// Where a part is put together before it is known to be whole.
fn beside(place: &Path) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    place.with_file_name(name)
}

fn maven_command(goal: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("mvn");
    command.args(["--batch-mode", "--quiet", goal]).args(arguments);
    command
}

/// A project file that only lists dependencies.
fn pom(artifacts: &[String]) -> String {
    let dependencies: String = artifacts
        .iter()
        .map(|it| {
            let words: Vec<&str> = it.split(':').collect();
            let [group, artifact, version] = words[..] else { return String::new() };
            format!(
                "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
                 <version>{version}</version></dependency>\n"
            )
        })
        .collect();
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\n\
         <groupId>saphan</groupId><artifactId>devstack</artifactId><version>1</version>\
         <packaging>pom</packaging>\n<dependencies>\n{dependencies}</dependencies></project>\n"
    )
}

/// Every pinned jar is there with its sum, and no other.
fn check_jars(jars: &Path, pin: &KafkaPin) -> Result<(), DevstackError> {
    for (name, sha256) in &pin.sha256 {
        check_sum(&jars.join(name), sha256)?;
    }
    let present = fs::read_dir(jars).map_err(DevstackError::folder("read", jars))?.count();
    if present == pin.sha256.len() {
        return Ok(());
    }
    Err(DevstackError::Download {
        part: "kafka".to_owned(),
        detail: format!("{present} jars came, {} are pinned", pin.sha256.len()),
    })
}

/// Checks a file against its pin, and removes it when it differs.
fn check_sum(path: &Path, pinned: &str) -> Result<(), DevstackError> {
    let found = sha256_of(path).map_err(DevstackError::folder("read", path))?;
    if found == pinned {
        return Ok(());
    }
    fs::remove_file(path).map_err(DevstackError::folder("remove", path))?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(DevstackError::Checksum { file, found, pinned: pinned.to_owned() })
}

fn sha256_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetcher(cache: &Path) -> Fetcher<'_> {
        Fetcher { cache, owner: cache, progress: &|_| {} }
    }

    #[test]
    fn a_file_with_another_sum_is_refused_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("part.tgz");
        fs::write(&file, "abc").unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        check_sum(&file, abc).unwrap();
        fs::write(&file, "abd").unwrap();
        let error = check_sum(&file, abc).unwrap_err().to_string();
        assert!(error.contains("SP-1904") && error.contains("part.tgz"), "{error}");
        assert!(!file.exists());
    }

    #[test]
    fn a_half_finished_part_is_fetched_anew_and_a_whole_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("thing-1.0");
        let fresh = beside(&place);
        fs::create_dir_all(&fresh).unwrap();
        fs::write(fresh.join("left-over"), "half").unwrap();
        let fetcher = fetcher(dir.path());
        fetcher
            .obtain(&place, |fresh| {
                assert!(!fresh.join("left-over").exists());
                fs::write(fresh.join("whole"), "whole").unwrap();
                Ok(())
            })
            .unwrap();
        assert!(place.join("whole").exists());
        fetcher.obtain(&place, |_| panic!("a whole part is not fetched again")).unwrap();
    }

    #[test]
    fn a_failed_fetch_leaves_no_part() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("thing-1.0");
        let mut false_command = Command::new("sh");
        false_command.args(["-c", "echo no such artefact; exit 1"]);
        let fetcher = fetcher(dir.path());
        let error = fetcher.obtain(&place, |fresh| fetcher.run(fresh, "thing", false_command));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("SP-1903") && error.contains("no such artefact"), "{error}");
        assert!(!place.exists());
    }
}
