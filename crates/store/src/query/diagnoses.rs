//! The principal diagnoses of encounters, by the first three characters of ICD-10.

use clickhouse::Row;
use serde::Deserialize;

use super::scope::{IN_PERIOD, Period, Scope};
use crate::failure::QueryError;
use crate::store::Store;

/// Encounters with one principal diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct DiagnosisCount {
    /// First three characters of the ICD-10 code.
    pub icd3: String,
    /// Encounters.
    pub n: u64,
}

/// Encounters with one principal diagnosis in one district.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct DistrictDiagnosisCount {
    /// District of the facility, 4 digits.
    pub district: String,
    /// First three characters of the ICD-10 code.
    pub icd3: String,
    /// Encounters.
    pub n: u64,
}

const CODED: &str = "event_type = 'encounter' AND main_code != ''";

impl Store {
    /// All three-character principal diagnoses, the most frequent first.
    pub async fn diagnoses(
        &self,
        scope: &Scope,
        period: Period,
    ) -> Result<Vec<DiagnosisCount>, QueryError> {
        let sql = format!(
            "SELECT substring(main_code, 1, 3) AS icd3, count() AS n FROM event_fact FINAL \
             WHERE {CODED} AND {scope} AND {IN_PERIOD} GROUP BY icd3 ORDER BY n DESC, icd3",
            scope = scope.condition(),
        );
        let query = period.bind(scope.bind(self.read(&sql)));
        self.rows("diagnoses", query).await
    }

    /// Principal diagnoses by district, for the `codes` given; others are summed under an empty code.
    pub async fn diagnoses_by_district(
        &self,
        scope: &Scope,
        period: Period,
        codes: &[String],
    ) -> Result<Vec<DistrictDiagnosisCount>, QueryError> {
        let sql = format!(
            "SELECT toString(district) AS district, \
             if(has(?, substring(main_code, 1, 3)), substring(main_code, 1, 3), '') AS icd3, \
             count() AS n FROM event_fact FINAL \
             WHERE {CODED} AND {scope} AND {IN_PERIOD} \
             GROUP BY district, icd3 ORDER BY district, icd3",
            scope = scope.condition(),
        );
        let query = period.bind(scope.bind(self.read(&sql).bind(codes)));
        self.rows("diagnoses by district", query).await
    }
}
