//! The history of one patient. Whoever asks must hold a permission and record the reading.

use clickhouse::Row;
use saphan_model::{EventId, PatientId, Private};
use serde::Deserialize;

use crate::failure::QueryError;
use crate::store::Store;

/// One event of a patient, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The event.
    pub event_id: EventId,
    /// Its type.
    pub event_type: String,
    /// Reporting facility.
    pub facility: String,
    /// When it happened, milliseconds since 1970.
    pub occurred_at_ms: i64,
    /// When it entered the patient log, milliseconds since 1970.
    pub appended_at_ms: i64,
    /// Principal code, empty when there is none.
    pub main_code: String,
    /// Sensitivity labels.
    pub labels: Vec<String>,
    /// The framed log record.
    pub body: Private<Vec<u8>>,
}

#[derive(Row, Deserialize)]
struct Entry {
    event_id: [u8; 16],
    event_type: String,
    facility: String,
    occurred_at_ms: i64,
    appended_at_ms: i64,
    main_code: String,
    labels: Vec<String>,
    #[serde(deserialize_with = "octets")]
    body: Vec<u8>,
}

impl Store {
    /// The newest events of a patient, newest first, at most `limit`.
    pub async fn timeline(
        &self,
        patient: PatientId,
        limit: u32,
    ) -> Result<Vec<TimelineEntry>, QueryError> {
        let sql = "SELECT event_id, toString(event_type) AS event_type, \
                   toString(facility) AS facility, \
                   toUnixTimestamp64Milli(occurred_at) AS occurred_at_ms, \
                   toUnixTimestamp64Milli(appended_at) AS appended_at_ms, \
                   toString(main_code) AS main_code, \
                   arrayMap(it -> toString(it), labels) AS labels, body FROM timeline FINAL \
                   WHERE patient = unhex(?) ORDER BY occurred_at_ms DESC, event_id LIMIT ?";
        let query = self.read(sql).bind(patient.to_hex()).bind(limit);
        let entries: Vec<Entry> = self.rows("timeline", query).await?;
        Ok(entries.into_iter().map(TimelineEntry::from).collect())
    }
}

impl From<Entry> for TimelineEntry {
    fn from(it: Entry) -> Self {
        Self {
            event_id: EventId(it.event_id),
            event_type: it.event_type,
            facility: it.facility,
            occurred_at_ms: it.occurred_at_ms,
            appended_at_ms: it.appended_at_ms,
            main_code: it.main_code,
            labels: it.labels,
            body: Private::new(it.body),
        }
    }
}

/// A String column as bytes: the log record is not text.
fn octets<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    struct Octets;

    impl serde::de::Visitor<'_> for Octets {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }

    deserializer.deserialize_byte_buf(Octets)
}
