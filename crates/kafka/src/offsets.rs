//! Positions of the partitions a loop owns. Pure: knows numbers, never a broker.

/// Position of one partition: the next offset to apply, never moving backwards.
///
/// Offsets of consecutive records grow but leave gaps (transaction markers, compaction), so a gap is
/// no sign of loss; a step backwards is a sign of a record delivered twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermark {
    committed: Option<i64>,
    next: Option<i64>,
}

/// A record arrived at or below a position already passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("offset {offset} was already passed, the next expected is {next}")]
pub struct PassedError {
    /// Offset of the record.
    pub offset: i64,
    /// Smallest offset that would have been right.
    pub next: i64,
}

impl Watermark {
    /// Starts at the group's committed position, `None` when there is none.
    pub fn new(committed: Option<i64>) -> Self {
        Self { committed, next: committed }
    }

    /// Takes the record at `offset`.
    pub fn take(&mut self, offset: i64) -> Result<(), PassedError> {
        if let Some(next) = self.next.filter(|it| offset < *it) {
            return Err(PassedError { offset, next });
        }
        self.next = Some(offset + 1);
        Ok(())
    }

    /// Position to commit, when records were taken since the last commit.
    pub fn pending(&self) -> Option<i64> {
        if self.next == self.committed { None } else { self.next }
    }

    /// The pending position is committed.
    pub fn commit(&mut self) {
        self.committed = self.next;
    }

    /// The records since the last commit are to be taken again.
    pub fn roll_back(&mut self) {
        self.next = self.committed;
    }

    /// Last committed position.
    pub fn committed(&self) -> Option<i64> {
        self.committed
    }

    /// Next offset to take.
    pub fn next(&self) -> Option<i64> {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Take(i64),
        Commit,
        RollBack,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            8 => (1i64..5).prop_map(Step::Take),
            1 => Just(Step::Commit),
            1 => Just(Step::RollBack),
        ];
        proptest::collection::vec(step, 0..200)
    }

    proptest! {
        /// Against a plain list of taken offsets: nothing is skipped, doubled or committed early.
        #[test]
        fn follows_the_list_of_taken_offsets(start in proptest::option::of(0i64..1000), steps in steps()) {
            let mut it = Watermark::new(start);
            let (mut done, mut open): (Option<i64>, Vec<i64>) = (start.map(|it| it - 1), Vec::new());
            for step in steps {
                match step {
                    Step::Take(gap) => {
                        let last = open.last().copied().or(done);
                        let offset = last.map_or(0, |it| it + gap);
                        prop_assert!(it.take(offset).is_ok());
                        prop_assert!(it.take(offset).is_err());
                        open.push(offset);
                    }
                    Step::Commit => {
                        it.commit();
                        done = open.last().copied().or(done);
                        open.clear();
                    }
                    Step::RollBack => {
                        it.roll_back();
                        open.clear();
                    }
                }
                prop_assert_eq!(it.pending(), open.last().map(|it| it + 1));
                prop_assert_eq!(it.committed(), done.map(|it| it + 1));
            }
        }
    }
}
