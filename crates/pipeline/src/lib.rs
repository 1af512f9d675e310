//! Admit, route and the sinks: pure stages. The loops that run them are in `saphan_kafka`; this crate
//! knows no metrics, no logs and no clock.

pub mod admit;
pub mod encode;
pub mod redrive;
pub mod route;
pub mod sinks;
mod table;
pub mod tally;

pub use admit::Admit;
pub use route::Route;
