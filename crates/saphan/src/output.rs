//! The only place that writes to the terminal.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use saphan_ops::config::ConfigError;
use saphan_ops::exit;

/// A line of the answer. Nobody waits for the rest of an answer that cannot be written: the process ends.
pub fn line(text: &dyn Display) {
    let (text, mut out) = (text.to_string(), io::stdout().lock());
    let Err(cause) = writeln!(out, "{}", tame(&text)).and_then(|()| out.flush()) else { return };
    if cause.kind() != ErrorKind::BrokenPipe {
        error(&format_args!("the answer cannot be written: {cause}"));
    }
    std::process::exit(i32::from(code_of(cause.kind())));
}

/// Not 0: of `saphan verify | head` nobody may think that it found nothing.
fn code_of(kind: ErrorKind) -> u8 {
    if kind == ErrorKind::BrokenPipe { exit::UNREAD } else { exit::FAILED }
}

/// Progress, for the person who waits.
pub fn progress(text: &dyn Display) {
    // Where even this cannot be written nobody listens.
    let _ = writeln!(io::stderr().lock(), "{}", tame(&text.to_string()));
}

/// What others have written (a file's name, a remedy a sender gave) must not steer the terminal of who
/// reads it.
fn tame(text: &str) -> Cow<'_, str> {
    let steers = |it: char| it.is_control() && !matches!(it, '\n' | '\t');
    if text.contains(steers) { text.replace(steers, "\u{fffd}").into() } else { text.into() }
}

/// Why it failed.
pub fn error(text: &dyn Display) {
    progress(&format_args!("error: {text}"));
}

/// Why it failed, from a text that begins with `error[SP-NNNN]` itself.
pub fn problem(text: &dyn Display) {
    progress(text);
}

/// Why a command failed: what it was about, then its causes.
pub fn failure(error: &anyhow::Error) {
    match error.chain().find_map(|it| it.downcast_ref::<ConfigError>()) {
        Some(it) => problem(it),
        None => self::error(&causes(error)),
    }
}

/// An error with its causes in one line. Many errors tell their cause themselves: it is not repeated.
pub fn causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for it in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = it;
        } else if !text.contains(&it) {
            text.push_str(": ");
            text.push_str(&it);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn a_cause_is_told_once() {
        let plain = io::Error::other("the disk is away");
        let error = Err::<(), _>(plain).context("open the outbox").context("adapter");
        assert_eq!(
            causes(&error.expect_err("it is one")),
            "adapter: open the outbox: the disk is away"
        );
        let tells_its_cause = saphan_ops::keyfile::load(std::path::Path::new("/nowhere/keys.toml"));
        let error = tells_its_cause.context("admit").expect_err("there is none");
        assert!(error.chain().count() > 2, "with the causes as sources, too");
        let text = causes(&error);
        assert!(text.starts_with("admit: SP-1010: ") && text.contains("No such file"), "{text}");
        assert_eq!(text.matches("/nowhere/keys.toml").count(), 1, "{text}");
    }

    #[test]
    fn what_others_wrote_does_not_steer_the_terminal() {
        assert_eq!(tame("ก\tข\nx"), "ก\tข\nx");
        assert_eq!(tame("\u{1b}]0;x\u{7}\r\u{9b}2J"), "\u{fffd}]0;x\u{fffd}\u{fffd}\u{fffd}2J");
    }

    #[test]
    fn an_answer_nobody_reads_is_not_a_good_end() {
        assert_eq!(code_of(ErrorKind::BrokenPipe), 141);
        assert_eq!(code_of(ErrorKind::StorageFull), exit::FAILED);
    }
}
