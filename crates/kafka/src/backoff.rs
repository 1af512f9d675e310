//! The one back-off: bounded and jittered. Owns the arithmetic; whoever waits passes the random draw.

use std::time::Duration;

/// Pause before attempt `attempt` (the first retry is 1): grows from `first` by doubling, never above
/// `most`, and is then shortened by up to half so that many clients do not retry in step.
/// `draw` is uniform in `0.0..1.0`, for example `rand::random()`.
pub fn backoff(attempt: u32, first: Duration, most: Duration, draw: f64) -> Duration {
    let doubled = 2u32.saturating_pow(attempt.saturating_sub(1).min(31));
    let ceiling = first.saturating_mul(doubled).min(most);
    ceiling.mul_f64(1.0 - draw.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stays_between_half_and_the_limit(attempt in 0u32..200, draw in 0.0f64..1.0) {
            let (first, most) = (Duration::from_millis(50), Duration::from_secs(5));
            let it = backoff(attempt, first, most, draw);
            prop_assert!(it <= most);
            prop_assert!(it >= first / 2 - Duration::from_millis(1));
        }

        #[test]
        fn never_shrinks_with_the_attempt(attempt in 1u32..200, draw in 0.0f64..1.0) {
            let (first, most) = (Duration::from_millis(50), Duration::from_secs(5));
            prop_assert!(backoff(attempt, first, most, draw) <= backoff(attempt + 1, first, most, draw));
        }
    }
}
