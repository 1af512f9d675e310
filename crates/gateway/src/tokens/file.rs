//! The token file: TOML, one `[[token]]` for each ever given. Changed by replacing it whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use saphan_model::{FacilityCode, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{PREFIX, Tokens, hash};

/// Why the token file was not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// It cannot be read or written.
    #[error("SP-1221: token file {path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        cause: io::Error,
    },
    /// It is not what `saphan token` writes.
    #[error("SP-1222: token file {path}: {what}; mend the file, or restore it from its backup")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong; never shows a hash.
        what: String,
    },
    /// Tokens are given under the 5-digit code, which submissions carry.
    #[error("SP-1223: {0} is not a 5-digit facility code; give the 5-digit code of the facility")]
    LongCode(FacilityCode),
    /// The facility has no token in use.
    #[error("SP-1224: facility {0} has no token in use; nothing was revoked")]
    NothingToRevoke(FacilityCode),
    /// The system gave no random bytes.
    #[error("SP-1221: the system gave no random bytes for a token: {0}")]
    NoRandomness(getrandom::Error),
}

/// A token that was just made. It is shown once and stored nowhere.
pub struct NewToken(Zeroizing<String>);

impl NewToken {
    /// The token, to be handed to the facility.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewToken(…)")
    }
}

/// One token ever given, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLine {
    /// Whose it is.
    pub facility: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// When it was taken back, RFC 3339.
    pub revoked: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default, rename = "token")]
    tokens: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    facility: String,
    sha256: String,
    created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
}

const HEAD: &str = "# Hashes of the tokens facilities send with. Written by `saphan token`; the gateway \
                    reads changes by itself.\n\n";

/// Makes a token for a facility and adds its hash to the file, which is created if need be. Earlier
/// tokens stay in use until revoked, so that a facility can change over.
pub fn create(
    path: &Path,
    facility: &FacilityCode,
    now: Timestamp,
) -> Result<NewToken, TokenFileError> {
    if facility.as_str().len() != 5 {
        return Err(TokenFileError::LongCode(facility.clone()));
    }
    let mut secret = Zeroizing::new([0u8; 32]);
    getrandom::fill(&mut *secret).map_err(TokenFileError::NoRandomness)?;
    let digits = Zeroizing::new(hex::encode(*secret));
    let token = Zeroizing::new(format!("{PREFIX}{facility}-{}", *digits));
    change(path, |document| {
        document.tokens.push(Row {
            facility: facility.to_string(),
            sha256: hex::encode(hash(&token)),
            created: now.to_string(),
            revoked: None,
        });
        Ok(())
    })?;
    Ok(NewToken(token))
}

/// Takes back every token of a facility that is in use; tells how many.
pub fn revoke(
    path: &Path,
    facility: &FacilityCode,
    now: Timestamp,
) -> Result<usize, TokenFileError> {
    change(path, |document| {
        let mut count = 0;
        for row in &mut document.tokens {
            if row.facility == facility.as_str() && row.revoked.is_none() {
                row.revoked = Some(now.to_string());
                count += 1;
            }
        }
        if count == 0 { Err(TokenFileError::NothingToRevoke(facility.clone())) } else { Ok(count) }
    })
}

/// Every token ever given, in the order of giving.
pub fn list(path: &Path) -> Result<Vec<TokenLine>, TokenFileError> {
    let line =
        |it: Row| TokenLine { facility: it.facility, created: it.created, revoked: it.revoked };
    Ok(read(path)?.tokens.into_iter().map(line).collect())
}

/// All tokens, ready to be asked.
pub(super) fn load(path: &Path) -> Result<Tokens, TokenFileError> {
    let mut tokens = Tokens::default();
    for (index, row) in read(path)?.tokens.into_iter().enumerate() {
        let mut hash = [0; 32];
        hex::decode_to_slice(&row.sha256, &mut hash).map_err(|_| TokenFileError::Malformed {
            path: path.display().to_string(),
            what: format!("sha256 of [[token]] number {} is not 64 hexadecimal digits", index + 1),
        })?;
        tokens.add(row.facility, hash, row.revoked.is_some());
    }
    Ok(tokens)
}

fn read(path: &Path) -> Result<Document, TokenFileError> {
    let text = fs::read_to_string(path).map_err(|it| failed(path, it))?;
    toml::from_str(&text).map_err(|it| TokenFileError::Malformed {
        path: path.display().to_string(),
        what: it.message().to_owned(),
    })
}

/// Reads, changes and replaces the file while no other process does the same.
fn change<T>(
    path: &Path,
    work: impl FnOnce(&mut Document) -> Result<T, TokenFileError>,
) -> Result<T, TokenFileError> {
    let _lock = lock(path).map_err(|it| failed(path, it))?;
    let mut document = if path.exists() { read(path)? } else { Document::default() };
    let done = work(&mut document)?;
    let text = toml::to_string(&document).map_err(|it| failed(path, io::Error::other(it)))?;
    replace(path, &format!("{HEAD}{text}")).map_err(|it| failed(path, it))?;
    Ok(done)
}

fn lock(path: &Path) -> io::Result<File> {
    let file = File::create(beside(path, "lock"))?;
    file.lock()?;
    Ok(file)
}

/// Writes a new file beside the old one and moves it into its place: a reader sees one or the other.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = beside(path, "new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn failed(path: &Path, cause: io::Error) -> TokenFileError {
    TokenFileError::File { path: path.display().to_string(), cause }
}
