//! The decisions: which agency is a candidate for a record, whether it may have it, and why.
//!
//! Pure. A decision is a function of the contracts, the patient's consent directives folded from
//! the log so far, the agencies that hold the event already, the record, and the record's append
//! time. The same inputs give the same plan today and in an audit years later, so nothing here may
//! know a clock, a file, a topic, bytes or a logger.
//!
//! Entry points: [`RouteTable::new`] reads the contracts once, [`PatientConsent`] folds directives,
//! [`plan`] decides one record, [`recalls`] what a change of consent calls back. [`consent::decide`] answers a single question, for read paths.

pub mod agencies;
pub mod consent;
mod filter;
mod permit;
mod plan;
pub mod reason;
mod recall;
pub mod table;
mod verdict;

pub use agencies::{AgencyIndex, AgencySet};
pub use consent::{PatientConsent, Question, Verdict};
pub use permit::{Permitted, Recall};
pub use plan::{Action, Plan, RecordKind, RecordView, Withheld, plan, still_permits};
pub use recall::{HeldEvent, recalls};
pub use table::{RouteTable, RouteTableError, RuleEntry, RuleId, UnknownHolder};
