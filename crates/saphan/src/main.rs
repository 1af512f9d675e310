//! The binary: parse arguments, load the configuration, run a command.

mod cli;
mod command;
mod output;
mod role;
mod setup;

use std::process::ExitCode;

use clap::Parser;
use saphan_ops::config::{Config, ConfigError, ConfigErrors, Loaded, Sources};
use saphan_ops::exit;
use saphan_store::StoreConfigError;

use cli::Cli;

/// Fetched records are allocated by the client's threads and freed by ours, and large buffers come and go with
/// every request; this one keeps them at hand. It serves librdkafka too.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => {
            let code = if answer.use_stderr() { exit::USAGE } else { exit::DONE };
            // Where even this cannot be written nobody listens.
            let _ = answer.print();
            return ExitCode::from(code);
        }
    };
    let loaded = match load(&cli) {
        Ok(loaded) => loaded,
        Err(errors) => {
            output::problem(&errors);
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
            output::failure(&error);
            let of_settings =
                error.chain().any(|it| it.is::<ConfigError>() || it.is::<StoreConfigError>());
            ExitCode::from(if of_settings { exit::CONFIG } else { exit::FAILED })
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
