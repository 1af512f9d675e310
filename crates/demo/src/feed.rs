//! Feeds a synthetic province through the adapter, as the facilities' own machines would.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result};

use crate::platform::{Site, path};
use crate::senders::Senders;

/// In which order the files of a feed are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    /// Phase by phase, file by file.
    Forward,
    /// The same, every file twice.
    Twice,
    /// Consent phases first, then the late clinical phase before the early one, files backwards.
    Reverse,
}

/// The files of one facility in one phase, of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    facility: String,
    kind: Kind,
    files: Vec<PathBuf>,
}

/// What the files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Consent directives.
    Consent,
    /// 43-file exports.
    F43,
}

impl Kind {
    /// The word on the adapter's command line.
    pub fn format(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::F43 => "f43",
        }
    }
}

impl Order {
    /// Name of the truth folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Twice => "twice",
            Self::Reverse => "reverse",
        }
    }

    fn phases(self) -> [&'static str; 4] {
        match self {
            Self::Forward | Self::Twice => ["1-consent", "2-clinical", "3-consent", "4-clinical"],
            Self::Reverse => ["1-consent", "3-consent", "4-clinical", "2-clinical"],
        }
    }

    fn arrange(self, mut files: Vec<PathBuf>) -> Vec<PathBuf> {
        files.sort();
        match self {
            Self::Forward => files,
            Self::Twice => files.into_iter().flat_map(|it| [it.clone(), it]).collect(),
            Self::Reverse => files.into_iter().rev().collect(),
        }
    }
}

/// The loads of each phase, in order. Between two phases the platform must be quiet.
pub fn plan(feed: &Path, order: Order) -> Result<Vec<Vec<Load>>> {
    order.phases().iter().map(|it| phase(&feed.join("feed").join(it), order)).collect()
}

fn phase(dir: &Path, order: Order) -> Result<Vec<Load>> {
    let mut by_facility: BTreeMap<(String, bool), Vec<PathBuf>> = BTreeMap::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("read {}", dir.display()))? {
        let file = entry?.path();
        let name = path(&file)?.rsplit('/').next().unwrap_or_default().to_owned();
        let stem = name.split('.').next().unwrap_or_default();
        let f43 = name.contains("F43_");
        let facility =
            if f43 { stem.split('_').skip_while(|it| *it != "F43").nth(1) } else { Some(stem) };
        let facility = facility.with_context(|| format!("{name} names no facility"))?;
        by_facility.entry((facility.to_owned(), f43)).or_default().push(file);
    }
    Ok(by_facility
        .into_iter()
        .map(|((facility, f43), files)| Load {
            facility,
            kind: if f43 { Kind::F43 } else { Kind::Consent },
            files: order.arrange(files),
        })
        .collect())
}

/// Sends all loads of one phase, `lanes` facilities at a time; each facility's files stay in order. With
/// `singly`, each file is a command of its own: an adapter that is killed and begins again must not undo a
/// later file's corrections by an earlier file.
pub fn send(
    site: &Site,
    senders: &Senders,
    loads: Vec<Load>,
    lanes: usize,
    singly: bool,
) -> Result<()> {
    let queue = Mutex::new(loads.into_iter().rev().collect::<Vec<_>>());
    let next = || queue.lock().ok().and_then(|mut it| it.pop());
    let send_one = |load: Load| {
        let code = short_code(site, &load.facility)?;
        let chunk = if singly { 1 } else { load.files.len() };
        load.files.chunks(chunk).try_for_each(|files| senders.send(site, &code, load.kind, files))
    };
    std::thread::scope(|scope| {
        let work = || std::iter::from_fn(next).try_for_each(send_one);
        let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(work)).collect();
        lanes.into_iter().try_for_each(|it| it.join().expect("a lane does not panic"))
    })
}

/// A zip may be named by the 9-character code; tokens and topology know the 5-digit one.
fn short_code(site: &Site, facility: &str) -> Result<String> {
    if facility.len() == 5 {
        return Ok(facility.to_owned());
    }
    let list = std::fs::read_to_string(site.dir.join("feed/facilities.csv"))?;
    let row = list.lines().find(|it| it.split(',').nth(1) == Some(facility));
    let code = row.and_then(|it| it.split(',').next());
    Ok(code.with_context(|| format!("facility {facility} is not in facilities.csv"))?.to_owned())
}
