//! Which citizen a local person number stands for.
//!
//! Owns the rule of resolution. The memory behind it belongs to the caller: the edge keeps it in its
//! own store, tests keep it in RAM.

use std::collections::HashMap;
use std::error::Error;

use saphan_model::{CitizenId, Subject};

use super::defect::Code;
use super::typed::{Cid, Identity};

/// The person register of the facilities an edge serves: PID to citizen id.
pub trait PersonIndex {
    /// The citizen id of a local number, if it was ever learnt.
    ///
    /// # Errors
    /// The index cannot be read.
    fn citizen_id(&mut self, facility: &str, pid: &str) -> Result<Option<CitizenId>, IndexError>;

    /// Remembers a pair, in the place of what was known of the local number.
    ///
    /// # Errors
    /// The index cannot be written.
    fn learn(&mut self, facility: &str, pid: &str, citizen_id: CitizenId)
    -> Result<(), IndexError>;
}

/// The person index failed.
#[derive(Debug, thiserror::Error)]
#[error("the person index could not be used; see the cause, then run again")]
pub struct IndexError(#[source] Box<dyn Error + Send + Sync>);

impl IndexError {
    /// Wraps the index's own error.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// An index in RAM.
#[derive(Default)]
pub struct MemoryPersonIndex(HashMap<(String, String), CitizenId>);

impl std::fmt::Debug for MemoryPersonIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryPersonIndex({} people)", self.0.len())
    }
}

impl PersonIndex for MemoryPersonIndex {
    fn citizen_id(&mut self, facility: &str, pid: &str) -> Result<Option<CitizenId>, IndexError> {
        Ok(self.0.get(&(facility.to_owned(), pid.to_owned())).copied())
    }

    fn learn(
        &mut self,
        facility: &str,
        pid: &str,
        citizen_id: CitizenId,
    ) -> Result<(), IndexError> {
        self.0.insert((facility.to_owned(), pid.to_owned()), citizen_id);
        Ok(())
    }
}

/// Whose event a row is. What the register says of the number wins over the row's own CID, so that
/// one number is one person throughout a document; a row's CID counts, and is learnt, where the
/// register knows nothing. The inner result is SP-1109: the row's CID is wrong and nothing else is
/// known, so the event would go to nobody's record.
///
/// # Errors
/// The index failed.
pub fn resolve(
    identity: &Identity,
    facility: &str,
    index: &mut dyn PersonIndex,
) -> Result<Result<Subject, Code>, IndexError> {
    let Some(pid) = &identity.pid else {
        return Ok(Ok(Subject::default()));
    };
    let known = index.citizen_id(facility, pid.reveal())?;
    let citizen_id = match (known, identity.cid) {
        (Some(known), _) => Some(known),
        (None, Cid::Absent) => None,
        (None, Cid::Bad) => return Ok(Err(Code::CitizenId)),
        (None, Cid::Valid(own)) => {
            index.learn(facility, pid.reveal(), own)?;
            Some(own)
        }
    };
    Ok(Ok(Subject { citizen_id, local_id: Some(pid.clone()) }))
}

#[cfg(test)]
mod tests {
    use saphan_model::{CitizenId, Private};

    use super::{MemoryPersonIndex, PersonIndex, resolve};
    use crate::f43::typed::{Cid, Identity};

    const A: &str = "1234567890121";
    const B: &str = "1100000000008";

    #[track_caller]
    fn check(known: Option<&str>, cid: &str, expected: &str) {
        let mut index = MemoryPersonIndex::default();
        if let Some(known) = known {
            let id = CitizenId::parse(known).expect("a valid test id");
            index.learn("10670", "1", id).expect("memory");
        }
        let identity = Identity { pid: Some(Private::new("1".to_owned())), cid: Cid::read(cid) };
        let got = match resolve(&identity, "10670", &mut index).expect("memory") {
            Err(code) => code.as_str().to_owned(),
            Ok(it) => it.citizen_id.map_or("local".to_owned(), |it| it.reveal().to_owned()),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn the_register_wins_then_the_row_then_the_local_number() {
        check(Some(A), "", A);
        check(Some(A), B, A);
        check(Some(A), "1234567890122", A);
        check(None, B, B);
        check(None, "", "local");
        check(None, "1234567890122", "SP-1109");
    }

    #[test]
    fn a_rows_citizen_id_is_learnt() {
        let mut index = MemoryPersonIndex::default();
        let identity = Identity { pid: Some(Private::new("1".to_owned())), cid: Cid::read(A) };
        resolve(&identity, "10670", &mut index).expect("memory").expect("resolved");
        assert_eq!(index.citizen_id("10670", "1").expect("memory"), CitizenId::parse(A).ok());
        assert_eq!(index.citizen_id("10671", "1").expect("memory"), None);
    }
}
