//! Key files of checkpoints: made once, open to their owner only.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use saphan_ops::config::secret::read_secret_file;
use saphan_proof::checkpoint::{Signer, Verifier};

/// Makes a key and writes it, and its public key beside it; neither file may exist.
pub fn generate(file: &Path, name: &str) -> Result<Verifier> {
    let signer = Signer::generate(name)?;
    let public = signer.verifier();
    let beside = PathBuf::from(format!("{}.pub", file.display()));
    write(file, &signer.to_text(), 0o600)?;
    write(&beside, &public.to_text(), 0o644)?;
    Ok(public)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let written = options.open(path).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()
    });
    written.map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => {
            anyhow!("SP-2066: {} exists and is not overwritten", path.display())
        }
        _ => anyhow!("SP-2066: cannot write {}: {cause}", path.display()),
    })
}

/// Reads a key file, which must not be open to other users.
pub fn load(file: &Path) -> Result<Signer> {
    let secret = read_secret_file(file).map_err(|it| anyhow!("SP-2066: {it}"))?;
    Signer::from_text(secret.expose()).with_context(|| file.display().to_string())
}

/// Public keys, each as text or in a file.
pub fn public(given: &[String]) -> Result<Vec<Verifier>> {
    let read = |it: &String| {
        let text = match std::fs::read_to_string(it) {
            Ok(text) => text,
            Err(cause) if !it.contains('+') => {
                return Err(anyhow!("SP-2066: cannot read {it}: {cause}"));
            }
            Err(_) => it.clone(),
        };
        Verifier::from_text(&text).with_context(|| format!("--key {it}"))
    };
    given.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_and_read_back() {
        let nanos = jiff::Timestamp::now().as_nanosecond();
        let folder = std::env::temp_dir();
        let file = folder.join(format!("saphan-key-{}-{nanos}", std::process::id()));
        let public_file = format!("{}.pub", file.display());
        let made = generate(&file, "health.example/decisions").expect("made");
        assert_eq!(load(&file).expect("its own").verifier(), made);
        let keys = public(&[public_file.clone(), made.to_text()]).expect("both ways");
        assert_eq!(keys, [made.clone(), made]);
        let again = generate(&file, "health.example/decisions").expect_err("refused").to_string();
        assert!(again.starts_with("SP-2066"), "{again}");
        assert!(public(&["/nowhere.pub".to_owned()]).is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let open = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(&file, open).expect("set");
            assert!(load(&file).is_err(), "open to others");
        }
        std::fs::remove_file(&file).expect("removed");
        std::fs::remove_file(public_file).expect("removed");
    }
}
