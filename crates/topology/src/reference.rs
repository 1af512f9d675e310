//! Reference tables: facilities, provinces, sensitive and notifiable diseases. Looked up once per
//! event, so each lookup is one hash or one binary search and allocates nothing. And the limits of
//! contracts, looked up when these are read.

pub mod bases;
pub mod facilities;
pub mod icd;
pub mod notifiable;
pub mod regions;
pub mod sensitive;
