//! What the person at the terminal reads.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a demo talks to the terminal")]

use std::fmt::Display;

/// A line of the result.
pub fn say(text: &dyn Display) {
    println!("{text}");
}

/// A line of progress.
pub fn tell(text: &dyn Display) {
    eprintln!("{text}");
}
