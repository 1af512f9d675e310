//! How often a member may be fenced before it counts as a rival's doing. Pure.
//!
//! When a connection breaks at the wrong moment the coordinator may take the repeated request of one
//! member for a second process with its identity, and fence the member itself. So a single fencing is
//! answered by joining again; only two living processes fence each other again and again.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(600);
const TOLERATED: usize = 4;

/// The fencings of late.
#[derive(Default)]
pub(crate) struct Fences(Vec<Instant>);

impl Fences {
    /// Counts one fencing; false when there were too many to be an accident.
    pub fn tolerable(&mut self, now: Instant) -> bool {
        self.0.retain(|it| now.duration_since(*it) < WINDOW);
        self.0.push(now);
        self.0.len() <= TOLERATED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rival_is_told_from_an_accident_by_how_often_it_happens() {
        let (mut often, mut seldom, now) = (Fences::default(), Fences::default(), Instant::now());
        let times = |step: Duration| (0..5u32).map(move |it| now + step * it);
        let answers: Vec<bool> =
            times(Duration::from_secs(5)).map(|it| often.tolerable(it)).collect();
        assert_eq!(answers, [true, true, true, true, false]);
        assert!(times(WINDOW / 4).all(|it| seldom.tolerable(it)));
    }
}
