//! What a person types to make checkpoints and proofs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Checkpoint commands.
#[derive(Subcommand, Debug)]
pub enum Checkpoint {
    /// Make a key to sign checkpoints with, in FILE (mode 0600), and its public key in FILE.pub.
    Keygen {
        /// The file; refuses to overwrite one.
        file: PathBuf,
        /// The name of the log for ever, e.g. `health.example/decisions`.
        #[arg(long)]
        name: String,
    },
    /// Count the whole log again, compare it with every earlier checkpoint, and only then sign one more.
    Make(CheckpointMake),
    /// Count the log again and compare it with every checkpoint.
    Verify(CheckpointVerify),
    /// Write a proof as JSON that can be checked without the platform.
    Prove(CheckpointProve),
    /// Check a proof, without the platform.
    CheckProof {
        /// The JSON.
        file: PathBuf,
        /// Public key, or a file with it; more than once where the key was changed.
        #[arg(long, required = true, value_name = "PUB")]
        key: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Where checkpoints are kept, and what is known of them elsewhere.
#[derive(Args, Debug)]
pub struct CheckpointFolder {
    /// Folder of the checkpoints.
    #[arg(long, value_name = "DIR")]
    pub store: PathBuf,
    /// A signed checkpoint kept elsewhere; more than once for several. Only it can tell that the folder was
    /// rolled back.
    #[arg(long, value_name = "FILE")]
    pub against: Vec<PathBuf>,
}

/// How to make a checkpoint.
#[derive(Args, Debug)]
pub struct CheckpointMake {
    /// The key file.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Public key that signed earlier checkpoints, or a file with it; for a key that was changed.
    #[arg(long, value_name = "PUB")]
    pub earlier_key: Vec<String>,
    /// Where.
    #[command(flatten)]
    pub folder: CheckpointFolder,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// How to verify checkpoints.
#[derive(Args, Debug)]
pub struct CheckpointVerify {
    /// Public key, or a file with it; more than once where the key was changed.
    #[arg(long, required = true, value_name = "PUB")]
    pub key: Vec<String>,
    /// Where.
    #[command(flatten)]
    pub folder: CheckpointFolder,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to prove.
#[derive(Args, Debug)]
pub struct CheckpointProve {
    /// Public key, or a file with it; more than once where the key was changed.
    #[arg(long, required = true, value_name = "PUB")]
    pub key: Vec<String>,
    /// Folder of the checkpoints.
    #[arg(long, value_name = "DIR")]
    pub store: PathBuf,
    /// At this checkpoint; the newest by default.
    #[arg(long, value_name = "NUMBER")]
    pub checkpoint: Option<u64>,
    /// What.
    #[command(flatten)]
    pub subject: CheckpointSubject,
}

/// One of these.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct CheckpointSubject {
    /// That a decision stood there.
    #[arg(long, value_name = "PARTITION:OFFSET")]
    pub decision: Option<String>,
    /// That a record stood there: of an agency's topic, say, or of the patient log.
    #[arg(long, value_name = "TOPIC:PARTITION:OFFSET")]
    pub record: Option<String>,
    /// All decisions about a patient there were, by pseudonym (32 hexadecimal digits), or `-` for the citizen
    /// id on standard input (never from arguments, which other users of the machine can see).
    #[arg(long, value_name = "PSEUDONYM")]
    pub patient: Option<String>,
    /// That the checkpoint holds everything an earlier one holds.
    #[arg(long, value_name = "NUMBER")]
    pub since: Option<u64>,
}
