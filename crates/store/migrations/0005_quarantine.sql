CREATE TABLE IF NOT EXISTS quarantine (
    facility LowCardinality(String) COMMENT 'empty when it could not be read',
    event_id FixedString(16),
    ver UInt64 COMMENT 'offset in ingest.v1: the newest holds',
    code LowCardinality(String),
    source LowCardinality(String),
    document String CODEC(ZSTD(1)),
    file LowCardinality(String),
    line UInt32,
    column_name LowCardinality(String),
    remedy String CODEC(ZSTD(1)),
    adapter LowCardinality(String),
    appended_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    src_partition UInt16 COMMENT 'of ingest.v1',
    src_offset UInt64
)
ENGINE = ReplacingMergeTree(ver)
ORDER BY (facility, event_id)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 100000
