//! HMAC-SHA-256 over unambiguous input: a context string, then parts with their lengths before them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key whose first two compressions are already done.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// The whole tag.
    pub(crate) fn tag(&self, context: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in std::iter::once(context.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&u64::try_from(part.len()).expect("lengths fit 64 bits").to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The first 16 bytes of the tag.
    pub(crate) fn tag16(&self, context: &str, parts: &[&[u8]]) -> [u8; 16] {
        self.tag(context, parts)[..16].try_into().expect("a tag has 32 bytes")
    }
}
