//! Where a document's files come from: a zip, or a folder.
//!
//! Owns finding them by name and reading them within limits. Must not know what is in them.

mod folder;
mod guard;
mod zipped;

use std::io::{self, Read};
use std::path::Path;

use saphan_model::Timestamp;

use super::error::F43Error;
use super::table::{Named, Table};

/// Most files in one document.
const FILES_MAX: usize = 10_000;

/// A file of the document that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub table: Table,
    /// Its name in reports and provenance.
    pub name: String,
    /// Its size unpacked.
    pub bytes: u64,
    /// Its number in the zip or folder.
    place: usize,
}

/// A document whose files were found.
pub struct Source {
    files: Files,
    /// Files that are read, by inner path.
    pub entries: Vec<Entry>,
    /// Files of the standard that are not carried.
    pub skipped: Vec<String>,
    /// Other names.
    pub unknown: Vec<String>,
    /// The newest time of its entries, where it has any that means something.
    pub made_at: Option<Timestamp>,
}

enum Files {
    Zip(zipped::Zip),
    Folder(folder::Folder),
}

/// A file found: its inner path, size, and number.
struct Found {
    path: String,
    bytes: u64,
    place: usize,
}

impl Source {
    /// Finds the files of a zip or folder.
    ///
    /// # Errors
    /// It cannot be read, or is no honest zip.
    pub fn open(path: &Path) -> Result<Self, F43Error> {
        let folder = std::fs::metadata(path).map_err(F43Error::Open)?.is_dir();
        let (files, found, made_at) = if folder {
            let (folder, found) = folder::Folder::open(path)?;
            (Files::Folder(folder), found, None)
        } else {
            let (zip, found, made_at) = zipped::Zip::open(path)?;
            (Files::Zip(zip), found, made_at)
        };
        let (mut entries, mut skipped, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        let mut found = found;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        for Found { path, bytes, place } in found {
            match Named::of_file(base_name(&path)) {
                Named::Carried(table) => entries.push(Entry { table, name: path, bytes, place }),
                Named::NotCarried => skipped.push(path),
                Named::Unknown => unknown.push(path),
            }
        }
        shorten(&mut entries);
        Ok(Self { files, entries, skipped, unknown, made_at })
    }

    /// Reads one file.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn read(&mut self, entry: &Entry) -> Result<Box<dyn Read + '_>, F43Error> {
        match &mut self.files {
            Files::Zip(zip) => zip.read(entry.place),
            Files::Folder(folder) => folder.read(entry.place),
        }
    }

    /// What a failure while reading a file of this source means.
    pub const fn trouble(&self) -> fn(io::Error) -> F43Error {
        match self.files {
            Files::Zip(_) => guard::trouble,
            Files::Folder(_) => F43Error::Open,
        }
    }

    /// The files of a table.
    pub fn of_table(&self, table: Table) -> Vec<Entry> {
        self.entries.iter().filter(|it| it.table == table).cloned().collect()
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Leaves the inner folder out of names that are clear without it.
fn shorten(entries: &mut [Entry]) {
    let base = |it: &Entry| base_name(&it.name).to_owned();
    let names: Vec<_> = entries.iter().map(base).collect();
    for entry in entries {
        let name = base(entry);
        if names.iter().filter(|it| **it == name).count() == 1 {
            entry.name = name;
        }
    }
}
