//! Typed questions to the tables, one per file.
//!
//! Every answer is what holds now (`FINAL`): corrected and retracted events count once or not at all.
//! Nothing here hides small numbers; whoever shows figures about people must.

mod agencies;
mod completeness;
mod conservation;
mod diagnoses;
mod last_report;
mod quarantine;
mod referrals;
mod scope;
mod timeline;
mod visits;

pub use agencies::AgencyCount;
pub use completeness::ReportedMonths;
pub use conservation::{Gap, LedgerPartition, LedgerTotals, OutcomeTotals};
pub use diagnoses::DiagnosisCount;
pub use last_report::LastReport;
pub use quarantine::{QuarantineCount, QuarantinePlace};
pub use referrals::{Direction, ReferralCount};
pub use scope::{Level, Period, Scope};
pub use timeline::TimelineEntry;
pub use visits::VisitCount;
