//! The open defects, from the log itself: what `quarantine.v1` says last of each.

use std::collections::BTreeMap;

use saphan_model::EventId;
use saphan_model::admission::Quarantined;

/// Defects by what names them.
#[derive(Default)]
pub struct Open(BTreeMap<EventId, Quarantined>);

impl Open {
    /// One record of the topic. The position in `ingest.v1` tells which of two is newer: all submissions
    /// of one facility stand in one partition of it.
    pub fn take(&mut self, record: Quarantined) {
        let known = self.0.get(&record.event_id).map(|it| it.offset);
        if known.is_none_or(|it| it <= record.offset) {
            self.0.insert(record.event_id, record);
        }
    }

    /// Those to be mended that `wanted` takes, by partition and in the order of the log.
    pub fn choose(
        &self,
        wanted: impl Fn(&Quarantined) -> bool,
    ) -> BTreeMap<i32, Vec<&Quarantined>> {
        let mut chosen: BTreeMap<i32, Vec<&Quarantined>> = BTreeMap::new();
        for it in self.0.values().filter(|it| it.mended_at.is_none() && wanted(it)) {
            chosen.entry(it.partition).or_default().push(it);
        }
        chosen.values_mut().for_each(|it| it.sort_by_key(|of| of.offset));
        chosen
    }

    /// How many of these are mended now.
    pub fn mended<'a>(&self, of: impl Iterator<Item = &'a EventId>) -> usize {
        of.filter(|it| self.0.get(it).is_some_and(|it| it.mended_at.is_some())).count()
    }
}

#[cfg(test)]
mod tests {
    use saphan_model::{Defect, Provenance, Timestamp};

    use super::*;

    fn record(name: u8, partition: i32, offset: i64, mended: bool) -> Quarantined {
        let code = "SP-1302".to_owned();
        Quarantined {
            facility: "99001".to_owned(),
            defect: Defect { code, column: String::new(), remedy: String::new() },
            provenance: Provenance::default(),
            event_id: EventId([name; 16]),
            partition,
            offset,
            appended_at: Timestamp(0),
            mended_at: mended.then_some(Timestamp(1)),
        }
    }

    #[test]
    fn the_newest_word_on_a_defect_holds_in_whatever_order_it_is_read() {
        let records = [
            record(1, 0, 9, false),
            record(1, 0, 12, true),
            record(2, 0, 5, false),
            record(3, 1, 2, false),
        ];
        for backwards in [false, true] {
            let mut open = Open::default();
            let mut records = records.to_vec();
            if backwards {
                records.reverse();
            }
            records.into_iter().for_each(|it| open.take(it));
            let chosen = open.choose(|it| it.partition == 0);
            let places: Vec<_> = chosen.values().flatten().map(|it| it.offset).collect();
            assert_eq!(places, [5]);
            assert_eq!(open.mended([EventId([1; 16]), EventId([2; 16])].iter()), 1);
        }
    }
}
