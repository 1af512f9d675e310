ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS mended UInt8 COMMENT '1: a redrive settled it' AFTER src_offset
