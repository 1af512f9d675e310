//! The only place that writes to the terminal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command answers on the terminal")]

use std::fmt::Display;

/// A line of the answer.
pub fn line(text: &dyn Display) {
    println!("{text}");
}

/// Progress, for the person who waits.
pub fn progress(text: &dyn Display) {
    eprintln!("{text}");
}

/// Why it failed.
pub fn error(text: &dyn Display) {
    eprintln!("error: {text}");
}
