//! The principal diagnoses of encounters, by the first three characters of ICD-10.

use clickhouse::Row;
use serde::Deserialize;

use super::scope::{IN_PERIOD, Level, Period, Scope};
use crate::failure::QueryError;
use crate::store::Store;

/// Encounters of one key with one principal diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct DiagnosisCount {
    /// Region, province, district, facility or class, as the level asked.
    pub key: String,
    /// First three characters of the ICD-10 code.
    pub icd3: String,
    /// Encounters.
    pub n: u64,
}

impl Store {
    /// Encounters that began in the period and have a principal diagnosis, by key and code, in the
    /// order of both.
    pub async fn diagnoses(
        &self,
        scope: &Scope,
        period: Period,
        level: Level,
    ) -> Result<Vec<DiagnosisCount>, QueryError> {
        let sql = format!(
            "SELECT {key} AS key, substring(main_code, 1, 3) AS icd3, count() AS n \
             FROM event_fact FINAL \
             WHERE event_type = 'encounter' AND main_code != '' AND {scope} AND {IN_PERIOD} \
             GROUP BY key, icd3 ORDER BY key, icd3",
            key = level.key(),
            scope = scope.condition(),
        );
        let query = period.bind(scope.bind(self.read(&sql)));
        self.rows("diagnoses", query).await
    }
}
