//! The command line: what a person types. Meaning lives in `command` and `role`.

mod checkpoint;
mod consent;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

pub use checkpoint::{
    Checkpoint, CheckpointFolder, CheckpointMake, CheckpointProve, CheckpointSubject,
    CheckpointVerify,
};
pub use consent::{Consent, ConsentExplain, ConsentExport, ConsentReceipt, ConsentRevoke};

use crate::role::Role;

/// Saphan: the event backbone of a national health-information platform.
#[derive(Parser, Debug)]
#[command(name = "saphan", version, about, propagate_version = true)]
pub struct Cli {
    /// Configuration file (TOML); `saphan config` prints one with every setting.
    #[arg(long, global = true, env = "SAPHAN_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// One setting, e.g. `--set gateway.listen=127.0.0.1:8470`. Wins over file and environment.
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE")]
    pub settings: Vec<String>,

    /// Print the configuration in force, each setting with its origin, secrets hidden, and stop.
    #[arg(long, global = true)]
    pub dump_config: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run roles of the platform until a signal to stop.
    Run(Run),
    /// Run the gateway (the same as `run --roles gateway`).
    Gateway,
    /// Read a source system's export and send it to the gateway.
    #[command(subcommand)]
    Adapter(Adapter),
    /// A person's consent directives.
    #[command(subcommand)]
    Consent(Consent),
    /// A facility's outbox: what waits in it, what the gateway refused.
    #[command(subcommand)]
    Outbox(Outbox),
    /// Topics, schemas and contracts as files: compare with the cluster, apply, check.
    #[command(subcommand)]
    Topology(Topology),
    /// The platform's keys.
    #[command(subcommand)]
    Keys(Keys),
    /// Tokens facilities send with.
    #[command(subcommand)]
    Token(Token),
    /// A patient's timeline, by citizen ids read from standard input (never from arguments, which
    /// other users of the machine can see).
    Timeline(Timeline),
    /// What could not be admitted, and how to mend it.
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// Prove that nothing left without permission and nothing was lost or doubled: replays the patient
    /// log and compares. Exit code 0: no findings; 3: findings; 1: nothing could be proved.
    Verify(Verify),
    /// What proposed contracts would have changed: decides the whole log by them and by those in force.
    /// Writes nothing. Exit code 3: the proposal rewrites a version that has taken effect.
    WhatIf(WhatIf),
    /// What was delivered or withheld, to whom, when and on which basis: from the log itself.
    #[command(subcommand)]
    Explain(Explain),
    /// Evidence that the history of decisions and disclosures was not altered: signed checkpoints of the
    /// log, and proofs from them. Exit code 0: as it was; 3: something is not; 1: nothing could be said.
    #[command(subcommand)]
    Checkpoint(Checkpoint),
    /// Make a synthetic province with its ground truth.
    Synth(Synth),
    /// Print a configuration file with every setting, its meaning and default.
    Config,
}

fn role_names() -> PossibleValuesParser {
    PossibleValuesParser::new(std::iter::once("all").chain(Role::ALL.map(Role::as_str)))
}

/// Which roles run.
#[derive(Args, Debug)]
pub struct Run {
    /// `all`, or some of: gateway, admit, route, timeline, statistics, decisions, operations, serve.
    #[arg(long, value_delimiter = ',', default_value = "all", value_parser = role_names())]
    pub roles: Vec<String>,
    /// Also stop when standard input closes, so that the process cannot outlive the one that started it.
    #[arg(long)]
    pub until_stdin_closes: bool,
}

/// Source formats.
#[derive(Subcommand, Debug)]
pub enum Adapter {
    /// 43-file exports: zips, or folders of text files.
    F43(Feed),
    /// FHIR R4 Consent, one JSON object a line.
    Consent(Feed),
    /// Ask the gateway whose token this is: the test of line, address and token after an installation.
    Check,
}

