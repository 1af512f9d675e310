//! The platform's keys and what is made with them: pseudonyms, event names, revisions, sealed
//! citizen ids.
//!
//! Pure: no files, no clock, no randomness, no logging. `saphan-ops` reads and writes the key file.
//! Every use of a key begins with a context string of its own, so that an output of one use can never
//! be taken for an output of another.

mod mac;
mod seal;

use std::fmt;

use saphan_model::{AgencyId, CitizenId, EventId, EventType, PatientId, Revision};

use crate::mac::MacKey;
pub use crate::seal::OpenError;
use crate::seal::SealingKey;

/// Bytes of every secret in the key file.
pub const SECRET_BYTES: usize = 32;

/// The secrets the keys are made from, in the order the key file names them.
/// Wiped when dropped; `Debug` shows nothing of it.
pub struct Secrets {
    /// Makes pseudonyms of people. Changing it renames everybody.
    pub pseudonym: [u8; SECRET_BYTES],
    /// Names events and their contents. Changing it makes every resend a new event.
    pub event: [u8; SECRET_BYTES],
    /// Master of the keys each agency's pseudonyms are made with.
    pub agency: [u8; SECRET_BYTES],
    /// Seals citizen ids, by version. The highest version seals, all of them open.
    pub sealing: Vec<(u8, [u8; SECRET_BYTES])>,
}

impl Drop for Secrets {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.pseudonym.zeroize();
        self.event.zeroize();
        self.agency.zeroize();
        for (_, secret) in &mut self.sealing {
            secret.zeroize();
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Why secrets cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// Nothing could be sealed.
    #[error("there is no sealing key; the key file needs at least one")]
    NoSealingKey,
    /// Two sealing keys claim one version.
    #[error("two sealing keys have version {0}; give the newer one the next number")]
    SealingVersionTwice(u8),
}

/// Ready keys. Cheap to clone.
#[derive(Clone)]
pub struct Keys {
    pseudonym: MacKey,
    event: MacKey,
    agency: MacKey,
    /// Newest first, never empty.
    sealing: Vec<SealingKey>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Makes the keys ready for use.
    pub fn new(secrets: &Secrets) -> Result<Self, SecretsError> {
        let mut sealing: Vec<_> =
            secrets.sealing.iter().map(|(version, key)| SealingKey::new(*version, key)).collect();
        sealing.sort_by_key(|it| std::cmp::Reverse(it.version()));
        if sealing.is_empty() {
            return Err(SecretsError::NoSealingKey);
        }
        if let Some(pair) = sealing.windows(2).find(|it| it[0].version() == it[1].version()) {
            return Err(SecretsError::SealingVersionTwice(pair[0].version()));
        }
        Ok(Self {
            pseudonym: MacKey::new(&secrets.pseudonym),
            event: MacKey::new(&secrets.event),
            agency: MacKey::new(&secrets.agency),
            sealing,
        })
    }

    /// Keys that follow from one seed: for tests and for a demonstration that must repeat itself.
    /// A platform draws its secrets independently instead.
    pub fn from_seed(seed: &[u8; SECRET_BYTES]) -> Self {
        let root = MacKey::new(seed);
        Self::new(&Secrets {
            pseudonym: root.tag("saphan/seed/pseudonym", &[]),
            event: root.tag("saphan/seed/event", &[]),
            agency: root.tag("saphan/seed/agency", &[]),
            sealing: vec![(1, root.tag("saphan/seed/sealing", &[]))],
        })
        .expect("one sealing key")
    }

    /// A person's pseudonym.
    pub fn pseudonym(&self, id: &CitizenId) -> PatientId {
        PatientId(self.pseudonym.tag16("saphan/patient/v1", &[id.reveal().as_bytes()]))
    }

    /// The pseudonym of a person who is known to one facility by a local number only.
    pub fn local_pseudonym(&self, facility: &str, local_id: &str) -> PatientId {
        let parts = [facility.as_bytes(), local_id.as_bytes()];
        PatientId(self.pseudonym.tag16("saphan/local-patient/v1", &parts))
    }

    /// Key under which admit remembers a facility's local number. Not a pseudonym: it stays the same
    /// when the person's citizen id becomes known.
    pub fn link_key(&self, facility: &str, local_id: &str) -> [u8; 16] {
        let parts = [facility.as_bytes(), local_id.as_bytes()];
        self.pseudonym.tag16("saphan/link/v1", &parts)
    }

    /// An event's name for ever. `kind` is the type, or `None` for a defect, which is no event.
    pub fn event_id(&self, facility: &str, kind: Option<EventType>, natural_key: &str) -> EventId {
        let kind = kind.map_or("defect", EventType::as_str);
        let parts = [facility.as_bytes(), kind.as_bytes(), natural_key.as_bytes()];
        EventId(self.event.tag16("saphan/event/v1", &parts))
    }

    /// Names one content of an event. `body` is its canonical encoding.
    pub fn revision(&self, event_id: EventId, body: &[u8]) -> Revision {
        Revision(self.event.tag16("saphan/revision/v1", &[&event_id.0, body]))
    }

    /// Seals a citizen id for one place: `aad` (an event id, a link key) must be given again to open
    /// it. The same input gives the same bytes, so a resend changes nothing. The first byte is the
    /// key's version.
    pub fn seal(&self, id: &CitizenId, aad: &[u8]) -> Vec<u8> {
        self.sealing[0].seal(id, aad)
    }

    /// Opens what [`Keys::seal`] made, with whichever key sealed it.
    pub fn open(&self, sealed: &[u8], aad: &[u8]) -> Result<CitizenId, OpenError> {
        let version = *sealed.first().ok_or(OpenError::Malformed)?;
        let key = self
            .sealing
            .iter()
            .find(|it| it.version() == version)
            .ok_or(OpenError::UnknownVersion(version))?;
        key.open(sealed, aad)
    }

    /// The key an agency's pseudonyms are made with: keep it beside the agency's contract.
    pub fn agency(&self, agency: &AgencyId) -> AgencyKey {
        let secret = self.agency.tag("saphan/agency-key/v1", &[agency.as_str().as_bytes()]);
        AgencyKey(MacKey::new(&secret))
    }

    /// How one agency knows a person. For many, hold [`Keys::agency`].
    pub fn agency_pseudonym(&self, agency: &AgencyId, patient: PatientId) -> [u8; 16] {
        self.agency(agency).pseudonym(patient)
    }
}

/// Makes the pseudonyms of one agency. No two agencies' pseudonyms can be joined.
#[derive(Clone)]
pub struct AgencyKey(MacKey);

impl AgencyKey {
    /// How the agency knows the person.
    pub fn pseudonym(&self, patient: PatientId) -> [u8; 16] {
        self.0.tag16("saphan/agency-patient/v1", &[&patient.0])
    }
}

impl fmt::Debug for AgencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgencyKey(…)")
    }
}

#[cfg(test)]
mod tests;
