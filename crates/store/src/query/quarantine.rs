//! What could not be accepted, counted and in places.

use clickhouse::Row;
use serde::Deserialize;

use crate::failure::QueryError;
use crate::store::Store;

/// Defects of one code, and of one facility where asked so.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct QuarantineCount {
    /// The facility; empty when it could not be read.
    pub facility: String,
    /// `SP-11xx` or `SP-13xx`.
    pub code: String,
    /// Defects.
    pub n: u64,
    /// What to do about one of them; they may differ in detail.
    pub remedy: String,
    /// When the newest reached the platform, milliseconds since 1970.
    pub newest_ms: i64,
}

/// One defect: where it stands in its source and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct QuarantinePlace {
    /// `SP-11xx` or `SP-13xx`.
    pub code: String,
    /// Source system.
    pub source: String,
    /// File or message it came in.
    pub document: String,
    /// Inner file.
    pub file: String,
    /// Line, 0 when there is none.
    pub line: u32,
    /// Column at fault, empty when it is the whole row.
    pub column_name: String,
    /// What to do.
    pub remedy: String,
    /// When it reached the platform, milliseconds since 1970.
    pub at_ms: i64,
    /// Partition of `ingest.v1` in which the submission stands.
    pub partition: u16,
    /// Offset in it.
    pub offset: u64,
}

impl Store {
    /// Open defects by facility and code, the most frequent first.
    pub async fn quarantine_counts(&self) -> Result<Vec<QuarantineCount>, QueryError> {
        let sql = "SELECT toString(facility) AS facility, toString(code) AS code, count() AS n, \
                   anyLast(remedy) AS remedy, toUnixTimestamp64Milli(max(appended_at)) AS newest_ms \
                   FROM quarantine FINAL WHERE mended = 0 GROUP BY facility, code ORDER BY n DESC, facility, code";
        self.rows("quarantine by facility and code", self.read(sql)).await
    }

    /// The open defects of one facility, the newest first.
    pub async fn quarantine_places(
        &self,
        facility: &str,
        limit: u32,
    ) -> Result<Vec<QuarantinePlace>, QueryError> {
        let sql = "SELECT toString(code) AS code, toString(source) AS source, document, \
                   toString(file) AS file, line, toString(column_name) AS column_name, remedy, \
                   toUnixTimestamp64Milli(appended_at) AS at_ms, src_partition AS partition, \
                   src_offset AS offset FROM quarantine FINAL \
                   WHERE facility = ? AND mended = 0 ORDER BY at_ms DESC, document, file, line, code LIMIT ?";
        self.rows("quarantine of a facility", self.read(sql).bind(facility).bind(limit)).await
    }
}
