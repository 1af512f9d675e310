//! Commands: one file each; this is their table of contents.

mod adapter;
mod checkpoint;
mod consent;
mod explain;
mod keys;
mod outbox;
mod quarantine;
mod synth;
mod timeline;
mod token;
mod topology;
mod verify;
mod what_if;

use anyhow::Result;
use saphan_ops::config::Config;
use saphan_ops::exit;

use crate::cli::{Command, Keys};
use crate::{output, role};

/// Runs one command to its end; the exit code of the process.
pub fn run(command: Command, config: &Config) -> Result<u8> {
    let done = match command {
        Command::Verify(options) => return verify::run(&options, config),
        Command::Checkpoint(action) => return checkpoint::run(&action, config),
        Command::WhatIf(options) => return what_if::run(&options, config),
        Command::Run(options) => role::run(&options.roles, options.until_stdin_closes, config),
        Command::Gateway => role::run(&["gateway".to_owned()], false, config),
        Command::Adapter(source) => adapter::run(source, config),
        Command::Consent(action) => consent::run(&action, config),
        Command::Outbox(action) => outbox::run(&action, config),
        Command::Explain(asked) => explain::run(asked, config),
        Command::Topology(action) => topology::run(action, config),
        Command::Keys(Keys::Generate { file }) => keys::generate(&file),
        Command::Token(action) => token::run(action, config),
        Command::Timeline(options) => timeline::run(&options, config),
        Command::Quarantine(action) => quarantine::run(&action, config),
        Command::Synth(options) => synth::run(&options),
        Command::Config => {
            output::line(&Config::reference());
            Ok(())
        }
    };
    done.map(|()| exit::DONE)
}
