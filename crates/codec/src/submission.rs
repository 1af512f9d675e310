//! What the gateway needs of a submission without reading it whole.

use saphan_model::limits::TEXT_BYTES_MAX;

use crate::cursor::Cursor;
use crate::malformed::Malformed;

/// The reporting facility: the first field of a submission's value bytes.
pub fn peek_facility(payload: &[u8]) -> Result<&str, Malformed> {
    Cursor::new(payload).text(TEXT_BYTES_MAX)
}
