//! The contracts, laid out for routing: agencies by number, rules by type, versions by time.

use saphan_model::contract::{Contract, Rule};
use saphan_model::limits::AGENCIES_MAX;
use saphan_model::{AgencyId, EventType, Timestamp};

use crate::agencies::{AgencyIndex, AgencySet};

/// Names one rule of one contract version in one table: 0 to [`RouteTable::rules`]`.len()`, without
/// gaps, so that callers can keep something per rule (a projection) in a plain list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(usize);

impl RuleId {
    /// The place in [`RouteTable::rules`].
    pub const fn get(self) -> usize {
        self.0
    }
}

/// Contracts that cannot be routed by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteTableError {
    /// The holdings bitset is full.
    #[error("{0} agencies have contracts, but the platform routes to {AGENCIES_MAX} at most")]
    TooManyAgencies(usize),
    /// One version number twice.
    #[error("agency {agency} has two contracts of version {version}; give each its own number")]
    DuplicateVersion {
        /// Whose.
        agency: AgencyId,
        /// Which.
        version: u32,
    },
    /// A later version must begin later, or a replay could not tell which one held.
    #[error(
        "version {version} of agency {agency} does not take effect after the version before it; \
         give it a later instant"
    )]
    VersionsOutOfOrder {
        /// Whose.
        agency: AgencyId,
        /// The later version.
        version: u32,
    },
    /// One rule per type.
    #[error("version {version} of agency {agency} has two rules for {event_type}; merge them")]
    DuplicateRule {
        /// Whose.
        agency: AgencyId,
        /// Which.
        version: u32,
        /// The type ruled twice.
        event_type: EventType,
    },
    /// Directives, links and retractions are the platform's own.
    #[error("version {version} of agency {agency} asks for {event_type}, which no agency receives")]
    NotDeliverable {
        /// Whose.
        agency: AgencyId,
        /// Which.
        version: u32,
        /// The type.
        event_type: EventType,
    },
}

/// A stored holder that could not be told to drop what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "agency {agency:?} holds {event_type} events, but no version of its contract has a rule for \
     them; put the old version back, and end deliveries with a newer version without the rule"
)]
pub struct UnknownHolder {
    /// The stored id.
    pub agency: String,
    /// What it holds.
    pub event_type: EventType,
}

/// One rule with where it stands.
#[derive(Clone, Copy, Debug)]
pub struct RuleEntry<'t> {
    /// Its number.
    pub id: RuleId,
    /// Whose.
    pub agency: AgencyIndex,
    /// In which contract version.
    pub contract: &'t Contract,
    /// The rule.
    pub rule: &'t Rule,
}

/// All contracts. Built once; a lookup allocates nothing.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// By [`AgencyIndex`], sorted by id.
    agencies: Vec<Versions>,
    /// By [`EventType::index`]: agencies with a rule for the type in any version.
    by_type: Vec<AgencySet>,
    /// By [`RuleId`]: agency, version and rule place.
    rules: Vec<(AgencyIndex, usize, usize)>,
}

#[derive(Clone, Debug)]
struct Versions {
    id: AgencyId,
    /// By `effective_from`.
    contracts: Vec<Contract>,
    /// Beside `contracts`: number of each contract's first rule.
    first_rule: Vec<usize>,
}

impl RouteTable {
    /// Takes every version of every agency's contract, in any order.
    pub fn new(mut contracts: Vec<Contract>) -> Result<Self, RouteTableError> {
        contracts.sort_by(|a, b| (&a.agency, a.version).cmp(&(&b.agency, b.version)));
        let mut table = Self {
            agencies: Vec::new(),
            by_type: vec![AgencySet::NONE; EventType::ALL.len()],
            rules: Vec::new(),
        };
        for contract in contracts {
            check_rules(&contract)?;
            table.add(contract)?;
        }
        Ok(table)
    }

    fn add(&mut self, contract: Contract) -> Result<(), RouteTableError> {
        match self.agencies.last().filter(|it| it.id == contract.agency) {
            Some(versions) => check_succession(versions, &contract)?,
            None => self.agencies.push(Versions {
                id: contract.agency.clone(),
                contracts: Vec::new(),
                first_rule: Vec::new(),
            }),
        }
        if self.agencies.len() > AGENCIES_MAX {
            return Err(RouteTableError::TooManyAgencies(self.agencies.len()));
        }
        let agency = AgencyIndex::new(self.agencies.len() - 1);
        let versions = &mut self.agencies[agency.get()];
        versions.first_rule.push(self.rules.len());
        for (place, rule) in contract.rules.iter().enumerate() {
            self.rules.push((agency, versions.contracts.len(), place));
            let of_type = &mut self.by_type[rule.event_type.index()];
            *of_type = of_type.with(agency);
        }
        versions.contracts.push(contract);
        Ok(())
    }

    /// Every agency, in the order of ids.
    pub fn agencies(&self) -> impl Iterator<Item = (AgencyIndex, &AgencyId)> {
        self.agencies.iter().enumerate().map(|(place, it)| (AgencyIndex::new(place), &it.id))
    }

