//! A small generator of numbers whose results never change with a library's version: the same
//! seed must give the same bytes for years.

/// What a stream of numbers is for. Streams are independent, so that drawing more in one
/// place does not change another.
#[derive(Clone, Copy)]
pub enum Stream {
    Facilities = 1,
    People,
    Registrations,
    Planning,
    Details,
    Referrals,
    ReferralDetails,
    Mess,
    Directives,
    Stays,
    Sample,
    Conditions,
}

/// SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of one item of one stream.
    pub fn of(seed: u64, stream: Stream, item: u64) -> Self {
        let mut it = Self(seed ^ (stream as u64).wrapping_mul(0xa076_1d64_78bd_642f));
        it.0 = it.next() ^ item.wrapping_mul(0xe703_7ed1_a0b4_28db);
        it.next();
        it
    }

    /// 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u32) -> u32 {
        let high = (self.next() >> 32) * u64::from(n);
        (high >> 32) as u32
    }

    /// An index into something of this length.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(u32::try_from(len).expect("collections here are small")) as usize
    }

    /// A number in `from..=to`.
    pub fn between(&mut self, from: i32, to: i32) -> i32 {
        from + self.below((to - from).unsigned_abs() + 1).cast_signed()
    }

    /// True in `per_myriad` of 10,000 cases.
    pub fn chance(&mut self, per_myriad: u32) -> bool {
        self.below(10_000) < per_myriad
    }

    /// One of them; panics on an empty slice.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// One of them, by weight.
    pub fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let total: u32 = from.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for (weight, it) in from {
            if left < *weight {
                return *it;
            }
            left -= weight;
        }
        unreachable!("the draw is below the sum of the weights")
    }

    /// Puts the slice into random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }
}
