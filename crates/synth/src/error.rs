//! What can go wrong while making or reading a synthetic feed.

use std::path::{Path, PathBuf};

/// Why a feed was not made. `Display` says what to do; no synthetic person appears in it.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// An option asks for something the generator cannot make.
    #[error("{option} is {given}, but {needed}")]
    Option {
        /// The option as written on the command line, without dashes.
        option: &'static str,
        /// What was asked.
        given: String,
        /// What would do.
        needed: String,
    },
    /// The output folder already holds something.
    #[error("{} is not empty; name a new folder, or remove that one first", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The disk said no.
    #[error("cannot write {}; see that the folder exists, is writable and has space", path.display())]
    Write {
        /// What was being written.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl SynthError {
    /// The stable code, with a page in `docs/errors/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Option { .. } => "SP-1090",
            Self::NotEmpty { .. } => "SP-1091",
            Self::Write { .. } => "SP-1092",
        }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }
}
