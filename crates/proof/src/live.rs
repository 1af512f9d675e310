//! The thin shell: reads a real platform's topics and feeds the pure parts. Reads only; joins no group,
//! commits nothing, so that it can run beside a working platform.
//!
//! Order matters while the platform works. Positions of route are read before its outputs (whatever is
//! below must be complete) and again after (whatever is there must be below). The ledger is read before
//! the log, so that the log holds all the ledger speaks of.

mod books;
mod checkpoint;
mod explain;
mod read;
mod what_if;

use std::io;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use saphan_kafka::{Admin, Isolation, KafkaConfig, Reader, Trouble, partition_of};
use saphan_model::Timestamp;

pub use checkpoint::{Recounted, Sealed, Until};
pub use explain::Question;
pub use what_if::what_if;

use crate::checkpoint::Broken;
use crate::conservation::Conservation;
use crate::kept::Kept;
use crate::overlay::Changes;
use crate::partition::Bounds;
use crate::report::Report;
use crate::scope::Scope;
use crate::shelf::FolderShelf;
use crate::verifier::{Platform, Verifier};

/// A platform that can be read.
pub struct Live<'p> {
    /// How to reach the brokers.
    pub kafka: KafkaConfig,
    /// What to know of it.
    pub platform: Platform<'p>,
    /// Consumer group of admit.
    pub admit_group: String,
    /// Consumer group of route.
    pub route_group: String,
}

/// What is asked for.
pub struct Options {
    /// Which part.
    pub scope: Scope,
    /// Findings of one kind to list.
    pub limit: u64,
    /// Folder for temporary files: 52 bytes for each record route wrote. They tell nothing by themselves.
    pub work_dir: PathBuf,
}

/// Why nothing could be proved.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The brokers.
    #[error("{0}")]
    Kafka(#[from] Trouble),
    /// Temporary files.
    #[error("SP-2030: temporary files of the verification: {0}")]
    Files(#[from] io::Error),
    /// The log has lost its beginning.
    #[error(
        "SP-2031: partition {partition} of {log} begins at offset {first}; without its beginning nothing \
         can be replayed"
    )]
    Truncated {
        /// The patient log.
        log: String,
        /// Its partition.
        partition: i32,
        /// Its oldest offset.
        first: i64,
    },
    /// A transaction stays open, so that what follows it cannot be read.
    #[error(
        "SP-2032: a transaction in partition {partition} of {topic} stays open; try again later"
    )]
    Open {
        /// The topic.
        topic: String,
        /// Its partition.
        partition: i32,
    },
    /// The position asked for holds no record.
    #[error("SP-2034: {log} holds no record at {partition}:{offset}")]
    NoSuchPosition {
        /// The patient log.
        log: String,
        /// The partition asked for.
        partition: i32,
        /// The offset asked for.
        offset: i64,
    },
    /// A record that cannot be replayed, so that nothing after it can be explained.
    #[error("SP-2035: record {log}/{partition}/{offset} cannot be replayed: {why}")]
    Unreadable {
        /// The patient log.
        log: String,
        /// Its partition.
        partition: i32,
        /// Where it stands.
        offset: i64,
        /// Why.
        why: String,
    },
    /// Nothing there to be proved.
    #[error("SP-2069: {0}")]
    NothingThere(String),
    /// The log is not what a checkpoint was made for.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// No secret for fingerprints.
    #[error("SP-2033: the system gave no random bytes: {0}")]
    NoRandomness(getrandom::Error),
}

/// Where the patient log stands.
struct Position {
    partition: i32,
    bounds: Bounds,
}

