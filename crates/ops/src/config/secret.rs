//! A text that must not be printed, and the files such texts are read from.

use std::fmt;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

/// A password or token. Wiped when dropped; neither `Debug` nor anything else prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a file with a secret was not read. Names the path, never the content.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// It is missing or not readable by this user.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        cause: io::Error,
    },
    /// Anybody on the machine could read it.
    #[error(
        "{path} is open to every user of this machine (mode {mode:o}); run: chmod o-rwx {path}"
    )]
    OpenToAll {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// Nothing in it.
    #[error("{path} is empty; put the secret on its first line")]
    Empty {
        /// The file.
        path: String,
    },
}

/// Reads a file that holds a secret: it must not be open to other users; the last line break is cut.
pub fn read_secret_file(path: &Path) -> Result<Secret, SecretFileError> {
    let text = read_private_file(path)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(SecretFileError::Empty { path: path.display().to_string() });
    }
    Ok(Secret::new(secret))
}

/// The whole text of a file that other users must not be able to open.
pub(crate) fn read_private_file(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    let name = path.display().to_string();
    let unreadable = |cause| SecretFileError::Unreadable { path: name.clone(), cause };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if let Some(mode) = open_to_all(&metadata) {
        return Err(SecretFileError::OpenToAll { path: name, mode });
    }
    let mut text = Zeroizing::new(String::new());
    io::Read::read_to_string(&mut file, &mut text).map_err(unreadable)?;
    Ok(text)
}

#[cfg(unix)]
fn open_to_all(metadata: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o007 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_all(_: &std::fs::Metadata) -> Option<u32> {
    None
}
