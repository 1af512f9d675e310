//! Agencies in other languages that read a topic while the platform is being broken. What they wrote down is
//! compared with what stands in the topic in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use saphan_kafka::{Isolation, KafkaConfig, Reader};

use crate::check::{Figures, Finding, compare};
use crate::platform::{Site, path};
use crate::terminal::{say, tell};

/// The payer's visits: of all topics, one of the busiest.
const TOPIC: &str = "agency.nhso.encounter.v1";
const PYTHON: &str = ".dev/python/bin/python";
const PATIENCE: Duration = Duration::from_secs(90);

/// A place in the topic.
type Place = (i32, i64);
/// What stands there: event id in hexadecimal digits, version.
type Told = (String, i64);

/// The agencies that read.
pub struct Readers(Vec<Agency>);

struct Agency {
    name: &'static str,
    /// What it gets must be what stands in the topic; otherwise it is only told.
    exact: bool,
    child: Child,
    file: PathBuf,
}

impl Readers {
    /// Starts those whose language is on this machine; they are run from the repository's root.
    pub fn start(site: &Site) -> Result<Self> {
        let mut them = Vec::new();
        let (bootstrap, registry) = (&site.parts.kafka_bootstrap, &site.parts.registry_url);
        let topic = site.name(TOPIC);
        if Path::new(PYTHON).exists() {
            let mut command = Command::new(PYTHON);
            command.args(["tests/foreign/follow.py", bootstrap, registry, &topic]);
            command.arg(Agency::file(site, "python"));
            them.push(Agency::start(site, "python", true, command)?);
        } else {
            tell(&format_args!(
                "no {PYTHON}: nobody reads in Python (scripts/python-clients.sh makes it)"
            ));
        }
        let Some(jars) = jars()? else {
            tell(&"no javac, or no Kafka client for Java in .dev/cache: nobody reads in Java");
            return Ok(Self(them));
        };
        for (name, how) in [("java", "committed"), ("java-defaults", "defaults")] {
            let mut command = Command::new("java");
            command.args(["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"]);
            command.arg(jars.join("*")).args(["tests/foreign/Follow.java", bootstrap, &topic]);
            command.arg(Agency::file(site, name)).arg(how);
            them.push(Agency::start(site, name, how == "committed", command)?);
        }
        Ok(Self(them))
    }

    /// Lets them read to the end; what they got against what stands in the topic.
    pub fn compare(self, site: &Site) -> Result<Vec<Finding>> {
        let stands = committed(site)?;
        let mut findings = Vec::new();
        for agency in self.0 {
            let (name, exact) = (agency.name, agency.exact);
            let got = agency.finish()?;
            let places: BTreeSet<&(Place, Told)> = got.iter().collect();
            let beyond = places.iter().filter(|it| stands.get(&it.0) != Some(&it.1)).count();
            let again = got.len() - places.len();
            if exact {
                findings.extend(exactly(name, &got, &stands));
            } else {
                say(&format_args!(
                    "\n{name}: of {} records, {beyond} were never delivered and {again} came again",
                    got.len()
                ));
            }
        }
        Ok(findings)
    }
}

/// A reader of committed records gets each once, with its content, and nothing else.
fn exactly(name: &str, got: &[(Place, Told)], stands: &BTreeMap<Place, Told>) -> [Finding; 2] {
    let figure = |(place, told): (&Place, &Told)| {
        (vec![place.0.to_string(), place.1.to_string(), told.0.clone(), told.1.to_string()], 1)
    };
    let expected: Figures = stands.iter().map(figure).collect();
    let mut seen = Figures::new();
    let mut tellings = BTreeMap::<&Told, i64>::new();
    for (place, told) in got {
        *seen.entry(figure((place, told)).0).or_default() += 1;
        *tellings.entry(told).or_default() += 1;
    }
    let repeated = tellings.iter().filter(|it| *it.1 > 1);
    let repeated = repeated.map(|it| (vec![it.0.0.clone(), it.0.1.to_string()], *it.1)).collect();
    [
        compare(format!("records a reader in {name} got"), &expected, &seen),
        compare(format!("versions told twice to {name}"), &Figures::new(), &repeated),
    ]
}

impl Agency {
    fn file(site: &Site, name: &str) -> PathBuf {
        site.dir.join("logs").join(format!("reader-{name}.txt"))
    }

