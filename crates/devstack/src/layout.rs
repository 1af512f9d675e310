//! Where things lie: the state folder of one stack, and the cache of downloads shared by all.
//!
//! Owns paths and small file habits (atomic writes, locks); starts nothing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::error::DevstackError;

/// Environment variable that moves the cache of downloads.
pub const CACHE_VARIABLE: &str = "SAPHAN_DEV_CACHE";

const FOLDERS: [&str; 3] = ["data", "logs", "conf"];

/// The state folder of one stack.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
    cache: PathBuf,
}

impl Layout {
    /// Opens `dir`, making it when absent, and decides where downloads are kept: `cache` when given, else
    /// `.dev/cache` of the nearest folder above the current one that holds a `.git`, else `<dir>/cache`.
    pub fn open(dir: &Path, cache: Option<&Path>) -> Result<Self, DevstackError> {
        fs::create_dir_all(dir).map_err(DevstackError::folder("make", dir))?;
        let root = dir.canonicalize().map_err(DevstackError::folder("find", dir))?;
        let cache = cache
            .map(Path::to_owned)
            .or_else(|| std::env::var_os(CACHE_VARIABLE).map(PathBuf::from))
            .or_else(|| repository().map(|it| it.join(".dev/cache")))
            .unwrap_or_else(|| root.join("cache"));
        Ok(Self { root, cache })
    }

    /// Makes the folders processes need, where absent.
    pub(crate) fn make_folders(&self) -> Result<(), DevstackError> {
        for name in FOLDERS {
            let folder = self.root.join(name);
            fs::create_dir_all(&folder).map_err(DevstackError::folder("make", &folder))?;
        }
        Ok(())
    }

    /// Removes what [`Self::make_folders`] makes, with all in it, and the state file.
    pub(crate) fn remove_all_but_downloads(&self) -> Result<(), DevstackError> {
        for name in FOLDERS {
            remove_folder(&self.root.join(name))?;
        }
        remove_file(&self.state())
    }

    /// The state folder itself, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of downloads, made when absent.
    pub fn cache(&self) -> Result<PathBuf, DevstackError> {
        fs::create_dir_all(&self.cache).map_err(DevstackError::folder("make", &self.cache))?;
        self.cache.canonicalize().map_err(DevstackError::folder("find", &self.cache))
    }

    /// Data folder of one process.
    pub fn data(&self, name: &str) -> PathBuf {
        self.root.join("data").join(name)
    }

    /// Log file of one process.
    pub fn log(&self, name: &str) -> PathBuf {
        self.root.join("logs").join(format!("{name}.log"))
    }

    /// A configuration file.
    pub fn conf(&self, file: &str) -> PathBuf {
        self.root.join("conf").join(file)
    }

    /// The state file.
    pub fn state(&self) -> PathBuf {
        self.root.join("state.json")
    }

    /// The file of addresses, `NAME=value` lines a shell can source.
    pub fn env(&self) -> PathBuf {
        self.root.join("env")
    }

    /// Takes the lock of the state folder, waiting for another command that holds it.
    pub fn lock(&self, progress: &dyn Fn(&str)) -> Result<File, DevstackError> {
        lock(&self.root.join("lock"), progress)
    }
}

/// Takes an exclusive lock on `path` for as long as the returned file lives.
pub(crate) fn lock(path: &Path, progress: &dyn Fn(&str)) -> Result<File, DevstackError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(DevstackError::folder("open", path))?;
    if file.try_lock().is_err() {
        progress(&format!("waiting for another saphan-dev that holds {}", path.display()));
        file.lock().map_err(DevstackError::folder("lock", path))?;
    }
    Ok(file)
}

/// Writes `text` so that a reader sees the old content or the new, never half.
pub(crate) fn write_atomically(path: &Path, text: &str) -> Result<(), DevstackError> {
    let beside = path.with_extension("new");
    fs::write(&beside, text).map_err(DevstackError::folder("write", &beside))?;
    fs::rename(&beside, path).map_err(DevstackError::folder("replace", path))
}

/// Removes a folder and all in it; absent is fine.
pub(crate) fn remove_folder(path: &Path) -> Result<(), DevstackError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(DevstackError::folder("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Moves a folder away, to its name with `.unfinished` behind it, in the place of an earlier one. Returns where.
pub(crate) fn set_aside(path: &Path) -> Result<PathBuf, DevstackError> {
    let aside = path.with_extension("unfinished");
    remove_folder(&aside)?;
    fs::rename(path, &aside).map_err(DevstackError::folder("move", path))?;
    Ok(aside)
}

/// Removes a file; absent is fine.
pub(crate) fn remove_file(path: &Path) -> Result<(), DevstackError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(DevstackError::folder("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The last `lines` lines of a file; empty when it cannot be read.
pub fn tail(path: &Path, lines: usize) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// The folder above (or at) the current one that holds a `.git`.
fn repository() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|it| it.join(".git").exists()).map(Path::to_owned)
}
