//! Passing troubles come in floods while a broker is away; each is told once in a while. Pure.

use std::time::{Duration, Instant};

use crate::failure::Trouble;

const QUIET: Duration = Duration::from_secs(10);
const REMEMBERED: usize = 16;

/// Remembers what was told lately.
#[derive(Default)]
pub(crate) struct Hush(Vec<(Trouble, Instant)>);

impl Hush {
    /// Should this trouble be told?
    pub fn is_news(&mut self, trouble: &Trouble, now: Instant) -> bool {
        self.0.retain(|it| now.duration_since(it.1) < QUIET);
        if self.0.iter().any(|it| it.0 == *trouble) {
            return false;
        }
        if self.0.len() == REMEMBERED {
            self.0.remove(0);
        }
        self.0.push((trouble.clone(), now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_trouble_is_told_once_in_a_while() {
        let (mut it, now) = (Hush::default(), Instant::now());
        let [one, other] = ["one", "other"].map(|it| Trouble::new("SP-1501", it));
        assert!(it.is_news(&one, now));
        assert!(!it.is_news(&one, now + QUIET / 2));
        assert!(it.is_news(&other, now + QUIET / 2));
        assert!(it.is_news(&one, now + QUIET));
    }

    #[test]
    fn memory_is_bounded() {
        let (mut it, now) = (Hush::default(), Instant::now());
        for index in 0..1000 {
            assert!(it.is_news(&Trouble::new("SP-1501", index.to_string()), now));
        }
        assert_eq!(it.0.len(), REMEMBERED);
    }
}
