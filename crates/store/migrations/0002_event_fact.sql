CREATE TABLE IF NOT EXISTS event_fact (
    event_type LowCardinality(String),
    facility LowCardinality(String),
    event_id FixedString(16),
    ver UInt64 COMMENT 'twice the sequence, one more for a put: the highest holds',
    is_deleted UInt8,
    occurred_on Date32 COMMENT 'Thai calendar day',
    region UInt8 COMMENT 'health region 1-13 of the facility',
    province LowCardinality(String),
    district LowCardinality(String),
    class LowCardinality(String) COMMENT 'encounters: ambulatory or inpatient',
    scheme LowCardinality(String) COMMENT 'encounters: who pays',
    main_code LowCardinality(String) COMMENT 'principal ICD-10 without dot, or vaccine code',
    codes Array(LowCardinality(String)) COMMENT 'every ICD-10 code of the event',
    counterpart LowCardinality(String) COMMENT 'referrals: addressed facility; replies: answered facility',
    counterpart_region UInt8 COMMENT '0 when not known',
    cause LowCardinality(String) COMMENT 'referrals: CAUSEOUT 1-7',
    src_partition UInt16,
    src_offset UInt64
)
ENGINE = ReplacingMergeTree(ver, is_deleted)
ORDER BY (event_type, facility, event_id)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 100000
