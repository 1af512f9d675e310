//! 43-file documents of a synthetic facility, good and bad, made on the fly.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Cursor, Seek, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The columns of SERVICE a visit needs here; a header lets the others be left out.
pub const SERVICE: &str =
    "HOSPCODE|PID|SEQ|DATE_SERV|INSTYPE|TYPEIN|TYPEOUT|PRICE|PAYPRICE|ACTUALPAY|D_UPDATE";

/// The columns of PERSON that are needed here.
pub const PERSON: &str = "HOSPCODE|CID|PID|PRENAME|NAME|LNAME|SEX|BIRTH|NATION|TYPEAREA|D_UPDATE";

/// A facility's document.
pub struct Document {
    /// The facility's 5-digit code.
    pub facility: &'static str,
    /// Inner files: name and bytes.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// Tells documents of one facility apart: the time in its name.
    pub time: u32,
}

impl Document {
    /// A document without files.
    pub const fn of(facility: &'static str) -> Self {
        Self { facility, files: Vec::new(), time: 8_000_000 }
    }

    /// With a file.
    pub fn file(mut self, name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((name, bytes.into()));
        self
    }

    /// With another time in its name.
    pub const fn at(mut self, time: u32) -> Self {
        self.time = time;
        self
    }

    /// The file name the standard gives it.
    pub fn name(&self) -> String {
        format!("F43_{}_20260110{:08}.zip", self.facility, self.time)
    }

    /// Its bytes.
    pub fn zipped(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in &self.files {
            zip.start_file(*name, deflated()).expect("memory");
            zip.write_all(bytes).expect("memory");
        }
        zip.finish().expect("memory").into_inner()
    }

    /// Writes it into a folder.
    pub fn write(&self, folder: &Path) -> PathBuf {
        self.write_bytes(folder, &self.zipped())
    }

    /// Writes other bytes under its name.
    pub fn write_bytes(&self, folder: &Path, bytes: &[u8]) -> PathBuf {
        let path = folder.join(self.name());
        std::fs::write(&path, bytes).expect("room on the disk");
        path
    }

    /// Writes it with one file of pieces: each is written so many times. For files larger than memory.
    pub fn write_streamed(&self, folder: &Path, file: &str, pieces: &[(&[u8], usize)]) -> PathBuf {
        let path = folder.join(self.name());
        let mut zip = ZipWriter::new(File::create(&path).expect("room on the disk"));
        put_streamed(&mut zip, file, pieces);
        zip.finish().expect("room on the disk");
        path
    }
}

fn put_streamed<W: Write + Seek>(zip: &mut ZipWriter<W>, file: &str, pieces: &[(&[u8], usize)]) {
    zip.start_file(file, deflated().large_file(true)).expect("a file");
    for (piece, times) in pieces {
        for _ in 0..*times {
            zip.write_all(piece).expect("room on the disk");
        }
    }
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

/// A visit of nobody in particular on a day, `YYYYMMDD`.
pub fn visit(facility: &str, sequence: u32, day: &str) -> String {
    format!("{facility}|7|{sequence}|{day}|0100|1|1|0|0|0|20260109093000")
}

/// A SERVICE file: the header and these rows.
pub fn service(rows: &[String]) -> String {
    let mut text = format!("{SERVICE}\n");
    for row in rows {
        let _ = writeln!(text, "{row}");
    }
    text
}

/// Visits numbered from 1, all good.
pub fn visits(facility: &str, count: u32) -> Vec<String> {
    (1..=count).map(|it| visit(facility, it, "20260102")).collect()
}

/// A synthetic person without a citizen id.
pub fn person(facility: &str, pid: u32) -> String {
    format!("{facility}||{pid}|003|สมมุติ|ทดสอบ|1|19800415|099|1|20260109093000")
}
