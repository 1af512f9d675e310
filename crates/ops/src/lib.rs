//! Operations: configuration, key file, logging, metrics, probes, shutdown, exit codes.
//!
//! Every setting, metric name and log format of the program is declared here and nowhere else. This
//! crate must not know what a record means or what a role does.
//!
//! | module | owns |
//! |---|---|
//! | [`config`] | settings and their one precedence |
//! | [`keyfile`] | the file of the platform's keys |
//! | [`logging`] | how lines are written |
//! | [`metrics`] | every metric's name, labels and buckets |
//! | [`admin`] | `/live`, `/ready`, `/metrics` |
//! | [`shutdown`] | signals and the time limit for draining |

pub mod admin;
pub mod config;
pub mod keyfile;
pub mod logging;
pub mod metrics;
pub mod shutdown;

pub use admin::{Latch, Readiness};
pub use config::{Config, Secret};
pub use metrics::Metrics;
pub use shutdown::Stop;

/// What the process tells whoever started it.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// Failed while running.
    pub const FAILED: u8 = 1;
    /// Done, and what was looked for was found: `saphan verify` has findings.
    pub const FINDINGS: u8 = 3;
    /// Whoever read the answer stopped reading: what a shell reports of a program that SIGPIPE ended.
    pub const UNREAD: u8 = 141;
    /// Bad usage (`EX_USAGE` of sysexits).
    pub const USAGE: u8 = 64;
    /// Bad configuration (`EX_CONFIG` of sysexits).
    pub const CONFIG: u8 = 78;
}
