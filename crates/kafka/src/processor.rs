//! The trait a stateful stage implements. It knows records and its own state, never Kafka, metrics or
//! logs: [`crate::worker`] owns those.

use std::num::NonZeroU32;

use crate::failure::Failure;
use crate::record::{Outbound, Record};

/// Where a marked record of the open batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Its mark.
    pub mark: NonZeroU32,
    /// Partition.
    pub partition: i32,
    /// Offset. Final if the batch is committed.
    pub offset: i64,
    /// Milliseconds since 1970 (UTC) at which the broker appended it.
    pub append_time_ms: i64,
}

/// A stage that turns records into records, with state per partition.
///
/// Order of calls for a partition: `assign`, `restore`*, `restored`, then `apply`* mixed with other
/// partitions, at last `revoke`. Batches: `apply`*, `before_commit`, `placed` if a record was
/// marked, then exactly one of `committed` and `rolled_back`. A batch may hold records of several partitions. `revoke` is never called inside
/// an open batch.
pub trait Processor {
    /// The partition is now owned; its state rows follow.
    fn assign(&mut self, partition: i32);

    /// One row of the compacted state topic, in log order; `None` removes the key. A key may come
    /// several times, the last one counts.
    fn restore(&mut self, partition: i32, key: &[u8], value: Option<&[u8]>) -> Result<(), Failure>;

    /// All rows were seen. `next_offset` is the committed input position (the next record to apply),
    /// `None` when the group never committed one. Check here that every row was made by a record
    /// before it; anything else is a torn transaction and must be [`Failure::Fatal`].
    fn restored(&mut self, partition: i32, next_offset: Option<i64>) -> Result<(), Failure>;

    /// Applies one record and pushes what follows from it. Bad input is never a failure: push a
    /// quarantine record instead. State rows are pushed like any output, with [`Outbound::state`].
    fn apply(&mut self, record: &Record<'_>, out: &mut Vec<Outbound>) -> Result<(), Failure>;

    /// The batch is about to be committed; push what sums it up.
    fn before_commit(&mut self, out: &mut Vec<Outbound>) -> Result<(), Failure> {
        let _ = out;
        Ok(())
    }

    /// Where the batch's marked records stand, by mark; push what follows from it into the same
    /// transaction. Called only when [`crate::WorkerConfig::places`] is set and something was marked.
    fn placed(&mut self, places: &[Placed], out: &mut Vec<Outbound>) -> Result<(), Failure> {
        let _ = (places, out);
        Ok(())
    }

    /// The batch is committed: forget the undo log.
    fn committed(&mut self);

    /// The batch did not happen: undo every change since the last `committed`. The same records will
    /// be applied again if the partition stays.
    fn rolled_back(&mut self);

    /// The partition is owned by another worker from now on: drop its state.
    fn revoke(&mut self, partition: i32);
}
