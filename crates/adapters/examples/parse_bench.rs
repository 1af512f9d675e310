//! How fast rows are parsed and typed, in MB/s on one core: `cargo run --release -p saphan-adapters
//! --example parse_bench [megabytes]`.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Cursor;
use std::time::Instant;

use saphan_adapters::f43::{Table, type_rows};

const SERVICE: &str = "10670|000012345|000012345|690102083012|20260102|083012|1|1|0100|1234567890|10670|1|||\
    ปวดศีรษะ มีไข้ 2 วัน ไอ มีเสมหะ|1|37.5|120|80|88|20|1|||150.00|250.00|0.00|0.00|20260102093000|10671|1234567890121";
const DIAGNOSIS: &str =
    "10670|000012345|690102083012|20260102|1|J069|00100|000123|20260102093000|1234567890121";
const DRUG: &str = "10670|000012345|690102083012|20260102|00100|100000000000000000000001|PARACETAMOL 500 MG TAB|20|TAB|1X10|20.00|8.50|000123|20260102093000|1234567890121";

/// Passes over the same bytes; the fastest counts, being the one least disturbed by other work.
const PASSES: u32 = 20;

fn main() {
    let megabytes: usize = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(20);
    for (table, row) in
        [(Table::Service, SERVICE), (Table::DiagnosisOpd, DIAGNOSIS), (Table::DrugOpd, DRUG)]
    {
        let rows = megabytes * 1_000_000 / (row.len() + 2);
        let bytes = format!("{row}\r\n").repeat(rows).into_bytes();
        let seconds = (0..PASSES).map(|_| pass(table, &bytes, rows)).fold(f64::MAX, f64::min);
        let speed = bytes.len() as f64 / seconds / 1e6;
        let rate = rows as f64 / seconds / 1e6;
        #[allow(clippy::print_stdout)]
        {
            println!("{:<14} {speed:>6.0} MB/s  {rate:>5.2} million rows/s", table.name());
        }
    }
}

/// Types all rows once and gives the seconds it took.
fn pass(table: Table, bytes: &[u8], rows: usize) -> f64 {
    let long_codes = BTreeMap::new();
    let mut typed = 0;
    let started = Instant::now();
    type_rows(table, Cursor::new(bytes), &long_codes, &mut |_, row| {
        typed += usize::from(black_box(row).is_ok());
    })
    .expect("memory does not fail");
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!(typed, rows, "every row of the bench is typed");
    seconds
}
