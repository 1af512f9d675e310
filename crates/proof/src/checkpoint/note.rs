//! Signed notes and checkpoints as [C2SP](https://c2sp.org/signed-note) has them, with Ed25519, and keys
//! in the text form other tools for transparency logs read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::heads;
use super::tree::{Hash, SIZE_MAX};

/// Signature type of the note's standard.
const ED25519: u8 = 1;
const PRIVATE: &str = "PRIVATE+KEY+";
/// Begins a signature line: em dash and space.
const DASH: &str = "\u{2014} ";
/// Most signatures of one note, ours and those of witnesses.
const SIGNATURES_MAX: usize = 64;

/// A key that cannot be used. Shows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SP-2066: {0}")]
pub struct KeyError(pub &'static str);

/// A key to sign with. Never printed.
pub struct Signer {
    name: String,
    key: SigningKey,
}

/// A key to check with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// Number of its leaves.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Signer {
    /// A new key; `None` for a name with spaces, control characters or `+` in it.
    pub fn generate(name: &str) -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| KeyError("the system gave no random bytes"))?;
        Self::from_seed(name, &seed)
    }

    /// The key of a seed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let sound = |it: char| !it.is_whitespace() && !it.is_control() && it != '+';
        if name.is_empty() || name.len() > 128 || !name.chars().all(sound) {
            return Err(KeyError(
                "a log's name has 1 to 128 bytes without spaces and +, like health.example/decisions",
            ));
        }
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// The text for a key file: `PRIVATE+KEY+name+id+key`.
    pub fn to_text(&self) -> String {
        let id = hex(self.verifier().id());
        let key = STANDARD.encode([&[ED25519][..], self.key.as_bytes()].concat());
        format!("{PRIVATE}{}+{id}+{key}", self.name)
    }

    /// Reads the text of a key file.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let wrong = KeyError("the file holds no key that `saphan checkpoint keygen` made");
        let rest = text.trim_end().strip_prefix(PRIVATE).ok_or(wrong)?;
        let (name, id, seed) = parts(rest).ok_or(wrong)?;
        let signer = Self::from_seed(name, &seed).map_err(|_| wrong)?;
        if hex(signer.verifier().id()) == id { Ok(signer) } else { Err(wrong) }
    }

    /// The key others check with.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// A signed checkpoint of the log of the key's name.
    pub fn sign(&self, size: u64, root: &Hash) -> String {
        let text = format!("{}\n{size}\n{}\n", self.name, heads::text(root));
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let signed = STANDARD.encode([&self.verifier().id()[..], &signature].concat());
        format!("{text}\n{DASH}{} {signed}\n", self.name)
    }
}

impl Verifier {
    /// The text of the key: `name+id+key`.
    pub fn to_text(&self) -> String {
        let key = STANDARD.encode([&[ED25519][..], self.key.as_bytes()].concat());
        format!("{}+{}+{key}", self.name, hex(self.id()))
    }

    /// Reads it.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let wrong = KeyError("this is no public key that `saphan checkpoint keygen` made");
        let (name, id, key) = parts(text.trim()).ok_or(wrong)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| wrong)?;
        let verifier = Self { name: name.to_owned(), key };
        if name.is_empty() || hex(verifier.id()) != id { Err(wrong) } else { Ok(verifier) }
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        hash[..4].try_into().expect("a hash has 32 bytes")
    }

    /// The text of a note this key signed; signatures of other keys are passed over. None if it is no
    /// note or this key's signature is missing or wrong.
    pub fn open<'n>(&self, note: &'n str) -> Option<&'n str> {
        if note.chars().any(|it| it < ' ' && it != '\n') {
            return None;
        }
        let (text, signatures) = note.rsplit_once("\n\n")?;
        let text = &note[..=text.len()]; // with its own line break
        let lines = signatures.strip_suffix('\n')?.split('\n');
        let lines: Vec<_> = lines.map(signature).collect::<Option<_>>()?;
        if lines.len() > SIGNATURES_MAX {
            return None;
        }
        let mut mine = lines.iter().filter(|it| it.0 == self.name && it.1.starts_with(&self.id()));
        let bytes = mine.next()?.1.get(4..)?.try_into().ok()?;
        let right = self.key.verify_strict(text.as_bytes(), &Signature::from_bytes(&bytes));
        right.ok().map(|()| text)
    }

    /// The checkpoint in a note this key signed; none if it is no checkpoint of the log of the key's name.
    pub fn checkpoint(&self, note: &str) -> Option<Checkpoint> {
        let text = self.open(note)?;
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let number: u64 = size.parse().ok()?;
        let plain = number.to_string() == size && number <= SIZE_MAX && lines.next().is_none();
        let root = heads::hash(root)?;
        (plain && origin == self.name).then(|| Checkpoint {
            origin: origin.to_owned(),
            size: number,
            root,
        })
    }
}

/// Name and bytes of a signature line.
fn signature(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
    Some((name, STANDARD.decode(bytes).ok()?))
}

/// Name, id and bytes of a key's text. Names hold no `+`; the bytes may.
fn parts(text: &str) -> Option<(&str, &str, [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let bytes = STANDARD.decode(key).ok()?;
    let (ED25519, key) = bytes.split_first().map(|it| (*it.0, it.1))? else { return None };
    Some((name, id, key.try_into().ok()?))
}

fn hex(bytes: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(bytes))
}
