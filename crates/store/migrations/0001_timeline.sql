CREATE TABLE IF NOT EXISTS timeline (
    patient FixedString(16),
    event_id FixedString(16),
    ver UInt64 COMMENT 'twice the sequence, one more for a put: the highest holds',
    is_deleted UInt8,
    event_type LowCardinality(String),
    facility LowCardinality(String),
    occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    recorded_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    appended_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    main_code LowCardinality(String),
    labels Array(LowCardinality(String)),
    source LowCardinality(String),
    document String CODEC(ZSTD(1)),
    file LowCardinality(String),
    line UInt32,
    src_partition UInt16,
    src_offset UInt64,
    body String COMMENT 'the framed log record as it stands in patient.log.v1' CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(ver, is_deleted)
ORDER BY (patient, event_id)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 100000
