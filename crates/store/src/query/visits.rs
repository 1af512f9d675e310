//! How many visits and stays, by month.

use clickhouse::Row;
use serde::Deserialize;

use super::scope::{IN_PERIOD, Level, Period, Scope};
use crate::failure::QueryError;
use crate::store::Store;

/// Encounters of one key in one month.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct VisitCount {
    /// Region, province, facility or class, as the level asked.
    pub key: String,
    /// Gregorian year.
    pub year: u16,
    /// Month, 1-12.
    pub month: u8,
    /// Encounters that began in it.
    pub n: u64,
}

impl Store {
    /// Encounters that began in the period, by key and month, in the order of both.
    pub async fn visits(
        &self,
        scope: &Scope,
        period: Period,
        level: Level,
    ) -> Result<Vec<VisitCount>, QueryError> {
        let sql = format!(
            "SELECT {key} AS key, toYear(occurred_on) AS year, toMonth(occurred_on) AS month, \
             count() AS n FROM event_fact FINAL \
             WHERE event_type = 'encounter' AND {scope} AND {IN_PERIOD} \
             GROUP BY key, year, month ORDER BY key, year, month",
            key = level.key(),
            scope = scope.condition(),
        );
        let query = period.bind(scope.bind(self.read(&sql)));
        self.rows("visits", query).await
    }
}
