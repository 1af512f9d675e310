//! Source formats read into canonical submissions, one module per format.
//!
//! Owns: what each format looks like, how its rows become events, and what is said about rows that
//! cannot. Each format has a pure parser and a thin reader around it. Must not know: the network,
//! Kafka, SQLite, clocks. Nothing is guessed: what cannot be read becomes a coded defect.

pub mod f43;
pub mod fhir_consent;
mod lines;
mod outcome;

pub use outcome::{DefectCount, Place, Sink, SinkError};