    fn start(site: &Site, name: &'static str, exact: bool, mut command: Command) -> Result<Self> {
        let file = Self::file(site, name);
        let log = File::create(file.with_extension("log"))?;
        let child = command
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("start the reader {name}"))?;
        Ok(Self { name, exact, child, file })
    }

    /// Lets it read what is left; what it wrote down.
    fn finish(mut self) -> Result<Vec<(Place, Told)>> {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            ensure!(Instant::now() < deadline, "the reader {} does not end", self.name);
            std::thread::sleep(Duration::from_millis(100));
        };
        let log = self.file.with_extension("log");
        ensure!(
            status.success(),
            "the reader {} failed ({status}); see {}",
            self.name,
            log.display()
        );
        let text = std::fs::read_to_string(&self.file)?;
        text.lines()
            .map(|it| line(it).with_context(|| format!("a line of {}", self.name)))
            .collect()
    }
}

impl Drop for Agency {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(text: &str) -> Option<(Place, Told)> {
    let mut words = text.split(' ');
    let place = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some((place, (words.next()?.to_owned(), words.next()?.parse().ok()?)))
}

/// What stands in the topic, read as the platform reads.
fn committed(site: &Site) -> Result<BTreeMap<Place, Told>> {
    let kafka = KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone());
    let reader = Reader::new(&kafka, "soak", Isolation::Committed)?;
    let mut stands = BTreeMap::new();
    let mut unreadable = 0;
    reader.read_to_end(&site.name(TOPIC), |it| match it.value.and_then(told) {
        Some(told) => drop(stands.insert((it.partition, it.offset), told)),
        None => unreadable += 1,
    })?;
    ensure!(unreadable == 0, "{unreadable} records of {TOPIC} cannot be read");
    Ok(stands)
}

/// Event id and version: behind the frame of 5 bytes stand two ids of 16 bytes, the action, the version.
fn told(value: &[u8]) -> Option<Told> {
    let event = value.get(5..21)?.iter().map(|it| format!("{it:02x}")).collect();
    let (_action, rest) = number(value.get(37..)?)?;
    let (version, _) = number(rest)?;
    Some((event, version))
}

/// Avro's variable length, zigzag.
fn number(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let end = bytes.iter().take(10).position(|it| it & 0x80 == 0)?;
    let coded = bytes[..=end].iter().rev().fold(0_u64, |sum, it| sum << 7 | u64::from(it & 0x7f));
    Some(((coded >> 1).cast_signed() ^ -(coded & 1).cast_signed(), &bytes[end + 1..]))
}

/// The folder with the Kafka client's jars, if there is one and a compiler.
fn jars() -> Result<Option<PathBuf>> {
    let cache = Path::new(".dev/cache");
    let java = Command::new("javac").arg("-version").output().is_ok_and(|it| it.status.success());
    if !java || !cache.exists() {
        return Ok(None);
    }
    let mut found: Vec<PathBuf> = std::fs::read_dir(cache)?
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(|it| path(it).is_ok_and(|it| it.contains("/kafka-")) && it.join("jars").is_dir())
        .collect();
    found.sort_by_key(|it| std::fs::metadata(it).and_then(|it| it.modified()).ok());
    Ok(found.pop().map(|it| it.join("jars")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(partition: i32, offset: i64, event: &str, version: i64) -> (Place, Told) {
        ((partition, offset), (event.to_owned(), version))
    }

    #[test]
    fn a_record_too_many_too_few_or_twice_is_found() {
        let stands: BTreeMap<Place, Told> = [at(0, 1, "a", 1), at(0, 3, "b", 2)].into();
        let all: Vec<_> = stands.clone().into_iter().collect();
        let check = |got: &[(Place, Told)]| exactly("it", got, &stands).map(|it| it.n_differences);
        assert_eq!(check(&all), [0, 0]);
        assert_eq!(check(&all[..1]), [1, 0]);
        assert_eq!(check(&[all.clone(), vec![at(0, 2, "c", 1)]].concat()), [1, 0]);
        assert_eq!(check(&[all.clone(), all[..1].to_vec()].concat()), [1, 1]);
        assert_eq!(check(&[all.clone(), vec![at(1, 9, "a", 1)]].concat()), [1, 1]);
    }

    #[test]
    fn event_and_version_are_read_from_the_bytes() {
        let mut value = vec![0, 0, 0, 0, 7];
        value.extend([0xab; 16]);
        value.extend([0; 16]);
        value.extend([0x02, 0xd8, 0x04]); // action 1, version 300
        assert_eq!(told(&value), Some(("ab".repeat(16), 300)));
        assert_eq!(told(&value[..30]), None);
    }
}
