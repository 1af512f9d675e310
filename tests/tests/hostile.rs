//! Bad input and missing parts, end to end: each ends in a coded error that says what to do, the process
//! lives on or stops cleanly, nothing is lost and nothing is counted half.

#[path = "hostile/centre.rs"]
mod centre;
#[path = "hostile/child.rs"]
mod child;
#[path = "hostile/consent.rs"]
mod consent;
#[path = "hostile/document.rs"]
mod document;
#[path = "hostile/door.rs"]
mod door;
#[path = "hostile/giant.rs"]
mod giant;
#[path = "hostile/ingest.rs"]
mod ingest;
#[path = "hostile/outage.rs"]
mod outage;
#[path = "hostile/outbox.rs"]
mod outbox;
#[path = "hostile/positions.rs"]
mod positions;
#[path = "hostile/reading.rs"]
mod reading;
#[path = "hostile/redrive.rs"]
mod redrive;
#[path = "hostile/report.rs"]
mod report;
#[path = "hostile/revocation.rs"]
mod revocation;
#[path = "hostile/routers.rs"]
mod routers;
#[path = "hostile/sending.rs"]
mod sending;
#[path = "hostile/startup.rs"]
mod startup;
