//! How long topics keep their records, as declared: what is gone before that time did not leave by itself.

use std::collections::BTreeMap;

use saphan_topology::{Names, Profile, Topology};

/// How long a topic keeps its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// For ever.
    Forever,
    /// So many milliseconds.
    For(i64),
    /// No contract declares the topic.
    Unknown,
}

impl Kept {
    /// Of every topic that the topology declares, by its whole name.
    pub fn declared(topology: &Topology, names: &Names) -> BTreeMap<String, Self> {
        let specs = topology.topics.desired(Profile::Production, names, &topology.agencies);
        let kept = specs.into_iter().map(|it| {
            let millis = it.config.get("retention.ms").and_then(|it| it.parse().ok());
            (it.name, millis.map_or(Self::Unknown, Self::of))
        });
        kept.collect()
    }

    /// Of Kafka's `retention.ms`.
    fn of(millis: i64) -> Self {
        if millis < 0 { Self::Forever } else { Self::For(millis) }
    }

    /// What was appended at or after this instant must still be there at `now`. Milliseconds since 1970.
    pub(crate) fn horizon(self, now: i64) -> i64 {
        match self {
            Self::Forever => i64::MIN,
            Self::For(millis) => now.saturating_sub(millis),
            Self::Unknown => i64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_for_a_time_may_be_gone_behind_it_only() {
        assert_eq!(Kept::of(-1).horizon(1_000), i64::MIN);
        assert_eq!(Kept::of(400).horizon(1_000), 600);
        assert_eq!(Kept::Unknown.horizon(1_000), i64::MAX);
    }
}
