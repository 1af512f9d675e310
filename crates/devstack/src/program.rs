//! Finds the `saphan-dev` program, which serves the embedded ClickHouse and takes stacks down.
//!
//! The command line tool is that program itself. A test of another crate finds it beside its own build
//! products, or has cargo build it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::DevstackError;

const NAME: &str = "saphan-dev";

/// Environment variable that names the program, when it lies somewhere else.
pub const PROGRAM_VARIABLE: &str = "SAPHAN_DEV";

/// The `saphan-dev` program.
pub fn find() -> Result<PathBuf, DevstackError> {
    if let Some(named) = std::env::var_os(PROGRAM_VARIABLE) {
        return Ok(named.into());
    }
    let own = std::env::current_exe().map_err(DevstackError::folder("find", Path::new(NAME)))?;
    if own.file_stem().is_some_and(|it| it == NAME) {
        return Ok(own);
    }
    // A test runs from target/<profile>/deps, an example from target/<profile>/examples.
    let beside = || own.ancestors().skip(1).take(2).map(|it| it.join(NAME)).find(|it| it.is_file());
    if let Some(found) = beside() {
        return Ok(found);
    }
    build(&own);
    beside().ok_or_else(|| {
        DevstackError::Missing(format!(
            "the program `{NAME}` is not built; run `cargo build -p saphan-devstack`, or name the \
             program in {PROGRAM_VARIABLE}"
        ))
    })
}

/// Has cargo build the program into the folder `own` comes from; whether that worked shows in its being there.
fn build(own: &Path) {
    let Some(cargo) = std::env::var_os("CARGO") else { return };
    let release = own.components().any(|it| it.as_os_str() == "release");
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "saphan-devstack", "--bin", NAME]);
    if release {
        command.arg("--release");
    }
    let _seen_by_the_caller = command.status();
}
