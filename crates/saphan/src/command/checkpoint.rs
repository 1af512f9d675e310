//! `saphan checkpoint`: evidence that the history of decisions and disclosures was not altered.

mod keyfile;
mod print;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use saphan_model::{PatientId, Timestamp};
use saphan_ops::config::Config;
use saphan_ops::exit;
use saphan_proof::checkpoint::{Broken, Proof, Store, Verifier};
use saphan_proof::kept::Kept;
use saphan_proof::live::{Sealed, Until};
use saphan_topology::Names;

use super::{timeline, verify};
use crate::cli::{
    Checkpoint, CheckpointFolder, CheckpointMake, CheckpointProve, CheckpointSubject,
    CheckpointVerify,
};
use crate::{output, setup};

/// Runs one of them.
pub fn run(action: &Checkpoint, config: &Config) -> Result<u8> {
    match action {
        Checkpoint::Keygen { file, name } => {
            let key = keyfile::generate(file, name)?;
            output::line(&key.to_text());
            output::progress(&format_args!(
                "wrote {0} and {0}.pub; give the public key to everybody who shall check",
                file.display()
            ));
            Ok(exit::DONE)
        }
        Checkpoint::Make(options) => make(options, config),
        Checkpoint::Verify(options) => verify(options, config),
        Checkpoint::Prove(options) => prove(options, config),
        Checkpoint::CheckProof { file, key, json } => check_proof(file, key, *json),
    }
}

fn make(options: &CheckpointMake, config: &Config) -> Result<u8> {
    let signer = keyfile::load(&options.key)?;
    let mut keys = keyfile::public(&options.earlier_key)?;
    keys.push(signer.verifier());
    let (mut store, mut broken) = open(&options.folder, &keys)?;
    let now = now();
    let names = setup::names(config)?;
    let counted =
        sealed(config, &names)?
            .recount(store.entries(), (Until::Now, now), &mut |it| output::progress(&it))?;
    broken.extend(counted.broken);
    if !broken.is_empty() {
        print::findings(&store, &broken, options.json);
        output::error(&"nothing was signed: a checkpoint must not follow on what is not as it was");
        return Ok(exit::FINDINGS);
    }
    let heads = saphan_proof::checkpoint::Heads { made_at: now, parts: counted.parts };
    store.append(heads, &signer)?;
    print::made(&store, &options.folder.store, options.json);
    Ok(exit::DONE)
}

fn verify(options: &CheckpointVerify, config: &Config) -> Result<u8> {
    let (store, mut broken) = open(&options.folder, &keyfile::public(&options.key)?)?;
    if store.entries().is_empty() && broken.is_empty() {
        bail!("SP-2069: there is no checkpoint in {}", options.folder.store.display());
    }
    let names = setup::names(config)?;
    let counted = sealed(config, &names)?.recount(
        store.entries(),
        (Until::LastCheckpoint, now()),
        &mut |it| output::progress(&it),
    )?;
    broken.extend(counted.broken);
    print::findings(&store, &broken, options.json);
    Ok(if broken.is_empty() { exit::DONE } else { exit::FINDINGS })
}

/// The folder, compared with what is kept elsewhere.
fn open(folder: &CheckpointFolder, keys: &[Verifier]) -> Result<(Store, Vec<Broken>)> {
    let (store, mut broken) = Store::open(&folder.store, keys)?;
    for path in &folder.against {
        let note = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let kept = keys.iter().find_map(|it| it.checkpoint(&note));
        let kept = kept.with_context(|| {
            format!("SP-2061: {} is no checkpoint signed by the key given", path.display())
        })?;
        broken.extend(store.holds(&kept).err());
    }
    Ok((store, broken))
}

fn prove(options: &CheckpointProve, config: &Config) -> Result<u8> {
    let (store, broken) = Store::open(&options.store, &keyfile::public(&options.key)?)?;
    if !broken.is_empty() {
        print::findings(&store, &broken, false);
        return Ok(exit::FINDINGS);
    }
    let newest = store.entries().len() as u64;
    let number = options.checkpoint.unwrap_or(newest);
    if number == 0 || number > newest {
        bail!("SP-2069: there is no checkpoint {number} in {}", options.store.display());
    }
    let names = setup::names(config)?;
    let proof = match &options.subject {
        CheckpointSubject { decision: Some(text), .. } => {
            let (partition, offset) = position(text)?;
            let part = (names.decision(), partition);
            sealed(config, &names)?.prove_record(&store, number, part, offset)?
        }
        CheckpointSubject { record: Some(text), .. } => {
            let (topic, rest) = text.split_once(':').context(WRITE)?;
            let (partition, offset) = position(rest)?;
            let part = (topic.to_owned(), partition);
            sealed(config, &names)?.prove_record(&store, number, part, offset)?
        }
        CheckpointSubject { patient: Some(text), .. } => {
            let patient = patient(text, config)?;
            sealed(config, &names)?.prove_list(&store, number, patient)?
        }
        CheckpointSubject { since, .. } => consistency(&store, since.unwrap_or(1), number)?,
    };
    output::line(&proof.to_json());
    Ok(exit::DONE)
}

/// By pseudonym, or by the citizen id on standard input, where other users of the machine do not see it.
fn patient(text: &str, config: &Config) -> Result<PatientId> {
    if text != "-" {
        return verify::pseudonym(text);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("read standard input")?;
    timeline::patient(&setup::keys(config)?, line.trim(), false).context("standard input")
}

fn consistency(store: &Store, earlier: u64, number: u64) -> Result<Proof> {
    if earlier == 0 || earlier > number {
        bail!("SP-2069: --since must be a checkpoint up to {number}");
    }
    let note = |number: u64| {
        let place = usize::try_from(number - 1).expect("it is there");
        store.entries()[place].note.clone()
    };
    let path = saphan_proof::checkpoint::proof::Path::new(store.prove_consistency(earlier, number));
    Ok(Proof::Consistency { earlier: note(earlier), later: note(number), path })
}

const WRITE: &str = "write a position as PARTITION:OFFSET, of a record as TOPIC:PARTITION:OFFSET";

fn position(text: &str) -> Result<(i32, i64)> {
    let (partition, offset) = text.split_once(':').context(WRITE)?;
    Ok((partition.parse().context(WRITE)?, offset.parse().context(WRITE)?))
}

fn check_proof(file: &Path, keys: &[String], json: bool) -> Result<u8> {
    let keys = keyfile::public(keys)?;
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let proof = Proof::from_json(&text);
    let checked = proof.and_then(|it| it.check(&keys).map(|proved| (it, proved)));
    Ok(match checked {
        Ok((proof, proved)) => {
            print::proved(&proof, &proved, json);
            exit::DONE
        }
        Err(why) => {
            print::refuted(&why, json);
            exit::FINDINGS
        }
    })
}

fn sealed<'n>(config: &Config, names: &'n Names) -> Result<Sealed<'n>> {
    let topology = setup::topology(config)?;
    let kept = Kept::declared(&topology, names);
    Ok(Sealed { kafka: setup::kafka(config)?, names, kept })
}

fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
