//! What a person types about consent directives.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Consent commands.
#[derive(Subcommand, Debug)]
pub enum Consent {
    /// Say in plain Thai and English what the directives of a document mean and what of them is
    /// contradictory, empty or worth a second look. Sends nothing.
    Explain(ConsentExplain),
    /// Print the directives of the person whose citizen id stands on standard input, as they stand in the
    /// log, as FHIR R4 Consent resources, one a line.
    Export(ConsentExport),
    /// Withdraw one directive of the person whose citizen id stands on standard input (never in arguments,
    /// which other users of the machine can see), and print a receipt.
    Revoke(ConsentRevoke),
    /// Print the receipt of the last change of one directive, however it came in: given, withdrawn or taken
    /// back. Asks for nobody's id.
    Receipt(ConsentReceipt),
}

/// What is explained.
#[derive(Args, Debug)]
pub struct ConsentExplain {
    /// Documents of FHIR R4 Consent resources, one JSON object a line.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
}

/// What is exported.
#[derive(Args, Debug)]
pub struct ConsentExport {
    /// Also directives that were withdrawn.
    #[arg(long)]
    pub withdrawn: bool,
}

/// What is withdrawn, and how long to wait for the receipt.
#[derive(Args, Debug)]
pub struct ConsentRevoke {
    /// 5-digit code of the facility that recorded the directive.
    #[arg(long, value_name = "CODE")]
    pub facility: String,
    /// The directive's id: `Consent.id` of its FHIR resource.
    #[arg(long, value_name = "ID")]
    pub directive: String,
    /// Standard input is `facility:local-number` of a person without a citizen id.
    #[arg(long)]
    pub local: bool,
    /// It was withdrawn on paper before a witness, signed on this day (YYYY-MM-DD, Common Era).
    #[arg(long, value_name = "DATE")]
    pub paper_signed_on: Option<String>,
    /// Someone with authority over the person withdraws it.
    #[arg(long)]
    pub guardian: bool,
    /// Append to `ingest.v1` straight, without the gateway.
    #[arg(long)]
    pub direct: bool,
    /// Wait until route has passed the withdrawal.
    #[arg(long)]
    pub wait: bool,
    /// Longest wait, in seconds.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub timeout: u64,
    /// Print the receipt as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Whose receipt.
#[derive(Args, Debug)]
pub struct ConsentReceipt {
    /// 5-digit code of the facility that recorded the directive.
    #[arg(long, value_name = "CODE")]
    pub facility: String,
    /// The directive's id: `Consent.id` of its FHIR resource.
    #[arg(long, value_name = "ID")]
    pub directive: String,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}
