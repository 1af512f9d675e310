//! Agencies as small numbers, and sets of them as bits. Names belong to [`crate::RouteTable`].

use saphan_model::limits::AGENCIES_MAX;

/// An agency's place in the table: 0 to 127, in the order of agency ids. Valid for one table only;
/// what is stored are names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgencyIndex(u8);

impl AgencyIndex {
    /// Callers pass places below `AGENCIES_MAX`.
    pub(crate) fn new(place: usize) -> Self {
        debug_assert!(place < AGENCIES_MAX);
        Self(u8::try_from(place).expect("a table holds at most 128 agencies"))
    }

    /// The place as a number, to index tables of the caller's own.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// A set of agencies, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AgencySet(u128);

impl AgencySet {
    /// No agency.
    pub const NONE: Self = Self(0);

    /// The set with one more agency.
    #[must_use]
    pub const fn with(self, agency: AgencyIndex) -> Self {
        Self(self.0 | 1 << agency.0)
    }

    /// The set without one agency.
    #[must_use]
    pub const fn without(self, agency: AgencyIndex) -> Self {
        Self(self.0 & !(1 << agency.0))
    }

    /// Is the agency in the set?
    pub const fn contains(self, agency: AgencyIndex) -> bool {
        self.0 & (1 << agency.0) != 0
    }

    /// Is there no agency?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many agencies.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The agencies, in the order of their ids.
    pub fn iter(self) -> impl Iterator<Item = AgencyIndex> {
        let mut rest = self;
        (0..self.len()).map(move |_| {
            let lowest = AgencyIndex(rest.0.trailing_zeros() as u8); // below 128: one is left
            rest = rest.without(lowest);
            lowest
        })
    }
}

impl FromIterator<AgencyIndex> for AgencySet {
    fn from_iter<I: IntoIterator<Item = AgencyIndex>>(agencies: I) -> Self {
        agencies.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_back_its_members_in_order() {
        let members = [127, 0, 64, 63].map(AgencyIndex::new);
        let set: AgencySet = members.into_iter().collect();
        assert_eq!(set.iter().map(AgencyIndex::get).collect::<Vec<_>>(), [0, 63, 64, 127]);
        assert_eq!(set.len(), 4);
        assert!(!set.without(members[0]).contains(members[0]));
        assert!(AgencySet::NONE.iter().next().is_none());
    }
    #[test]
    fn a_set_holds_an_agency_once() {
        let [a, b] = [3, 127].map(AgencyIndex::new);
        let of = |members: &[AgencyIndex]| members.iter().copied().collect::<AgencySet>();
        assert_eq!(of(&[a, b]).with(b), of(&[a, b]));
        assert_eq!(of(&[a]).without(b), of(&[a]));
        assert_eq!((of(&[a]).is_empty(), AgencySet::NONE.is_empty()), (false, true));
    }
}
