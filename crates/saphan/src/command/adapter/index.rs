//! The adapter's question "whose number is this?", answered from the facility's own disk.

use anyhow::Result;
use saphan_adapters::f43::{IndexError, MemoryPersonIndex, PersonIndex};
use saphan_edge::Persons;
use saphan_model::CitizenId;

/// Where local numbers are looked up.
pub enum Index {
    /// For a dry run: forgotten afterwards.
    InMemory(MemoryPersonIndex),
    /// The facility's person file.
    OnDisk(Persons),
}

impl Index {
    /// Puts what was learnt on the disk.
    pub fn commit(&mut self) -> Result<()> {
        match self {
            Self::InMemory(_) => Ok(()),
            Self::OnDisk(persons) => Ok(persons.commit()?),
        }
    }
}

impl PersonIndex for Index {
    fn citizen_id(&mut self, facility: &str, pid: &str) -> Result<Option<CitizenId>, IndexError> {
        match self {
            Self::InMemory(it) => it.citizen_id(facility, pid),
            Self::OnDisk(it) => it.citizen_id(facility, pid).map_err(IndexError::new),
        }
    }

    fn learn(
        &mut self,
        facility: &str,
        pid: &str,
        citizen_id: CitizenId,
    ) -> Result<(), IndexError> {
        match self {
            Self::InMemory(it) => it.learn(facility, pid, citizen_id),
            Self::OnDisk(it) => it.learn(facility, pid, citizen_id).map_err(IndexError::new),
        }
    }
}
