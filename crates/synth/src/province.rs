//! A province in memory: its files, further consent files, and the truth of any order of applying them.
//!
//! For whoever does not know beforehand what will be sent: a check that lasts as long as there is time.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::consent::{self, Recorded};
use crate::error::SynthError;
use crate::feed::FeedFile;
use crate::generate::{self, Made, sample, sites};
use crate::options::Options;
use crate::oracle::replay;
use crate::truth::{Totals, Truth, save};
use crate::write;

/// A province and what it can send.
pub struct Province {
    options: Options,
    made: Made,
    /// Where each file of `made.files` lies.
    paths: Vec<PathBuf>,
    /// The newest version of every directive of phase 1.
    current: Vec<Recorded>,
}

/// A file that can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'p> {
    /// Where it lies.
    pub path: &'p Path,
    /// Code of the facility that sends it, 5 digits.
    pub facility: &'p str,
    /// 1 and 3 consent, 2 and 4 clinical; consent files made later are of phase 3.
    pub phase: u8,
    /// What is in it: events, deletions, directives and broken rows.
    pub submissions: usize,
}

impl Province {
    /// Makes everything under `options.out` but the truth.
    pub fn make(options: Options, progress: &mut dyn FnMut(&str)) -> Result<Self, SynthError> {
        let made = generate::make(&options, progress)?;
        let feed = options.out.join("feed");
        let path = |it: &FeedFile| feed.join(write::phase_folder(it.phase)).join(&it.name);
        let paths = made.files.iter().map(path).collect();
        let current = made.first.clone();
        Ok(Self { options, made, paths, current })
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.made.files.len()
    }

    /// Is there nothing to send?
    pub fn is_empty(&self) -> bool {
        self.made.files.is_empty()
    }

    /// A file by its number; files of one facility and phase are numbered in the order they must be sent.
    pub fn document(&self, number: usize) -> Document<'_> {
        let file = &self.made.files[number];
        Document {
            path: &self.paths[number],
            facility: &self.made.world.facilities[usize::from(file.facility)].hospcode,
            phase: file.phase,
            submissions: file.items.len(),
        }
    }

    /// How many directives there are to change.
    pub fn directives(&self) -> usize {
        self.current.len()
    }

    /// Makes consent files in which `directives` people change their mind; their numbers. `wave` names the
    /// folder and must be new.
    pub fn wave(&mut self, wave: u32, directives: usize) -> Result<Range<usize>, SynthError> {
        let changed = consent::toggle(self.options.seed, wave, &mut self.current, directives);
        let folder = self.options.out.join("feed").join(format!("wave-{wave}"));
        std::fs::create_dir_all(&folder).map_err(SynthError::write(&folder))?;
        let files = write::consents(&folder, &self.made.world, 3, changed)?;
        let from = self.len();
        self.paths.extend(files.iter().map(|it| folder.join(&it.name)));
        self.made.files.extend(files);
        Ok(from..self.len())
    }

    /// Saves into `folder` what must be so after the files `order` were applied one after another.
    pub fn truth(&self, order: &[usize], folder: &Path) -> Result<Totals, SynthError> {
        let sites = sites(&self.made.world);
        let sample = sample(&self.options, &self.made.world, &self.made.plan);
        let files: Vec<&FeedFile> = order.iter().map(|it| &self.made.files[*it]).collect();
        let mut oracle = replay(&sites, &files);
        let truth = Truth::of(&mut oracle, &sample, files.len());
        save(&truth, folder)?;
        Ok(truth.totals)
    }
}

#[cfg(test)]
mod tests {
    use super::Province;
    use crate::truth::load;
    use crate::{Options, Order, generate};

    fn options(out: &std::path::Path) -> Options {
        Options { seed: 5, out: out.to_owned(), ..Options::small() }
    }

    #[test]
    fn all_files_in_order_have_the_truth_of_the_feed() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (dir.path().join("one"), dir.path().join("other"));
        generate(&options(&one), &mut |_| {}).unwrap();
        let province = Province::make(options(&other), &mut |_| {}).unwrap();
        let all: Vec<usize> = (0..province.len()).collect();
        province.truth(&all, &dir.path().join("truth")).unwrap();
        let forward = load(&one.join("truth").join(Order::Forward.word())).unwrap();
        assert_eq!(load(&dir.path().join("truth")).unwrap(), forward);
    }

    #[test]
    fn a_wave_changes_the_minds_it_says_and_what_follows_from_them() {
        let dir = tempfile::tempdir().unwrap();
        let mut province = Province::make(options(&dir.path().join("p")), &mut |_| {}).unwrap();
        let of = |province: &Province, phase: u8| -> Vec<usize> {
            (0..province.len()).filter(|it| province.document(*it).phase == phase).collect()
        };
        let mut order = of(&province, 1);
        let everyone = province.directives();
        let wave: Vec<usize> = province.wave(1, everyone).unwrap().collect();
        let changes: usize = wave.iter().map(|it| province.document(*it).submissions).sum();
        assert_eq!(changes, everyone);
        let plain = [order.clone(), of(&province, 2)].concat();
        order.extend(wave);
        order.extend(of(&province, 2));
        let (one, other) = (dir.path().join("plain"), dir.path().join("changed"));
        let before = province.truth(&plain, &one).unwrap();
        let after = province.truth(&order, &other).unwrap();
        assert_eq!(after.types["directive"].admitted, 2 * before.types["directive"].admitted);
        let (one, other) = (load(&one).unwrap(), load(&other).unwrap());
        assert_eq!(one.visits, other.visits);
        assert_ne!(one.deliveries, other.deliveries);
        // Changing everything back once more is a change as well.
        assert_eq!(
            province.wave(2, 7).unwrap().map(|it| province.document(it).submissions).sum::<usize>(),
            7
        );
    }
}