impl Live<'_> {
    /// Verifies. `progress` is told in sentences what goes on.
    pub fn verify(
        &self,
        options: &Options,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Report, LiveError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(LiveError::NoRandomness)?;
        let shelf = Box::new(FolderShelf::new(&options.work_dir)?);
        let scope = options.scope.clone();
        let ledger = scope.ledger();
        let topics = read::Topics::open(&self.kafka)?;
        let books = if ledger { Some(books::open(self, &topics, progress)?) } else { None };
        let positions = self.positions(&topics)?;
        let count = i32::try_from(positions.len()).unwrap_or(i32::MAX);
        let mut verifier =
            Verifier::new(&self.platform, scope, count, shelf, &secret, options.limit);
        self.gather(&topics, &mut verifier, progress)?;
        let mut positions = self.claimed(&topics, positions)?;
        if let Some(patient) = &options.scope.patient {
            positions.retain(|it| it.partition == partition_of(&patient.0, count));
        }
        let mut books = books;
        for position in &positions {
            let books = books.as_mut().map(|it| &mut it.0);
            self.replay(&topics, &mut verifier, position, books, progress)?;
        }
        let mut balance = None;
        if let Some((books, ingest)) = books {
            let count =
                |partition, first, next| topics.count(&self.ingest(), partition, first, next);
            let (closed, findings) = books.finish(&ingest, count)?;
            balance = Some(closed);
            findings.into_iter().for_each(|it| verifier.add(it));
        }
        let mut report = verifier.finish();
        report.balance = balance;
        Ok(report)
    }

    fn log(&self) -> String {
        self.platform.names.patient_log()
    }

    fn ingest(&self) -> String {
        self.platform.names.ingest()
    }

    /// How far route has committed; the whole log must be there.
    fn positions(&self, topics: &read::Topics) -> Result<Vec<Position>, LiveError> {
        let log = self.log();
        let positions = topics.admin.positions(&self.route_group, &[&log])?;
        let position = |it: saphan_kafka::GroupPosition| {
            if it.first > 0 {
                let (partition, first) = (it.partition, it.first);
                return Err(LiveError::Truncated { log: log.clone(), partition, first });
            }
            let settled = it.committed.unwrap_or(0);
            let bounds = Bounds { settled, claimed: settled };
            Ok(Position { partition: it.partition, bounds })
        };
        positions.into_iter().map(position).collect()
    }

    fn claimed(
        &self,
        topics: &read::Topics,
        mut positions: Vec<Position>,
    ) -> Result<Vec<Position>, LiveError> {
        for (now, before) in self.positions(topics)?.into_iter().zip(&mut positions) {
            before.bounds.claimed = now.bounds.settled.max(before.bounds.settled);
        }
        Ok(positions)
    }

    /// Everything route wrote.
    fn gather(
        &self,
        topics: &read::Topics,
        verifier: &mut Verifier,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(), LiveError> {
        let existing = topics.admin.list_topics()?;
        let prefix = self.platform.names.agency_prefix();
        for name in existing.keys().filter(|it| it.starts_with(&prefix)) {
            if verifier.catalog().id(name).is_none() && self.all_agencies(verifier) {
                verifier.catalog().add_undeclared(name);
            }
        }
        let watched: Vec<_> =
            verifier.catalog().watched().map(|it| (it.0, it.1.name.to_string())).collect();
        progress(&format!(
            "reading decisions and the topics of agencies: {} topics",
            watched.len()
        ));
        let kept = Kept::declared(self.platform.topology, self.platform.names);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        for (id, name) in watched {
            if !existing.contains_key(&name) {
                progress(&format!("topic {name} does not exist"));
                continue;
            }
            let mut trouble = Ok(());
            let read = topics.read(&name, |record| {
                if trouble.is_ok() {
                    trouble = verifier.see(record);
                }
            })?;
            trouble?;
            // What left before its time did not leave by retention.
            let latest = kept.get(&name).map_or(i64::MAX, |it| it.horizon(now));
            let horizons = read.horizons.into_iter().map(|it| it.min(Timestamp(latest))).collect();
            verifier.catalog().set_horizons(id, horizons);
        }
        let mut trouble = Ok(());
        topics.read(&self.platform.names.consent_state(), |row| {
            if trouble.is_ok() {
                trouble = verifier.see_state(row);
            }
        })?;
        Ok(trouble?)
    }

    /// Every change of consent in a partition of the log: a record is judged by what follows it, too.
    fn changes(
        &self,
        topics: &read::Topics,
        verifier: &Verifier,
        partition: i32,
    ) -> Result<Changes, LiveError> {
        let mut changes = Changes::default();
        topics.read_partition(&self.log(), partition, |record| {
            if verifier.scope.replays(record.key) {
                changes.see(record, &self.platform.ids);
            }
        })?;
        Ok(changes)
    }

    fn all_agencies(&self, verifier: &Verifier) -> bool {
        verifier.scope.agency.is_none()
    }

    fn replay(
        &self,
        topics: &read::Topics,
        verifier: &mut Verifier,
        position: &Position,
        mut books: Option<&mut Conservation>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(), LiveError> {
        let started = Instant::now();
        let changes = self.changes(topics, verifier, position.partition)?;
        let mut proof = verifier.partition(position.partition, position.bounds, changes)?;
        let mut records = 0u64;
        topics.read_partition(&self.log(), position.partition, |record| {
            records += 1;
            if records.is_multiple_of(TELL_EVERY) {
                progress(&told(position.partition, records, started));
            }
            if let Some(books) = books.as_deref_mut() {
                books.logged(record);
            }
            proof.apply(record);
        })?;
        proof.finish();
        let findings = verifier.report.total();
        let told = told(position.partition, records, started);
        progress(&format!("{told}, {findings} finding(s) so far"));
        Ok(())
    }
}

/// Records of a partition between two signs of life.
const TELL_EVERY: u64 = 1_000_000;

fn told(partition: i32, records: u64, started: Instant) -> String {
    let rate = records as f64 / started.elapsed().as_secs_f64().max(0.001);
    format!("partition {partition} of the patient log: {records} records, {rate:.0} a second")
}

impl read::Topics {
    fn open(kafka: &KafkaConfig) -> Result<Self, LiveError> {
        Ok(Self {
            admin: Admin::new(kafka)?,
            committed: Reader::new(kafka, "verify", Isolation::Committed)?,
            everything: Reader::new(kafka, "verify-ends", Isolation::Uncommitted)?,
        })
    }
}
