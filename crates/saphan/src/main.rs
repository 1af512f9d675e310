//! The binary: parse arguments, load the configuration, run a command.

mod cli;
mod command;
mod output;
mod role;
mod setup;

use std::process::ExitCode;

use clap::Parser;
use saphan_ops::config::{Config, ConfigErrors, Loaded, Sources};
use saphan_ops::exit;

use cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let loaded = match load(&cli) {
        Ok(loaded) => loaded,
        Err(errors) => {
            output::error(&errors);
            return ExitCode::from(exit::CONFIG);
        }
    };
    if cli.dump_config {
        output::line(&loaded.dump());
        return ExitCode::from(exit::DONE);
    }
    let Some(command) = cli.command else {
        output::error(&"what to do? see `saphan --help`");
        return ExitCode::from(exit::USAGE);
    };
    match command::run(command, &loaded.config) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output::error(&format_args!("{error:#}"));
            ExitCode::from(exit::FAILED)
        }
    }
}

fn load(cli: &Cli) -> Result<Loaded, ConfigErrors> {
    let flags = cli
        .settings
        .iter()
        .map(|it| it.split_once('=').unwrap_or((it, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    Config::load(&Sources {
        file: cli.config.as_deref(),
        environment: std::env::vars().collect(),
        flags,
    })
}
