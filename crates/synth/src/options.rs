//! What to make, and how much of it.

use std::path::PathBuf;

use crate::error::SynthError;
use crate::reference::PROVINCES;

/// How to make a feed. [`Options::default`] is the demonstration, [`Options::small`] suits tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// People.
    pub people: u32,
    /// Out-patient visits in all, those of referred patients included.
    pub visits: u32,
    /// Facilities; at least four in each region.
    pub facilities: u16,
    /// Referrals, return legs included.
    pub referrals: u32,
    /// People with a consent directive.
    pub directives: u32,
    /// Health regions 1-13, each with its real provinces.
    pub regions: Vec<u8>,
    /// Months of data, the last one September 2026.
    pub months: u8,
    /// People whose timeline is part of the truth.
    pub timelines: u32,
    /// Whether some facilities first give a person another's citizen id, and mend it later.
    pub mistaken_ids: bool,
    /// The folder to write; must be new or empty.
    pub out: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            people: 20_000,
            visits: 100_000,
            facilities: 64,
            referrals: 3_000,
            directives: 2_000,
            regions: vec![1, 8],
            months: 12,
            timelines: 500,
            mistaken_ids: true,
            out: PathBuf::from("synth"),
        }
    }
}

impl Options {
    /// A feed of a few hundred people for tests.
    pub fn small() -> Self {
        Self {
            people: 300,
            visits: 1_500,
            facilities: 8,
            referrals: 60,
            directives: 60,
            timelines: 100,
            ..Self::default()
        }
    }

    /// Refuses what cannot be made, the first problem it meets.
    pub fn check(&self) -> Result<(), SynthError> {
        let n_regions = self.regions.len();
        let regions = format!("{:?}", self.regions);
        let distinct = self.regions.iter().all(|it| {
            PROVINCES.iter().any(|province| province.region == *it)
                && self.regions.iter().filter(|other| *other == it).count() == 1
        });
        let problems = [
            (
                !distinct || self.regions.is_empty(),
                "regions",
                regions,
                "regions are numbers from 1 to 13, at least one, none twice",
            ),
            (
                usize::from(self.facilities) < 4 * n_regions || self.facilities > 9_000,
                "facilities",
                self.facilities.to_string(),
                "each region needs at least 4, and 9,000 is the most there can be",
            ),
            (
                self.people < 50 || self.people > 5_000_000,
                "people",
                self.people.to_string(),
                "from 50 to 5,000,000 can be made",
            ),
            (
                self.visits < 200 || self.visits > 10_000_000,
                "visits",
                self.visits.to_string(),
                "from 200 to 10,000,000 can be made",
            ),
            (
                self.referrals > self.visits / 10,
                "referrals",
                self.referrals.to_string(),
                "at most one visit in ten is referred",
            ),
            (
                self.directives > self.people / 2,
                "directives",
                self.directives.to_string(),
                "at most half the people have one",
            ),
            (
                !(1..=12).contains(&self.months),
                "months",
                self.months.to_string(),
                "from 1 to 12 months lie in the fiscal year",
            ),
        ];
        match problems.into_iter().find(|(wrong, ..)| *wrong) {
            None => Ok(()),
            Some((_, option, given, needed)) => {
                Err(SynthError::Option { option, given, needed: needed.to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[track_caller]
    fn check(change: impl FnOnce(&mut Options), expected: Option<&str>) {
        let mut options = Options::small();
        change(&mut options);
        let refused = options.check().err().map(|it| it.to_string());
        match expected {
            None => assert_eq!(refused, None),
            Some(option) => assert!(refused.is_some_and(|it| it.starts_with(option))),
        }
    }

    #[test]
    fn impossible_options_are_refused_by_name() {
        check(|_| (), None);
        check(|it| *it = Options::default(), None);
        check(|it| it.regions = vec![14], Some("regions"));
        check(|it| it.regions = vec![1, 1], Some("regions"));
        check(|it| it.regions = vec![], Some("regions"));
        check(|it| it.facilities = 7, Some("facilities"));
        check(|it| it.people = 0, Some("people"));
        check(|it| it.visits = 0, Some("visits"));
        check(|it| it.referrals = 1_000, Some("referrals"));
        check(|it| it.directives = 299, Some("directives"));
        check(|it| it.months = 13, Some("months"));
    }
}
