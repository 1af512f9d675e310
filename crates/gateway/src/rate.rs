//! A token bucket for each facility. Pure: the caller brings the clock.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How much each facility may send. Holds one small entry for each facility that sent since the last
/// sweep; only facilities with a valid token get that far, so it is bounded by their number.
#[derive(Debug)]
pub struct Rates {
    per_second: f64,
    burst: f64,
    buckets: HashMap<String, Bucket>,
    swept_at: Instant,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

const SWEEP_EVERY: Duration = Duration::from_secs(600);

impl Rates {
    /// Each facility may send `per_second` requests in the long run and `burst` after a silence; both
    /// count at least 1.
    pub fn new(per_second: u64, burst: u64, now: Instant) -> Self {
        let number = |it: u64| f64::from(u32::try_from(it.max(1)).unwrap_or(u32::MAX));
        Self {
            per_second: number(per_second),
            burst: number(burst),
            buckets: HashMap::new(),
            swept_at: now,
        }
    }

    /// Takes one request's share, or tells how long to wait for it.
    pub fn take(&mut self, facility: &str, now: Instant) -> Result<(), Duration> {
        self.sweep(now);
        if !self.buckets.contains_key(facility) {
            let full = Bucket { tokens: self.burst, filled_at: now };
            self.buckets.insert(facility.to_owned(), full);
        }
        let bucket = self.buckets.get_mut(facility).expect("inserted above");
        let elapsed = now.saturating_duration_since(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + elapsed * self.per_second).min(self.burst);
        bucket.filled_at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - bucket.tokens) / self.per_second))
        }
    }

    /// Forgets facilities whose bucket is full again: they start as a new one does.
    fn sweep(&mut self, now: Instant) {
        if now.saturating_duration_since(self.swept_at) < SWEEP_EVERY {
            return;
        }
        self.swept_at = now;
        let (per_second, burst) = (self.per_second, self.burst);
        self.buckets.retain(|_, it| {
            let elapsed = now.saturating_duration_since(it.filled_at).as_secs_f64();
            it.tokens + elapsed * per_second < burst
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_then_a_steady_rate_for_each_facility_alone() {
        let start = Instant::now();
        let mut rates = Rates::new(2, 3, start);
        for _ in 0..3 {
            assert_eq!(rates.take("10670", start), Ok(()));
        }
        assert_eq!(rates.take("10670", start), Err(Duration::from_millis(500)));
        assert_eq!(rates.take("10671", start), Ok(()), "another facility");
        let later = start + Duration::from_millis(500);
        assert_eq!(rates.take("10670", later), Ok(()));
        assert!(rates.take("10670", later).is_err());
    }

    #[test]
    fn facilities_that_fell_silent_are_forgotten() {
        let start = Instant::now();
        let mut rates = Rates::new(1, 1, start);
        for n in 0..100 {
            let _ = rates.take(&n.to_string(), start);
        }
        let _ = rates.take("x", start + SWEEP_EVERY);
        assert_eq!(rates.buckets.len(), 1);
    }

    proptest! {
        /// Over any span, no more than the burst plus the rate times the span gets through; and whoever
        /// waits as told gets through.
        #[test]
        fn the_bound_holds(gaps in proptest::collection::vec(0u64..400, 1..200)) {
            let start = Instant::now();
            let (mut rates, mut now, mut taken) = (Rates::new(5, 10, start), start, 0u32);
            for gap in gaps {
                now += Duration::from_millis(gap);
                match rates.take("a", now) {
                    Ok(()) => taken += 1,
                    Err(wait) => {
                        now += wait + Duration::from_micros(1);
                        prop_assert_eq!(rates.take("a", now), Ok(()));
                        taken += 1;
                    }
                }
                let bound = 10.0 + 5.0 * now.duration_since(start).as_secs_f64();
                prop_assert!(f64::from(taken) <= bound + 1e-6);
            }
        }
    }
}
