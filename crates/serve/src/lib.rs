//! Pages and CSV over the tables: statistics by place, the conservation board, agencies, quarantine.
//!
//! Owns layout, languages, the calendar and the protection of small figures. No page of this crate shows
//! anything about one person, and it never asks the store for a patient's timeline. It must not know
//! Kafka (live figures come through [`LiveFigures`]) nor ClickHouse.

mod balance;
mod calendar;
mod chart;
mod context;
mod csv;
mod directory;
mod drill;
mod error;
mod figure;
mod icd;
mod lang;
mod pages;
mod state;
pub mod suppress;
mod text;
mod view;
mod web;

pub use directory::{AgencyName, Directory, FacilityName, ProvinceName};
pub use state::{AppState, IngestEnds, LiveFigures, NoRequests, Requests};
pub use web::{router, run};
