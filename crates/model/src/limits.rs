//! Every limit of the platform, in one place.

/// Largest body of a gateway request.
pub const GATEWAY_BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most submissions in one gateway batch.
pub const GATEWAY_BATCH_EVENTS_MAX: usize = 5_000;
/// Largest single submission. Documents travel by reference.
pub const SUBMISSION_BYTES_MAX: usize = 256 * 1024;
/// Longest row of a 43-file data set.
pub const F43_ROW_BYTES_MAX: usize = 64 * 1024;
/// Largest inner file of a zip, unpacked.
pub const F43_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024 * 1024;
/// Largest ratio of unpacked to packed size before a zip is refused as a bomb.
pub const F43_ZIP_RATIO_MAX: u64 = 200;
/// Deepest nesting of exceptions in a directive.
pub const PROVISION_DEPTH_MAX: usize = 4;
/// Most provisions in one directive, nested ones included.
pub const PROVISIONS_MAX: usize = 200;
/// Most directives of one patient.
pub const DIRECTIVES_PER_PATIENT_MAX: usize = 200;
/// Most retractions one change of consent sends; more than any patient's events need.
pub const RECALLS_MAX: usize = 5_000;
/// Most agencies (holdings are a bitset of this width).
pub const AGENCIES_MAX: usize = 128;
/// Most items in any array of a record.
pub const ITEMS_MAX: usize = 10_000;
/// Longest text field, bytes.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
