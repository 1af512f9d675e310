//! Latency of one patient's timeline out of five million rows, by the platform's own query.

use std::time::Instant;

use anyhow::Result;
use saphan_model::PatientId;
use saphan_store::{Store, StoreConfig};

use super::Figure;
use crate::clickhouse;
use crate::platform::Site;

const ROWS: u32 = 5_000_000;
/// Rows of one statement: all at once would need more memory than the engine is given.
const CHUNK: u32 = 250_000;
const PATIENTS: u32 = 250_000;
const QUERIES: u32 = 2_000;
const SPREAD: u64 = 2_654_435_761;

/// Fills a database of its own, then asks for patients one after the other.
pub fn latencies(site: &Site) -> Result<Vec<Figure>> {
    let bench = Site { database: "saphan_bench".to_owned(), ..site.clone() };
    let store =
        Store::new(&StoreConfig::new(site.parts.clickhouse_url.clone(), bench.database.clone()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(store.migrate())?;
    fill(&bench)?;
    let mut millis = Vec::with_capacity(QUERIES as usize);
    let mut events = 0;
    for number in 0..QUERIES {
        let patient = patient(number * 97 % PATIENTS);
        let begun = Instant::now();
        events += runtime.block_on(store.timeline(patient, 200))?.len();
        millis.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    anyhow::ensure!(events > 0, "the bench patients have no events");
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| millis[((millis.len() - 1) as f64 * share) as usize];
    Ok(vec![
        Figure::new("timeline query, 5 million rows, p50", at(0.5), "ms"),
        Figure::new("timeline query, 5 million rows, p99", at(0.99), "ms").at_most(16.0),
    ])
}

/// Rows are made by the engine: 20 events a patient, 400 bytes each, in one merged part.
fn fill(bench: &Site) -> Result<()> {
    if clickhouse::number(bench, "SELECT toInt64(count()) FROM timeline")? >= i64::from(ROWS) {
        return Ok(());
    }
    for start in (0..ROWS).step_by(CHUNK as usize) {
        clickhouse::run(bench, &rows_from(start))?;
    }
    clickhouse::run(bench, "OPTIMIZE TABLE timeline FINAL").map(drop)
}

fn rows_from(start: u32) -> String {
    format!(
        "INSERT INTO timeline SELECT \
         toFixedString(unhex(leftPad(hex(toUInt32(number % {PATIENTS} * {SPREAD} % 4294967296)), 32, '0')), 16), \
         MD5(toString(number)), \
         1, 0, 'encounter', '10001', toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + number % 20000000, \
         toDateTime64('2026-01-01 00:00:00', 3, 'UTC'), toDateTime64('2026-01-01 00:00:00', 3, 'UTC'), \
         'E119', [], 'f43', 'bench', 'SERVICE.txt', 1, 0, number, randomString(400) \
         FROM numbers({start}, {CHUNK})"
    )
}

/// The pseudonym [`fill`] gave to a number: spread over 32 bits, so that neighbours are not neighbours.
fn patient(number: u32) -> PatientId {
    let spread = u64::from(number) * SPREAD % (1 << 32);
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&spread.to_be_bytes());
    PatientId(bytes)
}
