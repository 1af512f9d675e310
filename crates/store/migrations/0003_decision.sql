CREATE TABLE IF NOT EXISTS decision (
    log_partition UInt16,
    log_offset UInt64,
    agency LowCardinality(String) COMMENT 'empty: the record had no candidate',
    patient FixedString(16),
    event_id FixedString(16),
    event_type LowCardinality(String),
    facility LowCardinality(String),
    appended_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String) COMMENT 'delivered, withheld, retracted or no-candidate',
    reason LowCardinality(String),
    basis LowCardinality(String),
    directive_id String CODEC(ZSTD(1)),
    contract_version UInt32,
    INDEX patient_bloom patient TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (log_partition, log_offset, agency)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 100000
