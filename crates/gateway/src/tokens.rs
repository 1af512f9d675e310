//! Who sends: one token for each facility, known here by its hash only.
//!
//! A token is `saphan-<facility>-<64 hexadecimal digits>`: the facility finds the entry, the 256 random
//! bits prove it. The file holds SHA-256 hashes, so whoever reads it cannot send; a plain hash suffices
//! because 256 random bits cannot be guessed.

mod file;
mod store;

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

pub use self::file::{NewToken, TokenFileError, TokenLine, create, list, revoke};
pub use self::store::TokenStore;
pub(crate) use self::store::reload_every;

const PREFIX: &str = "saphan-";
const SECRET_HEX: usize = 64;

/// Why a token does not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Nobody was given it.
    Unknown,
    /// It was taken back.
    Revoked,
}

/// All tokens of the file, by facility.
#[derive(Default)]
pub struct Tokens(HashMap<String, Vec<Entry>>);

struct Entry {
    hash: [u8; 32],
    revoked: bool,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} facilities)", self.0.len())
    }
}

impl Tokens {
    /// How many facilities have one.
    pub fn facilities(&self) -> usize {
        self.0.len()
    }

    /// The facility a token speaks for. Compares in constant time with every token of the facility
    /// it names.
    pub fn facility_of(&self, token: &str) -> Result<&str, Denied> {
        let (facility, entries) =
            split(token).and_then(|it| self.0.get_key_value(it)).ok_or(Denied::Unknown)?;
        let hash = hash(token);
        let (mut known, mut usable) = (Choice::from(0), Choice::from(0));
        for entry in entries {
            let same = entry.hash.ct_eq(&hash);
            known |= same;
            usable |= same & Choice::from(u8::from(!entry.revoked));
        }
        match (bool::from(known), bool::from(usable)) {
            (_, true) => Ok(facility),
            (true, false) => Err(Denied::Revoked),
            (false, false) => Err(Denied::Unknown),
        }
    }

    fn add(&mut self, facility: String, hash: [u8; 32], revoked: bool) {
        self.0.entry(facility).or_default().push(Entry { hash, revoked });
    }
}

/// The facility a well-formed token names.
fn split(token: &str) -> Option<&str> {
    let (facility, secret) = token.strip_prefix(PREFIX)?.split_once('-')?;
    let digits = secret.len() == SECRET_HEX && secret.bytes().all(|it| it.is_ascii_hexdigit());
    digits.then_some(facility)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests;
