//! The conservation law as arithmetic over figures already read. Pure.

use std::collections::BTreeMap;

use saphan_store::query::LedgerPartition;

use crate::state::IngestEnds;

/// One partition of `ingest.v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionBalance {
    /// Its number.
    pub partition: u16,
    /// Where counting begins: the first offset of the ledger, or of the log where there is no ledger.
    pub from: u64,
    /// Offset after the last the ledger accounts for.
    pub to: u64,
    /// Offset after the last of the log.
    pub end: u64,
    /// Submissions the ledger accounts for.
    pub accounted: u64,
}

impl PartitionBalance {
    /// Appended by gateway and adapters.
    pub const fn received(&self) -> u64 {
        self.end.saturating_sub(self.from)
    }

    /// Appended and not yet admitted.
    pub const fn in_flight(&self) -> u64 {
        self.end.saturating_sub(self.to)
    }

    /// How far `received = accounted + in flight` is from true; 0 when it holds.
    pub const fn difference(&self) -> u64 {
        self.received().abs_diff(self.accounted + self.in_flight())
    }
}

/// Puts ledger and log together. Without the log's ends each partition ends where its ledger does, so
/// that only the ledger itself is checked.
pub fn partitions(ledger: &[LedgerPartition], log: Option<&[IngestEnds]>) -> Vec<PartitionBalance> {
    let mut balances: BTreeMap<u16, PartitionBalance> = BTreeMap::new();
    for it in ledger {
        balances.insert(
            it.partition,
            PartitionBalance {
                partition: it.partition,
                from: it.first_offset,
                to: it.next_offset,
                end: it.next_offset,
                accounted: it.accounted,
            },
        );
    }
    for it in log.unwrap_or_default() {
        let balance = balances.entry(it.partition).or_insert(PartitionBalance {
            partition: it.partition,
            from: it.first_offset,
            to: it.first_offset,
            end: it.first_offset,
            accounted: 0,
        });
        // The ledger may be newer than the ends; it never accounts for what is not in the log.
        balance.end = it.end_offset.max(balance.to);
    }
    balances.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(first_offset: u64, next_offset: u64, accounted: u64) -> LedgerPartition {
        LedgerPartition { partition: 0, first_offset, next_offset, accounted }
    }

    fn ends(partition: u16, first_offset: u64, end_offset: u64) -> IngestEnds {
        IngestEnds { partition, first_offset, end_offset }
    }

    /// (received, accounted, in flight, difference) of all partitions.
    #[track_caller]
    fn check(ledger: &[LedgerPartition], log: Option<&[IngestEnds]>, expected: &[[u64; 4]]) {
        let seen: Vec<_> = partitions(ledger, log)
            .iter()
            .map(|it| [it.received(), it.accounted, it.in_flight(), it.difference()])
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_is_received_is_accounted_for_or_in_flight() {
        check(&[ledger(0, 8, 8)], Some(&[ends(0, 0, 10)]), &[[10, 8, 2, 0]]);
        check(&[], Some(&[ends(0, 0, 3), ends(1, 0, 0)]), &[[3, 0, 3, 0], [0, 0, 0, 0]]);
    }

    #[test]
    fn a_submission_lost_or_counted_twice_shows() {
        check(&[ledger(0, 8, 7)], Some(&[ends(0, 0, 10)]), &[[10, 7, 2, 1]]);
        check(&[ledger(0, 8, 9)], Some(&[ends(0, 0, 10)]), &[[10, 9, 2, 1]]);
    }

    #[test]
    fn old_records_gone_from_the_log_are_still_counted() {
        check(&[ledger(0, 8, 8)], Some(&[ends(0, 5, 10)]), &[[10, 8, 2, 0]]);
    }

    #[test]
    fn without_the_log_the_ledger_is_checked_alone() {
        check(&[ledger(0, 8, 8)], None, &[[8, 8, 0, 0]]);
        check(&[ledger(0, 8, 6)], None, &[[8, 6, 0, 2]]);
    }

    #[test]
    fn a_ledger_ahead_of_older_ends_is_no_difference() {
        check(&[ledger(0, 8, 8)], Some(&[ends(0, 0, 6)]), &[[8, 8, 0, 0]]);
    }
}
