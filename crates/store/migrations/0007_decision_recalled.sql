ALTER TABLE decision
    ADD COLUMN IF NOT EXISTS recalled FixedString(16)
        COMMENT 'the event a change of consent called back; zeros for what was decided about the record itself',
    MODIFY ORDER BY (log_partition, log_offset, agency, recalled)
