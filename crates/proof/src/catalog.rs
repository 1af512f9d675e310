//! The topics route writes to, by number: decisions, every agency's topics, and topics that look like
//! an agency's but that no contract declares.

use std::collections::HashMap;
use std::sync::Arc;

use saphan_kafka::partition_of;
use saphan_model::Timestamp;
use saphan_policy::RouteTable;
use saphan_topology::Names;

use crate::scope::Scope;

/// A topic's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicId(pub(crate) u16);

impl TopicId {
    /// `decision.v1`.
    pub const DECISION: Self = Self(0);
}

/// One topic.
#[derive(Clone, Debug)]
pub struct OutputTopic {
    /// Its name.
    pub name: Arc<str>,
    /// Whose it is; none for decisions and for undeclared topics.
    pub agency: Option<String>,
    /// Is it part of the scope?
    pub watched: bool,
    /// By partition: records of the log appended before this instant may have left it by retention. Empty
    /// while it is not known how many partitions there are.
    horizons: Vec<Timestamp>,
}

impl OutputTopic {
    /// Where a record of such a key belongs; none while the partitions are not known.
    pub(crate) fn partition(&self, key: &[u8]) -> Option<u16> {
        let count = i32::try_from(self.horizons.len()).ok().filter(|it| *it > 0)?;
        u16::try_from(partition_of(key, count)).ok()
    }

    /// May what a record appended at that instant led to have left the partition by retention?
    pub(crate) fn may_have_left(&self, partition: Option<u16>, appended_at: Timestamp) -> bool {
        let horizon = partition.and_then(|it| self.horizons.get(usize::from(it)));
        horizon.is_some_and(|it| appended_at < *it)
    }
}

/// All topics.
#[derive(Clone, Debug)]
pub struct Catalog {
    topics: Vec<OutputTopic>,
    by_name: HashMap<Arc<str>, TopicId>,
}

impl Catalog {
    /// The topics of every rule of every contract version, after `decision.v1`.
    pub fn new(routes: &RouteTable, names: &Names, scope: &Scope) -> Self {
        let mut catalog = Self { topics: Vec::new(), by_name: HashMap::new() };
        catalog.add(&names.decision(), None, true);
        for entry in routes.rules() {
            let agency = routes.id_of(entry.agency);
            let watched = scope.agency.as_ref().is_none_or(|it| it == agency);
            let name = names.agency(agency, entry.rule.event_type);
            catalog.add(&name, Some(agency.as_str()), watched);
        }
        catalog
    }

    /// Adds a topic that no contract declares: whatever stands in it is a finding.
    pub fn add_undeclared(&mut self, name: &str) -> TopicId {
        self.add(name, None, true)
    }

    fn add(&mut self, name: &str, agency: Option<&str>, watched: bool) -> TopicId {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let id = TopicId(u16::try_from(self.topics.len()).expect("fewer topics than 65,536"));
        let name: Arc<str> = name.into();
        self.by_name.insert(name.clone(), id);
        let agency = agency.map(str::to_owned);
        self.topics.push(OutputTopic { name, agency, watched, horizons: Vec::new() });
        id
    }

    /// The topic of a name.
    pub fn id(&self, name: &str) -> Option<TopicId> {
        self.by_name.get(name).copied()
    }

    /// A topic.
    pub fn topic(&self, id: TopicId) -> &OutputTopic {
        &self.topics[usize::from(id.0)]
    }

    /// Says of each of a topic's partitions from when on it is complete.
    pub fn set_horizons(&mut self, id: TopicId, horizons: Vec<Timestamp>) {
        self.topics[usize::from(id.0)].horizons = horizons;
    }

    /// Every topic to be read.
    pub fn watched(&self) -> impl Iterator<Item = (TopicId, &OutputTopic)> {
        let numbered = self.topics.iter().enumerate().filter(|it| it.1.watched);
        numbered.map(|(n, it)| (TopicId(u16::try_from(n).expect("counted when added")), it))
    }
}
