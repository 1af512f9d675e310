//! Deciding a real platform's log by other contracts. Needs no keys: nothing is made that could be sent.

use std::time::Instant;

use saphan_kafka::KafkaConfig;
use saphan_topology::Names;

use super::read::Topics;
use super::{LiveError, TELL_EVERY, told};
use crate::what_if::{Contrast, WhatIf};

/// Decides the whole patient log twice. `progress` is told in sentences what goes on.
pub fn what_if(
    kafka: &KafkaConfig,
    names: &Names,
    mut what_if: WhatIf,
    progress: &mut dyn FnMut(&str),
) -> Result<Contrast, LiveError> {
    let topics = Topics::open(kafka)?;
    let log = names.patient_log();
    for partition in topics.partitions(&log)? {
        let first = topics.settle(&log, partition)?.0;
        if first > 0 {
            return Err(LiveError::Truncated { log, partition, first });
        }
        let (started, mut records, mut trouble) = (Instant::now(), 0u64, None);
        let mut contrast = what_if.partition(partition);
        topics.read_partition(&log, partition, |record| {
            records += 1;
            if records.is_multiple_of(TELL_EVERY) {
                progress(&told(partition, records, started));
            }
            if trouble.is_none() {
                trouble = contrast.apply(record).err().map(|why| (record.offset, why));
            }
        })?;
        if let Some((offset, why)) = trouble {
            return Err(LiveError::Unreadable { log, partition, offset, why });
        }
        contrast.finish();
        progress(&told(partition, records, started));
    }
    Ok(what_if.finish())
}
