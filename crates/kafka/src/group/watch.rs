//! Looks, on a thread of its own, whether some partition of the group has stayed without an owner.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;

use super::Place;
use super::coverage::{Described, least_loaded, read_assignment, unowned};
use crate::config::KafkaConfig;
use crate::failure::Trouble;

const TIMEOUT: Duration = Duration::from_secs(10);
/// The only state in which an assignment is the whole group's word.
const STABLE: &str = "Stable";

/// Ends its thread when dropped.
pub(super) struct CoverageWatch {
    stranded: Arc<AtomicBool>,
    _ends: SyncSender<()>,
}

struct Watcher {
    kafka: KafkaConfig,
    group: String,
    client_id: String,
    topics: Vec<String>,
}

/// What one look found.
#[derive(Default, PartialEq, Eq)]
struct Look {
    unowned: BTreeSet<Place>,
    /// This member is the one that acts.
    ours: bool,
}

impl CoverageWatch {
    /// Looks every `every`, for the member whose client id is that of part `part`.
    pub fn start(
        kafka: &KafkaConfig,
        part: &str,
        group: &str,
        topics: &[&str],
        every: Duration,
    ) -> Result<Self, Trouble> {
        let watcher = Watcher {
            kafka: kafka.clone(),
            group: group.to_owned(),
            client_id: kafka.client_id_of(part),
            topics: topics.iter().map(|&it| it.to_owned()).collect(),
        };
        let stranded = Arc::new(AtomicBool::new(false));
        let (ends, ended) = sync_channel(0);
        let found = Arc::clone(&stranded);
        thread::Builder::new()
            .name("group-coverage".to_owned())
            .spawn(move || watcher.run(every, &ended, &found))
            .map_err(|it| Trouble::new("SP-1501", format!("no thread for the group: {it}")))?;
        Ok(Self { stranded, _ends: ends })
    }

    /// Partitions have no owner, and this member is the one to have the group assign anew.
    pub fn stranded(&self) -> bool {
        self.stranded.load(Ordering::Relaxed)
    }
}

impl Watcher {
    /// A partition on its way is without an owner for a moment, so it takes two looks at the same.
    fn run(&self, every: Duration, ended: &Receiver<()>, stranded: &AtomicBool) {
        let mut before = Look::default();
        while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            // A coordinator that does not answer now is asked again; the loop tells of such trouble itself.
            let now = self.look().unwrap_or_default();
            if now.ours && !now.unowned.is_empty() && now == before {
                stranded.store(true, Ordering::Relaxed);
            }
            before = now;
        }
    }

    fn look(&self) -> Result<Look, KafkaError> {
        let client: BaseConsumer = self.kafka.client("coverage").create()?;
        let groups = client.fetch_group_list(Some(&self.group), TIMEOUT)?;
        let group = groups.groups().iter().find(|it| it.name() == self.group);
        let Some(group) = group.filter(|it| it.state() == STABLE) else {
            return Ok(Look::default());
        };
        let described = group.members().iter().map(|it| {
            let owned = read_assignment(it.assignment().unwrap_or_default())?;
            Some(Described { client_id: it.client_id().to_owned(), owned })
        });
        let Some(members) = described.collect::<Option<Vec<_>>>() else {
            return Ok(Look::default());
        };
        Ok(Look {
            unowned: unowned(&self.partitions(&client)?, &members),
            ours: least_loaded(&members) == Some(self.client_id.as_str()),
        })
    }

    fn partitions(&self, client: &BaseConsumer) -> Result<BTreeSet<Place>, KafkaError> {
        let mut all = BTreeSet::new();
        for topic in &self.topics {
            let metadata = client.fetch_metadata(Some(topic), TIMEOUT)?;
            let partitions = metadata.topics().iter().flat_map(|it| it.partitions());
            all.extend(partitions.map(|it| Place { topic: topic.clone(), partition: it.id() }));
        }
        Ok(all)
    }
}
