//! Feeds a synthetic province through the adapter, as the facilities' own machines would.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::platform::{Site, path};

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Consent,
    F43,
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

/// Sends all loads of one phase, `lanes` facilities at a time; each facility's files stay in order.
pub fn send(site: &Site, loads: Vec<Load>, lanes: usize) -> Result<()> {
    let queue = Mutex::new(loads.into_iter().rev().collect::<Vec<_>>());
    let next = || queue.lock().ok().and_then(|mut it| it.pop());
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(load) = next() {
                        send_one(site, &load)?;
                    }
                    Ok::<(), anyhow::Error>(())
                })
            })
            .collect();
        lanes.into_iter().try_for_each(|it| it.join().expect("a lane does not panic"))
    })
}

fn send_one(site: &Site, load: &Load) -> Result<()> {
    let code = short_code(site, &load.facility)?;
    let edge = site.dir.join("edge").join(&code);
    let token = edge.join("token");
    let format = match load.kind {
        Kind::Consent => "consent",
        Kind::F43 => "f43",
    };
    let output = Command::new(&site.program)
        .args(["--config", path(&site.config)?])
        .args(["--set", &format!("edge.dir={}", edge.display())])
        .args(["--set", &format!("edge.token-file={}", token.display())])
        .args(["--set", &format!("edge.gateway-url=http://{}", site.gateway)])
        .args(["adapter", format, "--json", "--facility", &code])
        .args(&load.files)
        .stdin(Stdio::null())
        .output()?;
    let log = site.dir.join("logs").join("adapter.log");
    append(&log, &output.stderr)?;
    append(&log, &output.stdout)?;
    if !output.status.success() {
        bail!(
            "the adapter of facility {code} failed ({}):\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

fn append(file: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    std::fs::File::options().create(true).append(true).open(file)?.write_all(bytes)?;
    Ok(())
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
