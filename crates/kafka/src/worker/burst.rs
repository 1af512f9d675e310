//! Outbound records kept until the client gets them all at once: it then makes few large requests of them.
//! Handed over one by one they become many small ones, or wait for each other before every commit.

use crate::record::Outbound;

const RECORDS_MAX: usize = 16_384;
const BYTES_MAX: usize = 16 << 20;

/// What is kept. Invariant: `bytes` are those of the first `counted` records.
#[derive(Default)]
pub(super) struct Burst {
    records: Vec<Outbound>,
    counted: usize,
    bytes: usize,
}

impl Burst {
    /// Where a processor appends.
    pub fn records(&mut self) -> &mut Vec<Outbound> {
        &mut self.records
    }

    /// Counts what was appended.
    pub fn count(&mut self) {
        self.bytes += self.records[self.counted..].iter().map(Outbound::size).sum::<usize>();
        self.counted = self.records.len();
    }

    /// Is it time to hand over what was counted? With `outbound_max` records at the latest.
    pub fn is_full(&self, outbound_max: usize) -> bool {
        self.counted >= RECORDS_MAX.min(outbound_max) || self.bytes >= BYTES_MAX
    }

    /// Everything kept, in order; nothing is afterwards.
    pub fn drain(&mut self) -> impl Iterator<Item = Outbound> {
        (self.counted, self.bytes) = (0, 0);
        self.records.drain(..)
    }

    /// Forgets what is kept.
    pub fn clear(&mut self) {
        drop(self.drain());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(size: usize) -> Outbound {
        Outbound::state("topic".into(), 0, "", Some(vec![0; size]))
    }

    /// Appends records of `size` bytes one at a time until the burst is full; their number.
    fn fill(burst: &mut Burst, size: usize, outbound_max: usize) -> usize {
        for n_records in 1.. {
            burst.records().push(outbound(size));
            burst.count();
            if burst.is_full(outbound_max) {
                return n_records;
            }
        }
        unreachable!("a burst is full at some number")
    }

    #[test]
    fn a_burst_ends_by_records_by_bytes_or_with_the_batch() {
        let mut burst = Burst::default();
        assert_eq!(fill(&mut burst, 100, usize::MAX), RECORDS_MAX);
        assert_eq!(burst.drain().count(), RECORDS_MAX);
        // What was handed over counts no more.
        assert_eq!(fill(&mut burst, 1 << 20, usize::MAX), 16);
        burst.clear();
        assert_eq!(fill(&mut burst, 100, 7), 7);
    }

    #[test]
    fn a_record_that_leads_to_several_counts_with_all_of_them() {
        let mut burst = Burst::default();
        burst.records().extend((0..15).map(|_| outbound(1 << 20)));
        burst.count();
        burst.count();
        assert!(!burst.is_full(usize::MAX), "nothing is counted twice");
        burst.records().push(outbound(1 << 20));
        burst.count();
        assert!(burst.is_full(usize::MAX));
    }
}
