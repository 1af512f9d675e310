//! Admit and route over a log in memory: submissions in, agency records, decisions and ledger out.

#[path = "flow/admission.rs"]
mod admission;
#[path = "flow/exchange.rs"]
mod exchange;
#[path = "flow/linked.rs"]
mod linked;
#[path = "flow/order.rs"]
mod order;
#[path = "flow/overlay.rs"]
mod overlay;
#[path = "flow/recall.rs"]
mod recall;
#[path = "flow/redrive.rs"]
mod redrive;
#[path = "flow/restart.rs"]
mod restart;
#[path = "flow/samples.rs"]
mod samples;
#[path = "flow/tally.rs"]
mod tally;
#[path = "flow/world.rs"]
mod world;
