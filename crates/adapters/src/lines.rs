//! A stream of bytes as lines, in bounded memory whatever the stream holds.

use std::io::{self, Read};
use std::ops::Range;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Without its line end.
    Whole(&'a [u8]),
    /// Longer than allowed; skipped up to its end.
    TooLong,
}

/// Where a line stands in the buffer.
enum Span {
    Whole(Range<usize>),
    TooLong,
}

/// Reads lines ended by LF or CR LF; the last one may lack its end.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    longest: usize,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    number: u64,
}

impl<R: Read> Lines<R> {
    /// Lines of a stream, none longer than `longest` bytes. The buffer has room for four of them, so
    /// that a sample can be looked at.
    pub fn new(reader: R, longest: usize) -> Self {
        let buffer = vec![0; 4 * longest.max(16)];
        Self { reader, longest, buffer, start: 0, end: 0, ended: false, number: 0 }
    }

    /// The bytes that come next, as many as the buffer holds, without moving on.
    pub fn peek(&mut self) -> io::Result<&[u8]> {
        while !self.ended && self.end < self.buffer.len() {
            self.fill()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Moves over bytes that were peeked, such as a byte order mark.
    pub fn skip(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }

    /// The number of the line last read, from 1.
    fn number(&self) -> i32 {
        i32::try_from(self.number).unwrap_or(i32::MAX)
    }

    /// The next line; `None` at the end.
    #[cfg(test)]
    fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        let span = self.advance()?;
        Ok(span.map(|it| self.line(it)))
    }

    /// The next line that holds anything, and its number from 1; the Ctrl-Z old programs end a file
    /// with counts as nothing.
    pub fn next_filled(&mut self) -> io::Result<Option<(i32, Line<'_>)>> {
        loop {
            match self.advance()? {
                Some(Span::Whole(it)) if matches!(self.buffer[it.clone()], [] | [0x1A]) => {}
                span => return Ok(span.map(|it| (self.number(), self.line(it)))),
            }
        }
    }

    fn line(&self, span: Span) -> Line<'_> {
        match span {
            Span::Whole(it) => Line::Whole(&self.buffer[it]),
            Span::TooLong => Line::TooLong,
        }
    }

    /// Moves over one line and says where it stands in the buffer.
    fn advance(&mut self) -> io::Result<Option<Span>> {
        let mut searched = 0;
        loop {
            let found = memchr::memchr(b'\n', &self.buffer[self.start + searched..self.end]);
            if let Some(at) = found {
                let from = self.start;
                self.start = from + searched + at + 1;
                return Ok(Some(self.span(from, from + searched + at)));
            }
            searched = self.end - self.start;
            if searched > self.longest + 1 {
                self.skip_line()?;
                self.number += 1;
                return Ok(Some(Span::TooLong));
            }
            if self.ended {
                let from = std::mem::replace(&mut self.start, self.end);
                return Ok((from < self.end).then(|| self.span(from, self.end)));
            }
            self.fill()?;
        }
    }

    /// A line that was moved over, without its CR.
    fn span(&mut self, from: usize, end: usize) -> Span {
        self.number += 1;
        let end = if self.buffer[from..end].ends_with(b"\r") { end - 1 } else { end };
        if end - from > self.longest { Span::TooLong } else { Span::Whole(from..end) }
    }

    /// Drops bytes up to and with the next line end.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[self.start..self.end]) {
                self.start += at + 1;
                return Ok(());
            }
            self.start = self.end;
            if self.ended {
                return Ok(());
            }
            self.fill()?;
        }
    }

    /// Reads more behind what is there.
    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 && self.end == self.buffer.len() || self.start == self.end {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let n = loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += n;
        self.ended = n == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use proptest::prelude::*;

    const LONGEST: usize = 1000;

    use super::{Line, Lines};

    /// Gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(out.len());
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn lines(bytes: &[u8], step: usize) -> Vec<Option<Vec<u8>>> {
        let mut lines = Lines::new(Slow(bytes, step), LONGEST);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().expect("memory does not fail") {
            all.push(match line {
                Line::Whole(bytes) => Some(bytes.to_vec()),
                Line::TooLong => None,
            });
        }
        assert_eq!(usize::try_from(lines.number()), Ok(all.len()));
        all
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[Option<&[u8]>]) {
        for step in [1, 7, 1 << 20] {
            let expected: Vec<_> = expected.iter().map(|it| it.map(<[u8]>::to_vec)).collect();
            assert_eq!(lines(bytes, step), expected, "step {step}");
        }
    }

    #[test]
    fn line_ends_of_both_kinds() {
        check(b"", &[]);
        check(b"a\nb\r\n\nc", &[Some(b"a"), Some(b"b"), Some(b""), Some(b"c")]);
        check(b"a\rb\n", &[Some(b"a\rb")]);
    }

    #[test]
    fn a_row_too_long_is_skipped_and_counted() {
        let max = vec![b'x'; LONGEST];
        let over = vec![b'x'; 5 * LONGEST + 3];
        let bytes = [&max[..], b"\n", &over, b"\nb\n", &over].concat();
        check(&bytes, &[Some(&max), None, Some(b"b"), None]);
    }

    #[test]
    fn peeking_does_not_move() {
        let mut it = Lines::new(&b"\xEF\xBB\xBFa\nb"[..], LONGEST);
        assert_eq!(it.peek().expect("memory"), b"\xEF\xBB\xBFa\nb");
        it.skip(3);
        assert_eq!(it.next_line().expect("memory"), Some(Line::Whole(b"a")));
    }

    #[test]
    fn empty_lines_are_passed_but_counted() {
        let mut it = Lines::new(&b"\n\r\na\n\x1A"[..], LONGEST);
        assert_eq!(it.next_filled().expect("memory"), Some((3, Line::Whole(b"a"))));
        assert_eq!(it.next_filled().expect("memory"), None);
    }

    proptest! {
        #[test]
        fn lines_join_back(parts in prop::collection::vec("[a-z|\r]{0,40}", 0..40), step in 1usize..50) {
            let bytes = parts.iter().map(|it| format!("{it}\n")).collect::<String>().into_bytes();
            let expected: Vec<_> = parts.iter()
                .map(|it| Some(it.strip_suffix('\r').unwrap_or(it).as_bytes().to_vec()))
                .collect();
            prop_assert_eq!(lines(&bytes, step), expected);
        }
    }
}
