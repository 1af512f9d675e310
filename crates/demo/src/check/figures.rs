//! The statistics: visits, diagnoses, referrals, decisions, quarantine, admissions.

use std::path::Path;

use anyhow::Result;

use super::{Figures, Finding, Strict, at_least, compare, truth};
use crate::clickhouse;
use crate::platform::Site;

const VISITS: &str = "SELECT facility, formatDateTime(occurred_on, '%Y-%m'), count() \
    FROM event_fact FINAL WHERE event_type = 'encounter' AND class = 'ambulatory' GROUP BY 1, 2";
const DIAGNOSES: &str = "SELECT district, substring(main_code, 1, 3), count() FROM event_fact FINAL \
    WHERE event_type = 'encounter' AND class = 'ambulatory' AND main_code != '' GROUP BY 1, 2";
const REFERRALS: &str = "SELECT region, counterpart_region, count() FROM event_fact FINAL \
    WHERE event_type = 'referral' GROUP BY 1, 2";
const QUARANTINE: &str = "SELECT code, count() FROM quarantine FINAL WHERE mended = 0 GROUP BY 1";

fn decisions(condition: &str) -> String {
    format!(
        "SELECT agency, event_type, count() FROM decision FINAL WHERE agency != '' AND {condition} GROUP BY 1, 2"
    )
}

fn admissions(column: &str) -> String {
    format!(
        "SELECT event_type, sum({column}) AS n FROM admission FINAL WHERE event_type != '' GROUP BY 1 HAVING n > 0"
    )
}

pub fn all(site: &Site, dir: &Path, strict: Strict) -> Result<Vec<Finding>> {
    let against =
        |what: &str, file: &str, keys: usize, value: &str, sql: &str| -> Result<Finding> {
            Ok(compare(what, &truth(&dir.join(file), keys, value)?, &seen(site, sql, keys)?))
        };
    let mut findings = vec![
        against("visits by facility and month", "visits.csv", 2, "count", VISITS)?,
        against("diagnoses by district", "diagnoses.csv", 2, "count", DIAGNOSES)?,
        against("referrals by pair of regions", "referrals.csv", 2, "count", REFERRALS)?,
        against("quarantined rows by code", "quarantine.csv", 1, "count", QUARANTINE)?,
        against("admitted by type", "admissions.csv", 1, "admitted", &admissions("admitted"))?,
    ];
    let (expected, seen) = (
        truth(&dir.join("admissions.csv"), 1, "unchanged")?,
        seen(site, &admissions("unchanged"), 1)?,
    );
    findings.push(match strict.unchanged {
        true => compare("unchanged by type", &expected, &seen),
        false => at_least("unchanged by type, at least", &expected, &seen),
    });
    // What a change of consent calls back was a candidate when it was delivered, not now.
    let withheld = "(kind = 'withheld' OR (kind = 'retracted' AND reason != '' \
        AND recalled = toFixedString('', 16)))";
    for (what, value, condition) in [
        ("deliveries by agency and type", "delivered", "kind = 'delivered'"),
        ("withholdings by agency and type", "withheld", withheld),
        ("retractions by agency and type", "retracted", "kind = 'retracted'"),
    ] {
        if strict.decisions {
            findings.push(against(what, "deliveries.csv", 2, value, &decisions(condition))?);
        }
    }
    Ok(findings)
}

pub fn seen(site: &Site, sql: &str, keys: usize) -> Result<Figures> {
    clickhouse::rows(site, sql)?
        .into_iter()
        .map(|mut row| {
            let value = row[keys].parse()?;
            row.truncate(keys);
            Ok((row, value))
        })
        .collect()
}