    /// The agency of that id.
    pub fn index_of(&self, id: &str) -> Option<AgencyIndex> {
        self.agencies.binary_search_by(|it| it.id.as_str().cmp(id)).ok().map(AgencyIndex::new)
    }

    /// The id of an agency of this table.
    pub fn id_of(&self, agency: AgencyIndex) -> &AgencyId {
        &self.agencies[agency.get()].id
    }

    /// The newest contract version of an agency, for names and contacts on pages.
    pub fn newest_contract(&self, agency: AgencyIndex) -> &Contract {
        self.agencies[agency.get()].contracts.last().expect("an agency enters with a contract")
    }

    /// Every version of every agency's contract.
    pub fn contracts(&self) -> impl Iterator<Item = &Contract> {
        self.agencies.iter().flat_map(|it| &it.contracts)
    }

    /// Reads the holders of an event of that type from stored ids. Refuses those that no contract
    /// version could address a retraction to: forgetting them would leave data behind unnoticed.
    pub fn holders<'n>(
        &self,
        event_type: EventType,
        ids: impl IntoIterator<Item = &'n str>,
    ) -> Result<AgencySet, UnknownHolder> {
        let mut set = AgencySet::NONE;
        for id in ids {
            let known = self.index_of(id).filter(|it| self.agencies_for(event_type).contains(*it));
            let unknown = || UnknownHolder { agency: id.to_owned(), event_type };
            set = set.with(known.ok_or_else(unknown)?);
        }
        Ok(set)
    }

    /// The ids of a set, sorted, to be stored.
    pub fn ids_of(&self, set: AgencySet) -> Vec<String> {
        set.iter().map(|it| self.id_of(it).as_str().to_owned()).collect()
    }

    /// Every rule of every version, in the order of [`RuleId`].
    pub fn rules(&self) -> impl ExactSizeIterator<Item = RuleEntry<'_>> {
        (0..self.rules.len()).map(|number| self.entry(RuleId(number)))
    }

    /// A rule by its number.
    pub fn entry(&self, id: RuleId) -> RuleEntry<'_> {
        let (agency, version, place) = self.rules[id.0];
        let contract = &self.agencies[agency.get()].contracts[version];
        RuleEntry { id, agency, contract, rule: &contract.rules[place] }
    }

    /// Agencies that have, had or will have a rule for the type.
    pub(crate) fn agencies_for(&self, event_type: EventType) -> AgencySet {
        self.by_type[event_type.index()]
    }

    /// The rule in effect at an instant; none before the first version and where the version in
    /// effect does not name the type.
    pub fn rule_at(
        &self,
        agency: AgencyIndex,
        event_type: EventType,
        now: Timestamp,
    ) -> Option<RuleEntry<'_>> {
        let versions = &self.agencies[agency.get()];
        let in_effect = versions.contracts.partition_point(|it| it.effective_from <= now);
        self.rule_in(agency, in_effect.checked_sub(1)?, event_type)
    }

    /// The rule by which a holder can have received the event: the latest one up to the instant,
    /// else the first later one. It gives the shape of a retraction.
    pub(crate) fn rule_for_recall(
        &self,
        agency: AgencyIndex,
        event_type: EventType,
        now: Timestamp,
    ) -> Option<RuleEntry<'_>> {
        let versions = &self.agencies[agency.get()];
        let in_effect = versions.contracts.partition_point(|it| it.effective_from <= now);
        let past_first = (0..in_effect).rev().chain(in_effect..versions.contracts.len());
        past_first.into_iter().find_map(|version| self.rule_in(agency, version, event_type))
    }

    fn rule_in(
        &self,
        agency: AgencyIndex,
        version: usize,
        event_type: EventType,
    ) -> Option<RuleEntry<'_>> {
        let versions = &self.agencies[agency.get()];
        let contract = &versions.contracts[version];
        let place = contract.rules.iter().position(|it| it.event_type == event_type)?;
        let id = RuleId(versions.first_rule[version] + place);
        Some(RuleEntry { id, agency, contract, rule: &contract.rules[place] })
    }
}

fn check_rules(contract: &Contract) -> Result<(), RouteTableError> {
    for (place, rule) in contract.rules.iter().enumerate() {
        let (agency, version) = (contract.agency.clone(), contract.version);
        let event_type = rule.event_type;
        if !EventType::DELIVERABLE.contains(&event_type) {
            return Err(RouteTableError::NotDeliverable { agency, version, event_type });
        }
        if contract.rules[..place].iter().any(|it| it.event_type == event_type) {
            return Err(RouteTableError::DuplicateRule { agency, version, event_type });
        }
    }
    Ok(())
}

fn check_succession(versions: &Versions, next: &Contract) -> Result<(), RouteTableError> {
    let before = versions.contracts.last().expect("an agency enters with a contract");
    let (agency, version) = (next.agency.clone(), next.version);
    if before.version == version {
        return Err(RouteTableError::DuplicateVersion { agency, version });
    }
    if before.effective_from >= next.effective_from {
        return Err(RouteTableError::VersionsOutOfOrder { agency, version });
    }
    Ok(())
}
