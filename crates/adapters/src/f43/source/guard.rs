//! Limits on what is read out of a zip, so that a small file cannot become an endless one.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use saphan_model::limits::{F43_FILE_BYTES_MAX, F43_ZIP_RATIO_MAX};

use crate::f43::error::F43Error;

/// Below this a file may unpack to any multiple: an empty table's header is no bomb.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// Does a file unpack to more than it honestly can?
pub const fn bomb(packed: u64, unpacked: u64) -> bool {
    let allowed = packed.saturating_mul(F43_ZIP_RATIO_MAX).saturating_add(RATIO_FREE_BYTES);
    unpacked > allowed || unpacked > F43_FILE_BYTES_MAX
}

/// What a failure inside a zip means: trouble with the disk, or damage. A file larger than the zip
/// says is damage too, found by the zip reader; so what [`bomb`] was told can be believed.
pub fn trouble(error: io::Error) -> F43Error {
    if error.raw_os_error().is_some() {
        F43Error::Open(error)
    } else {
        F43Error::UnreadableZip(Box::new(error))
    }
}

/// A file of which only so many bytes may be read until the budget is lifted: the directory of a zip
/// is held in memory, and a hostile one could be as large as the file.
pub struct Metered<R> {
    reader: R,
    left: Rc<Cell<u64>>,
}

impl<R> Metered<R> {
    /// A reader with a budget, and the budget to lift.
    pub fn new(reader: R, bytes: u64) -> (Self, Rc<Cell<u64>>) {
        let left = Rc::new(Cell::new(bytes));
        (Self { reader, left: Rc::clone(&left) }, left)
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(out)?;
        let left = self.left.get().checked_sub(n as u64);
        self.left
            .set(left.ok_or_else(|| io::Error::other("the directory of the zip is too large"))?);
        Ok(n)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}
