//! A text file of the topology folder: read once, with limits, and able to say on which line
//! something stands.

pub(crate) mod csv;

use std::fs;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::problem::{Problem, Problems};

/// Largest file read. A register of every facility of the country takes about 3 MB.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A file and its text.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Reads a file as UTF-8.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let unreadable = |reason: String, hint: &str| Problem {
            code: "SP-1601",
            message: format!("the file cannot be read: {reason}"),
            file: path.to_owned(),
            line: None,
            detail: Box::default(),
            hint: hint.into(),
        };
        let file = fs::File::open(path).map_err(|it| {
            unreadable(it.to_string(), "check the topology folder's path and permissions")
        })?;
        let mut text = String::new();
        file.take(FILE_BYTES_MAX + 1)
            .read_to_string(&mut text)
            .map_err(|it| unreadable(it.to_string(), "save it as UTF-8"))?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(unreadable(
                format!("it is larger than {FILE_BYTES_MAX} bytes"),
                "check that it is the right file",
            ));
        }
        Ok(Self { path: path.to_owned(), text })
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads TOML into a shape.
    pub fn toml<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error| {
            let line = error.span().map(|it| self.line_of(it));
            let message = error.message().trim_end().replace('\n', "; ");
            self.problem("SP-1602", line, message)
                .hint("compare with the other files of the folder; keys are kebab-case")
        })
    }

    /// The line of a span, from 1.
    pub fn line_of(&self, span: Range<usize>) -> usize {
        1 + self.text.as_bytes()[..span.start.min(self.text.len())]
            .iter()
            .filter(|it| **it == b'\n')
            .count()
    }

    /// Begins a problem about this file.
    pub fn problem(
        &self,
        code: &'static str,
        line: Option<usize>,
        message: impl Into<String>,
    ) -> Problem {
        Problem {
            code,
            message: message.into(),
            file: self.path.clone(),
            line,
            detail: Box::default(),
            hint: Box::default(),
        }
    }

    /// Begins a problem about a value in this file.
    pub fn at<T>(
        &self,
        code: &'static str,
        value: &Spanned<T>,
        message: impl Into<String>,
    ) -> Problem {
        self.problem(code, Some(self.line_of(value.span())), message)
    }

    /// Reads a word of a closed list.
    pub fn word<T>(&self, problems: &mut Problems, value: &Spanned<String>) -> Option<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let text = value.get_ref();
        let read = text.parse().map_err(|it: T::Err| {
            self.at("SP-1604", value, format!("{text:?} is {it}"))
                .detail("A misspelt word would otherwise silently match nothing.")
        });
        problems.take(read)
    }
}

impl Problem {
    /// Says why it is a rule.
    #[must_use]
    pub(crate) fn detail(mut self, detail: impl Into<Box<str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// The files of a folder with that extension, sorted by name.
pub(crate) fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Problem> {
    let unreadable = |it: std::io::Error| Problem {
        code: "SP-1601",
        message: format!("the folder cannot be read: {it}"),
        file: folder.to_owned(),
        line: None,
        detail: Box::default(),
        hint: "check the topology folder's path and permissions".into(),
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|it| it == extension) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
