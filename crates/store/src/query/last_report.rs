//! When each facility last sent anything at all, new or not.

use clickhouse::Row;
use serde::Deserialize;

use crate::failure::QueryError;
use crate::store::Store;

/// The last submission of a facility.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct LastReport {
    /// The facility.
    pub code: String,
    /// Append time of the batch it came in, milliseconds since 1970.
    pub at_ms: i64,
}

impl Store {
    /// The last submission of each of the facilities that ever sent one.
    pub async fn last_reports(&self, facilities: &[String]) -> Result<Vec<LastReport>, QueryError> {
        if facilities.is_empty() {
            return Ok(Vec::new());
        }
        // No FINAL: copies of a row do not change a maximum.
        let sql = "SELECT toString(facility) AS code, \
                   toUnixTimestamp64Milli(max(appended_at)) AS at_ms FROM admission \
                   WHERE facility IN ? GROUP BY code ORDER BY code";
        self.rows("last reports", self.read(sql).bind(facilities)).await
    }
}
