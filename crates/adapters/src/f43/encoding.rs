//! Which of the two encodings a file has, and its rows as text.
//!
//! Exporters write UTF-8 or TIS-620 (read here as windows-874, its superset) and do not say which.
//! The lines of the file's beginning that are not ASCII decide for the whole file, or the first such
//! line; a row that does not follow is a defect, never guessed at.

use encoding_rs::WINDOWS_874;

/// The encoding of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Only ASCII so far: both.
    #[default]
    Ascii,
    /// UTF-8.
    Utf8,
    /// TIS-620, read as windows-874.
    Thai,
}

impl Encoding {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Utf8 => "utf-8",
            Self::Thai => "windows-874",
        }
    }

    /// What a sample of whole lines is written in: each line beyond ASCII has a vote, so that one
    /// letter cut in two by an exporter does not decide for the file.
    pub fn detect(sample: &[u8]) -> Self {
        let (mut utf8, mut thai) = (0usize, 0usize);
        for line in sample.split(|it| *it == b'\n').filter(|it| !it.is_ascii()) {
            match Self::of_line(line) {
                Some(Self::Thai) => thai += 1,
                Some(_) => utf8 += 1,
                None => {}
            }
        }
        match (utf8, thai) {
            (0, 0) if sample.is_ascii() => Self::Ascii,
            _ if thai > utf8 => Self::Thai,
            _ => Self::Utf8,
        }
    }

    /// What one line is written in, if either. Thai bytes can be valid UTF-8 by chance, but then of
    /// letters no Thai hospital writes: UTF-8 wins only if at least half the letters beyond ASCII
    /// are Thai in it, or if the line makes no sense as windows-874.
    fn of_line(line: &[u8]) -> Option<Self> {
        let as_thai = || thai_text(line, &mut String::new()).is_some();
        let Ok(text) = std::str::from_utf8(line) else {
            return as_thai().then_some(Self::Thai);
        };
        let (mut thai, mut others) = (0usize, 0usize);
        for letter in text.chars().filter(|it| !it.is_ascii()) {
            if matches!(letter, '\u{0E00}'..='\u{0E7F}') { thai += 1 } else { others += 1 }
        }
        Some(if thai < others && as_thai() { Self::Thai } else { Self::Utf8 })
    }
}

/// Turns rows into text in the file's encoding.
#[derive(Debug, Default)]
pub struct Decoder {
    encoding: Encoding,
    scratch: String,
}

impl Decoder {
    /// A decoder for a file that begins with `sample`; a byte order mark of UTF-8 settles it.
    pub fn new(sample: &[u8], utf8_marked: bool) -> Self {
        let encoding = if utf8_marked { Encoding::Utf8 } else { Encoding::detect(sample) };
        Self { encoding, scratch: String::new() }
    }

    /// What was found so far.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// One row as text; `None` when it is not text of the file's encoding, or holds a NUL.
    pub fn decode<'a>(&'a mut self, row: &'a [u8]) -> Option<&'a str> {
        if memchr::memchr(0, row).is_some() {
            return None;
        }
        if self.encoding == Encoding::Ascii && !row.is_ascii() {
            self.encoding = Encoding::detect(row);
        }
        match self.encoding {
            Encoding::Ascii | Encoding::Utf8 => std::str::from_utf8(row).ok(),
            Encoding::Thai if row.is_ascii() => std::str::from_utf8(row).ok(),
            Encoding::Thai => thai_text(row, &mut self.scratch),
        }
    }
}

/// The bytes as windows-874; `None` when one of them stands for no letter there. The codec lets
/// bytes 0x80-0x9F through as control characters where the code page has none: refused too.
fn thai_text<'a>(bytes: &[u8], scratch: &'a mut String) -> Option<&'a str> {
    let text = WINDOWS_874.decode_without_bom_handling_and_without_replacement(bytes)?;
    if text.chars().any(|it| matches!(it, '\u{80}'..='\u{9F}')) {
        return None;
    }
    scratch.clear();
    scratch.push_str(&text);
    Some(scratch)
}

#[cfg(test)]
mod tests {
    use super::{Decoder, Encoding};

    fn tis620(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_874.encode(text).0.into_owned()
    }

    #[test]
    fn the_two_encodings_are_told_apart() {
        // The last is valid UTF-8 by chance, of letters that are not Thai.
        for (sample, expected) in [
            (b"10670|abc".to_vec(), Encoding::Ascii),
            ("10670|สมชาย ใจดี".as_bytes().to_vec(), Encoding::Utf8),
            (tis620("10670|สมชาย ใจดี"), Encoding::Thai),
            ("10670|Äpfel".as_bytes().to_vec(), Encoding::Utf8),
            (vec![b'1', b'|', 0xE0, 0xA1, 0xA2], Encoding::Thai),
        ] {
            assert_eq!(Encoding::detect(&sample), expected, "{sample:?}");
        }
    }

    #[test]
    fn a_letter_cut_in_two_does_not_decide() {
        let thai = "สมชาย\nใจดี\n".as_bytes();
        let cut = [thai, &"ก".as_bytes()[..2], b"\n"].concat();
        assert_eq!(Encoding::detect(&cut), Encoding::Utf8);
        let tis = [&tis620("สมชาย\nใจดี\n")[..], &[0xDB], b"\n"].concat();
        assert_eq!(Encoding::detect(&tis), Encoding::Thai);
    }

    #[test]
    fn rows_decode_to_the_same_text() {
        for bytes in ["ก|ข".as_bytes().to_vec(), tis620("ก|ข")] {
            let mut decoder = Decoder::new(b"ascii only", false);
            assert_eq!(decoder.decode(b"a|b"), Some("a|b"));
            assert_eq!(decoder.decode(&bytes), Some("ก|ข"));
            assert_eq!(decoder.decode(b"a|b"), Some("a|b"));
        }
    }

    #[test]
    fn rows_that_do_not_follow_the_file_are_refused() {
        let mut utf8 = Decoder::new("สมชาย".as_bytes(), false);
        assert_eq!(utf8.decode(&tis620("สมชาย")), None);
        let mut thai = Decoder::new(&tis620("สมชาย"), false);
        assert_eq!(thai.decode("สมชาย".as_bytes()), None);
        assert_eq!(thai.decode(b"a\0b"), None);
    }
}
