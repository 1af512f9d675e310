//! One file per page: ask, protect, lay out.

pub mod agencies;
pub mod conservation;
pub mod home;
pub mod place;
pub mod quarantine;
