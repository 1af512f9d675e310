//! The tables a run prints.

use crate::check::Finding;
use crate::settle::Figures;
use crate::terminal::say;

/// The conservation law, term by term.
pub fn conservation(figures: &Figures, site: &crate::platform::Site) -> anyhow::Result<bool> {
    let sum = |column: &str| {
        crate::clickhouse::number(
            site,
            &format!("SELECT toInt64(sum({column})) FROM admission FINAL"),
        )
    };
    let decided = |condition: &str| {
        let sql = format!(
            "SELECT toInt64(count()) FROM decision FINAL WHERE agency != '' AND {condition}"
        );
        crate::clickhouse::number(site, &sql)
    };
    let (admitted, unchanged, quarantined) =
        (sum("admitted")?, sum("unchanged")?, sum("quarantined")?);
    let in_flight = figures.received - figures.ended;
    let delivered = decided("kind = 'delivered'")?;
    let withheld = decided("kind = 'withheld'")?;
    let retracted = decided("kind = 'retracted'")?;
    say(&"");
    say(&"conservation");
    for (name, value) in [
        ("received", figures.received),
        ("= admitted", admitted),
        ("+ unchanged", unchanged),
        ("+ quarantined", quarantined),
        ("+ in flight", in_flight),
        ("records in the patient log", figures.appended),
        ("= decided", figures.decided),
        ("delivered", delivered),
        ("withheld", withheld),
        ("retracted", retracted),
    ] {
        say(&format_args!("  {name:<30} {value:>12}"));
    }
    Ok(figures.received == admitted + unchanged + quarantined + in_flight
        && figures.appended == figures.decided
        && gaps(site)? == 0)
}

/// Ranges of the admission ledger that do not begin where the one before ended: a loss or a repeat.
fn gaps(site: &crate::platform::Site) -> anyhow::Result<i64> {
    crate::clickhouse::number(
        site,
        "SELECT toInt64(countIf(first_offset != before)) FROM (SELECT first_offset, \
         lagInFrame(next_offset, 1, toUInt64(0)) OVER (PARTITION BY ingest_partition ORDER BY first_offset \
         ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before FROM \
         (SELECT DISTINCT ingest_partition, first_offset, next_offset FROM admission))",
    )
}

/// Expected against seen; true when all agree.
pub fn findings(findings: &[Finding]) -> bool {
    say(&"");
    say(&format_args!("{:<44} {:>8} {:>10} {:>10}", "ground truth", "figures", "expected", "seen"));
    for it in findings {
        let mark = if it.n_differences == 0 { "ok" } else { "DIFFERS" };
        say(&format_args!(
            "{:<44} {:>8} {:>10} {:>10}  {mark}",
            it.what, it.figures, it.expected, it.seen
        ));
        for line in &it.differences {
            say(&format_args!("    {line}"));
        }
        if it.n_differences > it.differences.len() {
            say(&format_args!("    and {} more", it.n_differences - it.differences.len()));
        }
    }
    findings.iter().all(|it| it.n_differences == 0)
}