/// Files of one facility, sent in the order given.
#[derive(Args, Debug)]
pub struct Feed {
    /// Zips, folders or NDJSON files.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// The facility's 5-digit code, when the file name does not tell.
    #[arg(long)]
    pub facility: Option<String>,
    /// Append to `ingest.v1` straight, without the gateway: for adapters inside the ministry's network.
    #[arg(long, conflicts_with = "dry_run")]
    pub direct: bool,
    /// Only read and report; send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Outbox commands.
#[derive(Subcommand, Debug)]
pub enum Outbox {
    /// Print how much waits and, by code, how much the gateway refused and what to do about it.
    Status,
    /// Put what was refused back in line, after its cause was mended; the next run of the adapter sends it.
    Requeue,
    /// Delete what was refused, for good.
    Discard,
}

/// Topology commands.
#[derive(Subcommand, Debug)]
pub enum Topology {
    /// Print what `apply` would change.
    Plan(TopologyOptions),
    /// Create topics, change settings, register schemas. Never deletes or shrinks.
    Apply(TopologyOptions),
    /// Check the files without a cluster; prints all problems.
    Check,
}

/// How far `plan` and `apply` may go.
#[derive(Args, Debug)]
pub struct TopologyOptions {
    /// Settings for one machine or for a cluster.
    #[arg(long, default_value = "development")]
    pub environment: String,
    /// Allow more partitions on existing topics. Moves keys to other partitions, which breaks the order of
    /// what is already there: read `docs/adr/0002-event-sequence-is-the-ingest-position.md` first.
    #[arg(long)]
    pub allow_more_partitions: bool,
    /// Allow records to be kept for a shorter time than now.
    #[arg(long)]
    pub allow_shorter_retention: bool,
    /// Allow deleting agency topics that no contract declares, with everything in them.
    #[arg(long)]
    pub allow_delete_topics: bool,
    /// Allow contract versions that were not applied before and take effect in the past. What the log holds
    /// since then was decided without them, and `saphan verify` will say so.
    #[arg(long)]
    pub allow_backdated_contracts: bool,
}

/// Key commands.
#[derive(Subcommand, Debug)]
pub enum Keys {
    /// Make a new key file; refuses to overwrite one.
    Generate {
        /// The file.
        file: PathBuf,
    },
}

/// Token commands.
#[derive(Subcommand, Debug)]
pub enum Token {
    /// Make a token for a facility; prints it once, stores its hash.
    Create {
        /// 5-digit facility code.
        facility: String,
        /// Write the token to this file (mode 0600) instead of standard output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Revoke a facility's tokens.
    Revoke {
        /// 5-digit facility code.
        facility: String,
    },
}

/// Timeline options.
#[derive(Args, Debug)]
pub struct Timeline {
    /// Most events of one patient.
    #[arg(long, default_value_t = 200)]
    pub limit: u32,
    /// Print JSON, one object a patient.
    #[arg(long)]
    pub json: bool,
    /// Lines are `facility:local-number` of people without a citizen id.
    #[arg(long)]
    pub local: bool,
}

/// What could not be admitted.
#[derive(Subcommand, Debug)]
pub enum Quarantine {
    /// How much of it is open, by facility and code, and what to do about it.
    List(QuarantineChoice),
    /// Where the open defects of one facility stand, each with its remedy.
    Show(QuarantineShow),
    /// Send what was set aside to admit once more, after its cause was mended on the platform's side.
    ///
    /// Each submission keeps its old place: content that came later stands, and what is admitted already
    /// counts once. What the sender's own adapter reported never arrived here and has to be sent again.
    Redrive(QuarantineRedrive),
}

/// Which defects.
#[derive(Args, Debug)]
pub struct QuarantineChoice {
    /// Only this facility.
    #[arg(long)]
    pub facility: Option<String>,
    /// Only this code.
    #[arg(long)]
    pub code: Option<String>,
}

/// Places of one facility.
#[derive(Args, Debug)]
pub struct QuarantineShow {
    /// The facility.
    pub facility: String,
    /// Only this code.
    #[arg(long)]
    pub code: Option<String>,
    /// Most rows.
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
}

/// What to send once more.
#[derive(Args, Debug)]
pub struct QuarantineRedrive {
    #[command(flatten)]
    pub choice: QuarantineChoice,
    /// Only the submission at this position of `ingest.v1`, as `saphan quarantine show` tells it.
    #[arg(long, value_name = "PARTITION:OFFSET")]
    pub position: Option<String>,
    /// Tell what would be sent, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Wait until admit has decided, and tell how it ended.
    #[arg(long)]
    pub wait: bool,
    /// Longest wait.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub timeout: u64,
}

/// Verification options.
#[derive(Args, Debug)]
pub struct Verify {
    /// Only records appended at or after this instant, e.g. 2026-03-01T00:00:00+07:00.
    #[arg(long, value_name = "INSTANT")]
    pub since: Option<String>,
    /// Only what this agency holds.
    #[arg(long, value_name = "ID")]
    pub agency: Option<String>,
    /// Only this patient, by pseudonym (32 hexadecimal digits).
    #[arg(long, value_name = "PSEUDONYM")]
    pub patient: Option<String>,
    /// Seconds after which route must have heard of a change of consent: what left later, of a record
    /// before it in the log and no longer permitted by it, is a finding.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub heard_within: u32,
    /// Findings of one kind to list; all are counted.
    #[arg(long, default_value_t = 20)]
    pub findings: u64,
    /// Folder for temporary files: 52 bytes for each decision, delivery and row of state. The system's by default.
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A change of contracts to be reviewed.
#[derive(Args, Debug)]
pub struct WhatIf {
    /// The proposed topology folder, or a folder with nothing but the `<agency>.toml` files, those that
    /// stay as they are too: an agency without one would go.
    #[arg(long, value_name = "DIR")]
    pub contracts: PathBuf,
    /// Count only what is decided by records appended at or after this instant, e.g. 2026-03-01T00:00:00+07:00;
    /// a change of consent may call back events from before it.
    #[arg(long, value_name = "INSTANT")]
    pub since: Option<String>,
    /// Only this agency.
    #[arg(long, value_name = "ID")]
    pub agency: Option<String>,
    /// Let every version hold from the instant on at which it takes effect, instead of the newest one
    /// from the beginning.
    #[arg(long)]
    pub dated: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to explain.
#[derive(Subcommand, Debug)]
pub enum Explain {
    /// One event, by id, or by facility and type with natural keys on standard input.
    Event(ExplainEvent),
    /// One patient, by pseudonym, or by citizen ids on standard input (never from arguments, which other
    /// users of the machine can see).
    Patient(ExplainPatient),
    /// One agency: its contract, and sums of what it received and what was withheld from it.
    Agency {
        /// Its id.
        agency: String,
        /// How.
        #[command(flatten)]
        options: ExplainOptions,
    },
}

/// Which event.
#[derive(Args, Debug)]
pub struct ExplainEvent {
    /// The event's id (32 hexadecimal digits).
    pub event: Option<String>,
    /// 5-digit code of the facility that reported it.
    #[arg(long, requires = "kind", conflicts_with = "event")]
    pub facility: Option<String>,
    /// Its type, e.g. `encounter`.
    #[arg(long = "type", requires = "facility", conflicts_with = "event")]
    pub kind: Option<String>,
    /// How.
    #[command(flatten)]
    pub options: ExplainOptions,
}

/// Which patient.
#[derive(Args, Debug)]
pub struct ExplainPatient {
    /// The pseudonym (32 hexadecimal digits).
    pub pseudonym: Option<String>,
    /// Lines of standard input are `facility:local-number` of people without a citizen id.
    #[arg(long, conflicts_with = "pseudonym")]
    pub local: bool,
    /// How.
    #[command(flatten)]
    pub options: ExplainOptions,
}

/// How to explain.
#[derive(Args, Debug)]
pub struct ExplainOptions {
    /// As if the log ended with this record, e.g. the position on a consent receipt.
    #[arg(long, value_name = "PARTITION:OFFSET")]
    pub until: Option<String>,
    /// Print JSON, one object a record.
    #[arg(long)]
    pub json: bool,
}

/// Synthetic data options.
#[derive(Args, Debug)]
pub struct Synth {
    /// Folder to write; must be new or empty.
    #[arg(long)]
    pub out: PathBuf,
    /// The same seed makes the same bytes.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// People.
    #[arg(long, default_value_t = 20_000)]
    pub people: u32,
    /// Out-patient visits.
    #[arg(long, default_value_t = 100_000)]
    pub visits: u32,
    /// Facilities.
    #[arg(long, default_value_t = 64)]
    pub facilities: u16,
    /// Referrals.
    #[arg(long, default_value_t = 3_000)]
    pub referrals: u32,
    /// People with a consent directive.
    #[arg(long, default_value_t = 2_000)]
    pub directives: u32,
    /// Health regions, 1-13.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8])]
    pub regions: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    #[track_caller]
    fn check(roles: &str, expected: Result<&[&str], ErrorKind>) {
        let got = Cli::try_parse_from(["saphan", "run", "--roles", roles]);
        let got = got.map_err(|it| it.kind()).map(|it| match it.command {
            Some(Command::Run(run)) => run.roles,
            other => panic!("{other:?}"),
        });
        assert_eq!(got, expected.map(|it| it.iter().map(ToString::to_string).collect()));
    }

    #[test]
    fn a_role_that_is_none_is_a_mistake_on_the_command_line() {
        Cli::command().debug_assert();
        check("admit,route", Ok(&["admit", "route"]));
        check("all", Ok(&["all"]));
        check("nosuch", Err(ErrorKind::InvalidValue));
        check("admit,nosuch", Err(ErrorKind::InvalidValue));
    }
}
