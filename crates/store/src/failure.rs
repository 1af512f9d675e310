//! What can go wrong between us and ClickHouse, and whether trying again can help.
//!
//! The server's own words may quote data, so only its numeric code is kept.

use clickhouse::error::Error;

/// Server codes that no retry mends: the statement, the schema or the rights are wrong.
/// (10 no such column, 16 no such column in table, 27 and 33 unreadable input, 43 and 53 types,
/// 47 unknown identifier, 48 not implemented, 60 no table, 62 syntax, 81 no database,
/// 115 unknown setting, 117 incorrect data, 192 and 193 and 516 user or password, 497 rights.)
const FATAL: [u32; 17] = [10, 16, 27, 33, 43, 47, 48, 53, 60, 62, 81, 115, 117, 192, 193, 497, 516];

/// Trouble with ClickHouse, sorted by what helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// SP-1701: not reached, or no answer in time.
    #[error("ClickHouse does not answer; check that it runs and that the store url is right")]
    Unreachable,
    /// SP-1702: the server understood and refused; trying again cannot help.
    #[error(
        "ClickHouse refused the statement (its code {code}); check that the migrations ran with \
         this version of the program and that the user may read and write the tables"
    )]
    Refused {
        /// ClickHouse's error number.
        code: u32,
    },
    /// SP-1703: the server could not do it now.
    #[error("ClickHouse could not do it now (its code {code}); it is tried again")]
    Busy {
        /// ClickHouse's error number, 0 when none was given.
        code: u32,
    },
    /// SP-1707: the answer has another shape than the query expects.
    #[error("the answer of ClickHouse does not fit the query; run the migrations of this version")]
    Answer,
}

impl Failure {
    /// The code of its page.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable => "SP-1701",
            Self::Refused { .. } => "SP-1702",
            Self::Busy { .. } => "SP-1703",
            Self::Answer => "SP-1707",
        }
    }

    /// Can the same call succeed later without anybody's help?
    pub const fn transient(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Busy { .. })
    }

    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Network(_) | Error::TimedOut => Self::Unreachable,
            Error::BadResponse(text) => Self::of_answer(text),
            Error::Compression(_) | Error::Decompression(_) => Self::Busy { code: 0 },
            _ => Self::Answer,
        }
    }

    fn of_answer(text: &str) -> Self {
        let code = server_code(text).unwrap_or(0);
        if FATAL.contains(&code) { Self::Refused { code } } else { Self::Busy { code } }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

/// A query that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {query} could not be read: {failure}", failure.code())]
pub struct QueryError {
    /// Which query.
    pub query: &'static str,
    /// Why.
    pub failure: Failure,
}

/// The number in `Code: 60. DB::Exception: …`.
fn server_code(text: &str) -> Option<u32> {
    let digits = text.split("Code: ").nth(1)?;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Failure) {
        assert_eq!(Failure::of(&Error::BadResponse(text.to_owned())), expected, "{text}");
    }

    #[test]
    fn a_refusal_is_not_tried_again() {
        check("Code: 60. DB::Exception: Table x.y does not exist", Failure::Refused { code: 60 });
        check("Code: 516", Failure::Refused { code: 516 });
        assert!(!Failure::Refused { code: 60 }.transient());
    }

    #[test]
    fn everything_else_is() {
        check("Code: 241. DB::Exception: memory limit", Failure::Busy { code: 241 });
        check("502 Bad Gateway", Failure::Busy { code: 0 });
        assert_eq!(Failure::of(&Error::TimedOut), Failure::Unreachable);
        assert!(Failure::Unreachable.transient() && Failure::Busy { code: 0 }.transient());
    }

    #[test]
    fn the_servers_words_are_not_repeated() {
        let said = "Code: 27. DB::Exception: cannot parse '1234567890121'";
        let failure = Failure::of(&Error::BadResponse(said.to_owned()));
        assert!(!format!("{failure} {failure:?}").contains("1234567890121"));
    }
}
