//! The statistics: visits, diagnoses, referrals, decisions, quarantine, admissions.

use std::path::Path;

use anyhow::Result;

use super::{Figures, Finding, compare, truth};
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

pub fn all(site: &Site, dir: &Path) -> Result<Vec<Finding>> {
    let against =
        |what: &str, file: &str, keys: usize, value: &str, sql: &str| -> Result<Finding> {
            Ok(compare(what, &truth(&dir.join(file), keys, value)?, &seen(site, sql, keys)?))
        };
    let withheld = "(kind = 'withheld' OR (kind = 'retracted' AND reason != ''))";
    Ok(vec![
        against("visits by facility and month", "visits.csv", 2, "count", VISITS)?,
        against("diagnoses by district", "diagnoses.csv", 2, "count", DIAGNOSES)?,
        against("referrals by pair of regions", "referrals.csv", 2, "count", REFERRALS)?,
        against(
            "deliveries by agency and type",
            "deliveries.csv",
            2,
            "delivered",
            &decisions("kind = 'delivered'"),
        )?,
        against(
            "withholdings by agency and type",
            "deliveries.csv",
            2,
            "withheld",
            &decisions(withheld),
        )?,
        against(
            "retractions by agency and type",
            "deliveries.csv",
            2,
            "retracted",
            &decisions("kind = 'retracted'"),
        )?,
        against("quarantined rows by code", "quarantine.csv", 1, "count", QUARANTINE)?,
        against("admitted by type", "admissions.csv", 1, "admitted", &admissions("admitted"))?,
        against("unchanged by type", "admissions.csv", 1, "unchanged", &admissions("unchanged"))?,
    ])
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
