//! What was done for each agency.

use clickhouse::Row;
use serde::Deserialize;

use crate::failure::QueryError;
use crate::store::Store;

/// Outcomes of one agency that agree in all columns.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct AgencyCount {
    /// The agency.
    pub agency: String,
    /// Event type.
    pub event_type: String,
    /// `delivered`, `withheld` or `retracted`.
    pub kind: String,
    /// Why withheld, else empty.
    pub reason: String,
    /// On which basis delivered, else empty.
    pub basis: String,
    /// Outcomes.
    pub n: u64,
}

impl Store {
    /// All outcomes, by agency, type, kind, reason and basis.
    pub async fn agency_counts(&self) -> Result<Vec<AgencyCount>, QueryError> {
        let sql = "SELECT toString(agency) AS agency, toString(event_type) AS event_type, \
                   toString(kind) AS kind, toString(reason) AS reason, toString(basis) AS basis, \
                   count() AS n FROM decision FINAL WHERE agency != '' \
                   GROUP BY agency, event_type, kind, reason, basis \
                   ORDER BY agency, event_type, kind, reason, basis";
        self.rows("outcomes by agency", self.read(sql)).await
    }
}
