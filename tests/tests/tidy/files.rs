//! The files of the repository, as git tracks them.

use std::path::{Path, PathBuf};
use std::process::Command;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

/// Tracked files and new ones git does not ignore, relative to the root.
pub fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git is installed");
    let list = String::from_utf8(output.stdout).expect("paths are UTF-8");
    list.lines().map(PathBuf::from).filter(|it| root().join(it).is_file()).collect()
}

pub fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(root().join(path)).ok()
}

pub fn product_sources() -> Vec<PathBuf> {
    tracked()
        .into_iter()
        .filter(|it| it.starts_with("crates") && it.extension().is_some_and(|e| e == "rs"))
        .filter(|it| it.components().any(|c| c.as_os_str() == "src"))
        .filter(|it| !is_test(it))
        .collect()
}

fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|it| it == "tests")
        || path.components().any(|c| c.as_os_str() == "tests")
}

#[test]
fn the_repository_holds_nothing_large() {
    for path in tracked() {
        let bytes = std::fs::metadata(root().join(&path)).expect("a tracked file").len();
        assert!(
            bytes <= 600 * 1024,
            "{} has {bytes} bytes; generate or fetch it instead",
            path.display()
        );
    }
}
