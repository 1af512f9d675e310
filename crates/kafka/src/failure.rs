//! Machine trouble, in two classes that say what the loop does about it. Bad input is not a failure:
//! a stage quarantines it and goes on.

use std::fmt;

/// What a processor or sink reports when it cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// May pass by itself: the batch is rolled back and tried again after a pause.
    #[error("{0}")]
    Transient(Trouble),
    /// Will not pass: the loop stops and returns it.
    #[error("{0}")]
    Fatal(Trouble),
}

/// A coded sentence without any content of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// `SP-NNNN`, the page in `docs/errors` that says what to do.
    pub code: &'static str,
    /// What happened, in one sentence.
    pub reason: String,
}

impl Failure {
    /// Trouble that may pass.
    pub fn transient(code: &'static str, reason: impl Into<String>) -> Self {
        Failure::Transient(Trouble::new(code, reason))
    }

    /// Trouble that will not pass.
    pub fn fatal(code: &'static str, reason: impl Into<String>) -> Self {
        Failure::Fatal(Trouble::new(code, reason))
    }

    /// The coded sentence.
    pub fn trouble(&self) -> &Trouble {
        match self {
            Failure::Transient(it) | Failure::Fatal(it) => it,
        }
    }
}

impl Trouble {
    /// A coded sentence.
    pub fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.reason)
    }
}

impl std::error::Error for Trouble {}
