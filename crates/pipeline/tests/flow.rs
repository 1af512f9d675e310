//! Admit and route over a log in memory: submissions in, agency records, decisions and ledger out.

#[path = "flow/admission.rs"]
mod admission;
#[path = "flow/exchange.rs"]
mod exchange;
#[path = "flow/last_word.rs"]
mod last_word;
#[path = "flow/last_word_any.rs"]
mod last_word_any;
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
