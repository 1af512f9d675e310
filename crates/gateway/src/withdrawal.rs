//! A withdrawal of consent as it is sent: a further revision of the directive that permits nothing. Pure.
//!
//! The gateway and `saphan consent revoke` send the same. Who it is about stands in the submission only.

mod request;

use saphan_model::directive::{Directive, Effect, Grantor, Method};
use saphan_model::{Body, Content, Date, Private, Provenance, Subject, Submission, Timestamp};

pub use request::read;

/// Longest directive id, as FHIR defines ids.
const ID_BYTES_MAX: usize = 64;

/// What is withdrawn, of whom, by whom and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The directive's id: `Consent.id` of its FHIR resource.
    pub directive_id: String,
    /// The person.
    pub subject: Subject,
    /// Who withdraws.
    pub grantor: Grantor,
    /// The day a paper was signed before a witness; none when it was withdrawn electronically, now.
    pub paper_signed_on: Option<Date>,
}

/// Why a text is no withdrawal. Carries no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.code(), self.remedy())]
pub enum Fault {
    /// Not the fields described, or one of another kind.
    Form,
    /// The directive's id cannot be one.
    Directive,
    /// Nobody, two people, or a citizen id that cannot be one.
    Person,
    /// A word that is none of those allowed.
    Word,
    /// The day of signing is missing, is none, lies ahead, or belongs to no paper.
    SignedOn,
}

impl Fault {
    /// Its page in `docs/errors`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form | Self::Word => "SP-1241",
            Self::Directive => "SP-1242",
            Self::Person => "SP-1243",
            Self::SignedOn => "SP-1244",
        }
    }

    /// What to do, one sentence. Carries no part of what was sent.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Form => {
                "send a JSON object with directive, citizen_id or local_id, grantor and method, and with \
                 signed_on for a paper; see the API description"
            }
            Self::Directive => {
                "directive is the Consent.id of the directive: 1 to 64 of A-Z, a-z, 0-9, - and ."
            }
            Self::Person => {
                "name the person by either citizen_id (13 digits with a right check digit) or local_id (1 \
                 to 64 bytes), not both"
            }
            Self::Word => "grantor is patient or guardian, method is electronic or witnessed-paper",
            Self::SignedOn => {
                "give signed_on as YYYY-MM-DD, Common Era and not in the future, for witnessed-paper and \
                 for nothing else"
            }
        }
    }
}

/// Who sends a withdrawal on: where it came from, for its provenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// The kind of source, e.g. `gateway-revocation`.
    pub source: &'static str,
    /// Name and version of the program.
    pub adapter: &'static str,
}

impl Withdrawal {
    /// The submission to append. It happens now, also when its paper was signed before: sent again it is
    /// a further revision of the directive, and so has a receipt of its own.
    pub fn submission(&self, facility: &str, through: Through, now: Timestamp) -> Submission {
        let directive = Directive {
            directive_id: self.directive_id.clone(),
            active: false,
            base: Effect::Deny,
            provisions: Vec::new(),
            valid_from: None,
            valid_until: None,
            grantor: self.grantor,
            method: match self.paper_signed_on {
                Some(_) => Method::WitnessedPaper,
                None => Method::Electronic,
            },
            given_at: self.paper_signed_on.map_or(now, Date::thai_midnight),
            note: None,
        };
        Submission {
            facility: facility.to_owned(),
            subject: self.subject.clone(),
            natural_key: Private::new(self.directive_id.clone()),
            occurred_at: now,
            recorded_at: now,
            provenance: Provenance {
                source: through.source.to_owned(),
                adapter: through.adapter.to_owned(),
                ..Provenance::default()
            },
            defaulted: Vec::new(),
            content: Content::Put(Body::Directive(Box::new(directive))),
        }
    }
}

/// A directive's id, as FHIR defines ids.
pub fn directive_id(text: &str) -> Result<String, Fault> {
    let plain = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'.';
    let fits = (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain);
    if fits { Ok(text.to_owned()) } else { Err(Fault::Directive) }
}

/// The day a paper was signed, `YYYY-MM-DD`. A year of the Buddhist Era lies ahead and is refused with
/// every other day after `today`.
pub fn signed_on(text: &str, today: Date) -> Result<Date, Fault> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, it)| match at {
            4 | 7 => *it == b'-',
            _ => it.is_ascii_digit(),
        });
    let day = shaped.then(|| {
        let (year, month) = (text[..4].parse().ok()?, text[5..7].parse().ok()?);
        Date::from_ymd(year, month, text[8..].parse().ok()?)
    });
    day.flatten().filter(|it| *it <= today).ok_or(Fault::SignedOn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        Date::from_ymd(2026, 11, 26).expect("a day")
    }

    #[track_caller]
    fn check(text: &str, ok: bool) {
        let day = signed_on(text, today());
        assert_eq!(
            day.map(|it| it.to_string()),
            ok.then(|| text.to_owned()).ok_or(Fault::SignedOn)
        );
    }

    #[test]
    fn a_paper_was_signed_on_a_day_that_has_been() {
        check("2026-11-26", true);
        check("2024-02-29", true);
        for bad in
            ["2026-11-27", "2569-11-26", "2026-02-30", "2026-1-2", "26-11-2026", "+026-11-26"]
        {
            check(bad, false);
        }
        check("", false);
        check("๒๕๖๙", false);
    }

    #[test]
    fn what_is_sent_permits_nothing_and_says_when_and_how() {
        let paper = Withdrawal {
            directive_id: "d-1".to_owned(),
            subject: Subject::default(),
            grantor: Grantor::Guardian,
            paper_signed_on: Date::from_ymd(2026, 1, 2),
        };
        let by_hand = Withdrawal { paper_signed_on: None, ..paper.clone() };
        let through = Through { source: "s", adapter: "a" };
        for (withdrawal, method, given_at) in [
            (paper, Method::WitnessedPaper, "2026-01-01T17:00:00.000Z"),
            (by_hand, Method::Electronic, "1970-01-01T00:00:00.007Z"),
        ] {
            let it = withdrawal.submission("10670", through, Timestamp(7));
            assert_eq!((it.occurred_at, it.natural_key.reveal().as_str()), (Timestamp(7), "d-1"));
            let Content::Put(Body::Directive(directive)) = it.content else {
                panic!("a directive")
            };
            assert_eq!((directive.active, directive.base), (false, Effect::Deny));
            assert_eq!((directive.method, directive.grantor), (method, Grantor::Guardian));
            assert_eq!(directive.given_at.to_string(), given_at);
            assert!(directive.provisions.is_empty());
        }
    }
}
