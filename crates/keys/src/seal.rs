//! Sealing of citizen ids: XChaCha20-Poly1305 with a synthetic nonce.
//!
//! Layout: version (1 byte), nonce (24), ciphertext (13) and tag (16): 54 bytes. The nonce is a keyed
//! hash of what is sealed and where, so equal input gives equal bytes and two inputs never share one.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use saphan_model::CitizenId;

use crate::mac::MacKey;

const NONCE_BYTES: usize = 24;

/// Why a sealed citizen id does not open. Carries nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Too short to be one.
    #[error("the sealed citizen id is malformed")]
    Malformed,
    /// The key file lacks the key.
    #[error("the citizen id was sealed with key version {0}, which the key file does not hold")]
    UnknownVersion(u8),
    /// Another key, another place, or changed bytes.
    #[error("the sealed citizen id does not belong to this record or was sealed with another key")]
    Refused,
}

#[derive(Clone)]
pub(crate) struct SealingKey {
    version: u8,
    nonce: MacKey,
    cipher: XChaCha20Poly1305,
}

impl SealingKey {
    pub(crate) fn new(version: u8, secret: &[u8; 32]) -> Self {
        let root = MacKey::new(secret);
        let cipher = root.tag("saphan/seal-cipher/v1", &[]);
        Self {
            version,
            nonce: MacKey::new(&root.tag("saphan/seal-nonce/v1", &[])),
            cipher: XChaCha20Poly1305::new(&cipher.into()),
        }
    }

    pub(crate) fn version(&self) -> u8 {
        self.version
    }

    pub(crate) fn seal(&self, id: &CitizenId, aad: &[u8]) -> Vec<u8> {
        let text = id.reveal().as_bytes();
        let tag = self.nonce.tag("saphan/seal/v1", &[aad, text]);
        let nonce: [u8; NONCE_BYTES] = tag[..NONCE_BYTES].try_into().expect("a tag has 32 bytes");
        let ciphertext = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: text, aad })
            .expect("thirteen bytes are within the cipher's limit");
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + ciphertext.len());
        sealed.push(self.version);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    pub(crate) fn open(&self, sealed: &[u8], aad: &[u8]) -> Result<CitizenId, OpenError> {
        let (nonce, ciphertext) = sealed
            .get(1..)
            .and_then(|it| it.split_first_chunk::<NONCE_BYTES>())
            .ok_or(OpenError::Malformed)?;
        let text = self
            .cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad })
            .map_err(|_| OpenError::Refused)?;
        std::str::from_utf8(&text)
            .ok()
            .and_then(|it| CitizenId::parse(it).ok())
            .ok_or(OpenError::Malformed)
    }
}
