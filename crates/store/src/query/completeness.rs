//! Which months each facility has reported visits for.

use clickhouse::Row;
use serde::Deserialize;

use super::scope::{IN_PERIOD, Period, Scope};
use crate::failure::QueryError;
use crate::store::Store;

/// The months of a period in which a facility has at least one encounter. A facility without any is
/// not in the answer.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct ReportedMonths {
    /// The facility.
    pub code: String,
    /// Months as year * 100 + month, in order.
    pub months: Vec<u32>,
}

impl Store {
    /// Months with data, by facility.
    pub async fn reported_months(
        &self,
        scope: &Scope,
        period: Period,
    ) -> Result<Vec<ReportedMonths>, QueryError> {
        let sql = format!(
            "SELECT toString(facility) AS code, \
             arraySort(groupUniqArray(toYYYYMM(occurred_on))) AS months FROM event_fact FINAL \
             WHERE event_type = 'encounter' AND {scope} AND {IN_PERIOD} \
             GROUP BY code ORDER BY code",
            scope = scope.condition(),
        );
        let query = period.bind(scope.bind(self.read(&sql)));
        self.rows("reported months", query).await
    }
}
