//! The file of the platform's keys: made once, read at start, open to its owner only.
//!
//! Owns the format and the permissions; must not know what keys are used for.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use saphan_keys::{Keys, SECRET_BYTES, Secrets, SecretsError};
use zeroize::Zeroizing;

use crate::config::SecretFileError;
use crate::config::secret::read_private_file;

/// Why a key file was not made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A file stands there already. Overwriting it would orphan every pseudonym ever given.
    #[error(
        "SP-1011: {path} exists and is not overwritten; name another file or move this one away"
    )]
    Exists {
        /// The file.
        path: String,
    },
    /// It could not be written.
    #[error("SP-1010: cannot write the key file {path}: {cause}")]
    Unwritable {
        /// The file.
        path: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The system gave no random bytes.
    #[error("SP-1010: the system gave no random bytes for the keys: {0}")]
    NoRandomness(getrandom::Error),
}

/// Why a key file was not read. Shows nothing of its content.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Missing, unreadable or open to others.
    #[error("SP-1010: key file: {0}")]
    File(#[from] SecretFileError),
    /// Not in the format [`generate`] writes.
    #[error("SP-1012: {path}: {what}; restore the file from its backup")]
    Malformed {
        /// The file.
        path: String,
        /// What is missing or wrong.
        what: &'static str,
    },
    /// Well-formed, but not usable.
    #[error("SP-1012: {path}: {cause}")]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        cause: SecretsError,
    },
}

/// Draws new keys and writes them to a file that must not exist yet (mode 0600, synced).
pub fn generate(path: &Path) -> Result<(), GenerateError> {
    let name = path.display().to_string();
    let text = render(&draw().map_err(GenerateError::NoRandomness)?);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => GenerateError::Exists { path: name.clone() },
        _ => GenerateError::Unwritable { path: name.clone(), cause },
    })?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|cause| GenerateError::Unwritable { path: name, cause })
}

/// Reads the keys.
pub fn load(path: &Path) -> Result<Keys, LoadError> {
    let name = path.display().to_string();
    let text = read_private_file(path)?;
    let secrets = parse(&text).map_err(|what| LoadError::Malformed { path: name.clone(), what })?;
    Keys::new(&secrets).map_err(|cause| LoadError::Unusable { path: name, cause })
}

fn draw() -> Result<Secrets, getrandom::Error> {
    let mut secrets = Secrets {
        pseudonym: [0; SECRET_BYTES],
        event: [0; SECRET_BYTES],
        agency: [0; SECRET_BYTES],
        sealing: vec![(1, [0; SECRET_BYTES])],
    };
    getrandom::fill(&mut secrets.pseudonym)?;
    getrandom::fill(&mut secrets.event)?;
    getrandom::fill(&mut secrets.agency)?;
    getrandom::fill(&mut secrets.sealing[0].1)?;
    Ok(secrets)
}

fn render(secrets: &Secrets) -> Zeroizing<String> {
    let hex = |it: &[u8; SECRET_BYTES]| Zeroizing::new(hex::encode(it));
    let mut text = Zeroizing::new(String::with_capacity(1024));
    text.push_str(
        "# The platform's keys. Whoever has this file can name and unmask every patient: keep it in a\n\
         # secret store, keep a copy offline, never change the first three.\n\
         # To change the sealing key, append a [[sealing]] with the next version and keep the old one.\n",
    );
    for (name, secret) in
        [("pseudonym", &secrets.pseudonym), ("event", &secrets.event), ("agency", &secrets.agency)]
    {
        let _ = writeln!(text, "{name} = \"{}\"", *hex(secret));
    }
    for (version, secret) in &secrets.sealing {
        let _ = write!(text, "\n[[sealing]]\nversion = {version}\nsecret = \"{}\"\n", *hex(secret));
    }
    text
}

fn parse(text: &str) -> Result<Secrets, &'static str> {
    let table: toml::Table = text.parse().map_err(|_| "the file is not TOML")?;
    let secret = |value: Option<&toml::Value>, what| {
        let mut bytes = [0; SECRET_BYTES];
        let text = value.and_then(toml::Value::as_str).ok_or(what)?;
        hex::decode_to_slice(text, &mut bytes).map_err(|_| what)?;
        Ok::<_, &'static str>(bytes)
    };
    let mut sealing = Vec::new();
    for it in table.get("sealing").and_then(toml::Value::as_array).into_iter().flatten() {
        let version = it
            .get("version")
            .and_then(toml::Value::as_integer)
            .and_then(|it| u8::try_from(it).ok())
            .ok_or("a [[sealing]] needs a version from 0 to 255")?;
        let key =
            secret(it.get("secret"), "a [[sealing]] needs a secret of 64 hexadecimal digits")?;
        sealing.push((version, key));
    }
    let top = |name, what| secret(table.get(name), what);
    Ok(Secrets {
        pseudonym: top("pseudonym", "pseudonym is missing or not 64 hexadecimal digits")?,
        event: top("event", "event is missing or not 64 hexadecimal digits")?,
        agency: top("agency", "agency is missing or not 64 hexadecimal digits")?,
        sealing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use saphan_model::CitizenId;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_generated_file_loads_again_with_the_same_keys() {
        let dir = folder();
        let path = dir.path().join("keys.toml");
        generate(&path).expect("written");
        let id = CitizenId::parse("1234567890121").expect("valid");
        let (first, second) = (load(&path).expect("keys"), load(&path).expect("keys"));
        assert_eq!(first.pseudonym(&id), second.pseudonym(&id));
        assert_eq!(second.open(&first.seal(&id, b"a"), b"a"), Ok(id));

        let other = dir.path().join("other.toml");
        generate(&other).expect("written");
        assert_ne!(load(&other).expect("keys").pseudonym(&id), first.pseudonym(&id));
    }

    #[test]
    fn an_existing_file_is_kept() {
        let dir = folder();
        let path = dir.path().join("keys.toml");
        std::fs::write(&path, "precious").expect("written");
        let error = generate(&path).expect_err("refused").to_string();
        assert!(error.starts_with("SP-1011"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "precious");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_open_to_others_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = folder();
        let path = dir.path().join("keys.toml");
        generate(&path).expect("written");
        let mode = |it| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(it));
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        for (bits, ok) in [(0o600, true), (0o440, true), (0o604, false), (0o644, false)] {
            mode(bits).expect("set");
            assert_eq!(load(&path).is_ok(), ok, "{bits:o}");
        }
    }

    #[track_caller]
    fn check(change: impl Fn(&str) -> String, expected: &str) {
        let dir = folder();
        let path = dir.path().join("keys.toml");
        generate(&path).expect("written");
        let text = change(&std::fs::read_to_string(&path).expect("read"));
        std::fs::write(&path, &text).expect("written");
        let error = load(&path).expect_err("refused").to_string();
        assert!(error.contains(expected), "{error}");
        let secret = text.split('"').nth(1).unwrap_or("no secret");
        assert!(!error.contains(secret), "shows a secret");
    }

    #[test]
    fn a_damaged_file_is_named_and_not_shown() {
        check(|it| it.replace("event = ", "evnt = "), "event is missing");
        check(|it| it.replacen("pseudonym = \"", "pseudonym = \"zz", 1), "pseudonym is missing");
        check(|it| it.replace("version = 1", "version = 300"), "version from 0 to 255");
        check(
            |it| it.split("\n[[sealing]]").next().unwrap_or_default().to_owned(),
            "no sealing key",
        );
        check(|it| format!("{it}]]"), "not TOML");
    }
}
