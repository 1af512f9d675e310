//! Avro single-object encoding: `C3 01`, the schema's fingerprint, the value. Used where no
//! registry is at hand: between adapters and the gateway.

use saphan_model::Submission;

use crate::malformed::{Fault, Malformed};
use crate::record::{Named, Record};
use crate::wire::{Wire, decode};

const MARKER: [u8; 2] = [0xC3, 0x01];
const HEAD: usize = 10;

/// A submission that says which schema it is in.
pub fn wrap(submission: &Submission) -> Vec<u8> {
    let mut out = Vec::with_capacity(768);
    out.extend_from_slice(&MARKER);
    out.extend_from_slice(&Record::Submission.fingerprint().to_le_bytes());
    submission.put(&mut out);
    out
}

/// Fingerprint and value bytes.
pub fn split(input: &[u8]) -> Result<(u64, &[u8]), Malformed> {
    let Some((head, payload)) = input.split_at_checked(HEAD) else {
        return Err(Malformed::new(Fault::Unmarked, 0));
    };
    if head[..2] != MARKER {
        return Err(Malformed::new(Fault::Unmarked, 0));
    }
    let bytes = head[2..].try_into().expect("the head without its marker is 8 bytes");
    Ok((u64::from_le_bytes(bytes), payload))
}

/// The value bytes, if they are in today's schema of `T`.
pub fn payload_of<T: Named>(input: &[u8]) -> Result<&[u8], Malformed> {
    let (fingerprint, payload) = split(input)?;
    if fingerprint == T::RECORD.fingerprint() {
        Ok(payload)
    } else {
        Err(Malformed::new(Fault::Fingerprint, 2))
    }
}

/// A submission from its single-object form.
pub fn unwrap(input: &[u8]) -> Result<Submission, Malformed> {
    decode(payload_of::<Submission>(input)?).map_err(|it| it.shifted(HEAD))
}
