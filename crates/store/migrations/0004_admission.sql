CREATE TABLE IF NOT EXISTS admission (
    ingest_partition UInt16,
    first_offset UInt64,
    next_offset UInt64 COMMENT 'after the last of the batch',
    facility LowCardinality(String) COMMENT 'empty when it could not be read',
    event_type LowCardinality(String) COMMENT 'empty for defects and unreadable records',
    appended_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    admitted UInt64,
    unchanged UInt64,
    quarantined UInt64,
    appended UInt64 COMMENT 'records written to patient.log.v1'
)
ENGINE = ReplacingMergeTree
ORDER BY (ingest_partition, first_offset, facility, event_type)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 100000
