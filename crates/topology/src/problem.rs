//! One thing wrong with the topology files, told so that its author can mend it.

use std::fmt;
use std::path::PathBuf;

/// A problem, printed the way compilers print theirs. Carries nothing about a person: the files hold
/// none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `SP-16xx`, the page in `docs/errors`.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where.
    pub file: PathBuf,
    /// The line, from 1; none when it is about the whole file.
    pub line: Option<usize>,
    /// Why it is a rule.
    pub detail: Box<str>,
    /// What to do.
    pub hint: Box<str>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error[{}]: {}", self.code, self.message)?;
        write!(f, "  --> {}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.detail.is_empty() {
            write!(f, "\ndetail: {}", self.detail)?;
        }
        if !self.hint.is_empty() {
            write!(f, "\nhint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// Collects problems, so that the author sees all of them at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Adds one.
    pub fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Keeps the value, or its problem.
    pub fn take<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|it| self.add(it)).ok()
    }

    /// Keeps the value only if reading it gave no problem, so that one mistake in a file is not told
    /// again for every file that refers to it.
    pub fn sound<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.0.len();
        read(self).filter(|_| self.0.len() == before)
    }

    /// Were there none so far?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, by file and line.
    pub fn into_vec(mut self) -> Vec<Problem> {
        self.0.sort_by(|a, b| (&a.file, a.line, a.code).cmp(&(&b.file, b.line, b.code)));
        self.0
    }
}
