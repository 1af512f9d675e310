//! Folders of the runs.

use std::path::{Path, PathBuf};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

/// Where a run keeps its logs: they stay for looking into after a failure.
pub fn run_dir(name: &str) -> PathBuf {
    root().join("target/whole").join(name)
}

/// An empty folder.
pub fn fresh(dir: &Path) -> PathBuf {
    if dir.exists() {
        std::fs::remove_dir_all(dir).expect("a folder of an earlier run");
    }
    dir.to_owned()
}
