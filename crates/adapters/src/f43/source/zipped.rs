//! A zip as a source. Nothing is unpacked to disk; inner paths are names only.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use saphan_model::{Date, Timestamp};
use zip::ZipArchive;
use zip::result::ZipError;

use super::guard::{Metered, bomb, trouble};
use super::{FILES_MAX, Found};
use crate::f43::error::F43Error;

/// Most bytes read to find the directory of a zip.
const DIRECTORY_BYTES_MAX: u64 = 64 << 20;

/// An open zip.
pub struct Zip {
    archive: ZipArchive<Metered<BufReader<File>>>,
}

fn unreadable(error: ZipError) -> F43Error {
    match error {
        ZipError::Io(error) => trouble(error),
        other => F43Error::UnreadableZip(Box::new(other)),
    }
}

impl Zip {
    /// Reads the directory and refuses zips that cannot be honest. Gives the files and the newest
    /// time among them.
    pub fn open(path: &Path) -> Result<(Self, Vec<Found>, Option<Timestamp>), F43Error> {
        let file = BufReader::new(File::open(path).map_err(F43Error::Open)?);
        let (file, budget) = Metered::new(file, DIRECTORY_BYTES_MAX);
        let mut archive = ZipArchive::new(file).map_err(unreadable)?;
        if archive.len() > FILES_MAX {
            return Err(F43Error::ZipBomb);
        }
        if archive.has_overlapping_files().map_err(unreadable)? {
            return Err(F43Error::ZipBomb);
        }
        budget.set(u64::MAX);
        let (mut found, mut made_at) = (Vec::new(), None);
        for place in 0..archive.len() {
            let entry = archive.by_index_raw(place).map_err(unreadable)?;
            if entry.is_dir() {
                continue;
            }
            if bomb(entry.compressed_size(), entry.size()) {
                return Err(F43Error::ZipBomb);
            }
            made_at = made_at.max(entry.last_modified().and_then(modified));
            let path = entry.name().map_err(unreadable)?.into_owned();
            found.push(Found { path, bytes: entry.size(), place });
        }
        Ok((Self { archive }, found, made_at))
    }

    /// Reads one file.
    pub fn read(&mut self, place: usize) -> Result<Box<dyn Read + '_>, F43Error> {
        Ok(Box::new(self.archive.by_index(place).map_err(unreadable)?))
    }
}

/// The time of an entry, which zips keep as local time; 1980 is what programs write without a clock.
fn modified(time: zip::DateTime) -> Option<Timestamp> {
    let day = Date::from_ymd(time.year().into(), time.month().into(), time.day().into())?;
    let seconds =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    (time.year() > 1980).then(|| day.thai_midnight().plus_seconds(seconds))
}
