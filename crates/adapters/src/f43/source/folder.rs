//! A folder as a source, with its inner folders. Links are not followed.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{FILES_MAX, Found};
use crate::f43::error::F43Error;

/// Deepest inner folder.
const DEPTH_MAX: usize = 8;

/// An open folder.
pub struct Folder {
    paths: Vec<PathBuf>,
}

impl Folder {
    /// Finds the files.
    pub fn open(path: &Path) -> Result<(Self, Vec<Found>), F43Error> {
        let mut folder = Self { paths: Vec::new() };
        let mut found = Vec::new();
        folder.walk(path, "", 0, &mut found)?;
        Ok((folder, found))
    }

    fn walk(
        &mut self,
        path: &Path,
        inner: &str,
        depth: usize,
        found: &mut Vec<Found>,
    ) -> Result<(), F43Error> {
        for entry in fs::read_dir(path).map_err(F43Error::Open)? {
            let entry = entry.map_err(F43Error::Open)?;
            let kind = entry.file_type().map_err(F43Error::Open)?;
            let name = format!("{inner}{}", entry.file_name().to_string_lossy());
            if kind.is_dir() && depth < DEPTH_MAX {
                self.walk(&entry.path(), &format!("{name}/"), depth + 1, found)?;
            } else if kind.is_file() {
                let bytes = entry.metadata().map_err(F43Error::Open)?.len();
                found.push(Found { path: name, bytes, place: self.paths.len() });
                self.paths.push(entry.path());
            }
            if self.paths.len() > FILES_MAX {
                let many = std::io::Error::other("the folder has too many files for one document");
                return Err(F43Error::Open(many));
            }
        }
        Ok(())
    }

    /// Reads one file.
    pub fn read(&mut self, place: usize) -> Result<Box<dyn Read + '_>, F43Error> {
        Ok(Box::new(File::open(&self.paths[place]).map_err(F43Error::Open)?))
    }
}
