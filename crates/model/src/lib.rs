//! The words of Saphan: identifiers, the envelope, events, directives, decisions, limits.
//!
//! Pure data. Nothing here knows bytes, clocks, files, Kafka or HTTP; nothing here logs.
//! Types that carry a person's data print a length or `…` in `Debug`, never the value.

pub mod admission;
pub mod body;
pub mod contract;
pub mod decision;
pub mod directive;
pub mod envelope;
pub mod event_type;
pub mod facets;
pub mod ids;
pub mod label;
pub mod limits;
pub mod private;
pub mod submission;
pub mod time;
mod wire_enum;

pub use body::Body;
pub use envelope::{Envelope, Event, LogRecord, Provenance};
pub use event_type::EventType;
pub use ids::{AgencyId, CitizenId, EventId, FacilityCode, PatientId, Revision};
pub use label::Label;
pub use private::Private;
pub use submission::{Content, Defect, Subject, Submission};
pub use time::{Date, Timestamp};
