//! What an answer of the gateway means. Pure.

use std::time::Duration;

use serde::Deserialize;

use super::SenderError;
use super::http::HttpAnswer;

/// What to do about a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The gateway took a stand on every submission, in their order.
    Answered(Vec<Verdict>),
    /// Nothing is known; send the same again after a pause.
    Later(Trouble),
    /// The line may be too slow for a request of this size; send less at once after a pause.
    TooSlow(Trouble),
    /// The request is larger than the gateway takes.
    TooMuch,
    /// Something else answered: a proxy without its gateway, a portal that wants a log-in, a wrong address.
    Stranger { status: u16 },
}

/// The gateway's word on one submission.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Refused { code: String, remedy: String },
    Later(Trouble),
}

/// Trouble that may pass.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub reason: String,
    /// False when nobody answered.
    pub reached: bool,
    /// The pause the gateway asked for.
    pub after: Option<Duration>,
}

impl Trouble {
    pub(super) fn unreachable(reason: String) -> Self {
        Self { reason, reached: false, after: None }
    }
}

#[derive(Deserialize)]
struct BatchAnswer {
    results: Vec<ResultLine>,
}

#[derive(Deserialize)]
struct ResultLine {
    index: usize,
    status: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

#[derive(Default, Deserialize)]
struct ErrorAnswer {
    code: String,
    message: String,
}

/// Reads an answer to a batch of `count` submissions.
pub(super) fn of(url: &str, answer: &HttpAnswer, count: usize) -> Result<Reply, SenderError> {
    let told = serde_json::from_slice::<ErrorAnswer>(&answer.body).ok();
    let sentence = || match &told {
        Some(it) => format!("{} {}", it.code, it.message),
        None => format!("HTTP status {}", answer.status),
    };
    let later = |reason| Trouble { reason, reached: true, after: answer.retry_after };
    match answer.status {
        200 => Ok(match verdicts(&answer.body, count, answer.retry_after) {
            Some(verdicts) => Reply::Answered(verdicts),
            None if count == 0 => Reply::Answered(Vec::new()),
            None => Reply::Later(later("the gateway's answer could not be read".to_owned())),
        }),
        413 => Ok(Reply::TooMuch),
        408 => Ok(Reply::TooSlow(later(sentence()))),
        425 | 429 | 500.. => Ok(Reply::Later(later(sentence()))),
        status if told.is_none() => Ok(Reply::Stranger { status }),
        401 | 403 => Err(SenderError::TokenRefused { detail: sentence() }),
        _ => Err(SenderError::Address {
            url: url.to_owned(),
            reason: format!("the gateway refuses the request: {}", sentence()),
        }),
    }
}

/// One verdict for each submission, or `None` when the answer does not cover them all exactly once.
fn verdicts(body: &[u8], count: usize, after: Option<Duration>) -> Option<Vec<Verdict>> {
    let answer: BatchAnswer = serde_json::from_slice(body).ok()?;
    let mut verdicts: Vec<Option<Verdict>> = (0..count).map(|_| None).collect();
    for line in answer.results {
        let slot = verdicts.get_mut(line.index).filter(|it| it.is_none())?;
        *slot = Some(match line.status.as_str() {
            "accepted" => Verdict::Accepted,
            "refused" => Verdict::Refused { code: line.code, remedy: line.message },
            "later" => {
                let reason = format!("{} {}", line.code, line.message);
                Verdict::Later(Trouble { reason, reached: true, after })
            }
            _ => return None,
        });
    }
    verdicts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> HttpAnswer {
        let retry_after = Some(Duration::from_secs(7));
        HttpAnswer { status, retry_after, body: body.as_bytes().to_vec() }
    }

    /// The reply in short: `answered a r l`, `later`, `too-slow`, `too-much` or the error's code.
    #[track_caller]
    fn check(status: u16, body: &str, count: usize, expected: &str) {
        let got = match of("http://localhost", &answer(status, body), count) {
            Err(error) => error.code().to_owned(),
            Ok(Reply::TooMuch) => "too-much".to_owned(),
            Ok(Reply::Stranger { status: it }) => {
                assert_eq!(it, status);
                "stranger".to_owned()
            }
            Ok(Reply::Later(it)) => {
                assert_eq!(it.after, Some(Duration::from_secs(7)));
                "later".to_owned()
            }
            Ok(Reply::TooSlow(it)) => {
                assert_eq!(it.after, Some(Duration::from_secs(7)));
                "too-slow".to_owned()
            }
            Ok(Reply::Answered(verdicts)) => {
                let letters = verdicts.iter().map(|it| match it {
                    Verdict::Accepted => " a",
                    Verdict::Refused { .. } => " r",
                    Verdict::Later(_) => " l",
                });
                format!("answered{}", letters.collect::<String>())
            }
        };
        assert_eq!(got, expected, "{status} {body}");
    }

    #[test]
    fn an_answer_covers_every_submission_exactly_once_or_counts_for_none() {
        let a = r#"{"index":0,"status":"accepted"}"#;
        let r = r#"{"index":1,"status":"refused","code":"SP-1203","message":"m"}"#;
        let l = r#"{"index":2,"status":"later","code":"SP-1213","message":"m"}"#;
        let body = |lines: &[&str]| format!(r#"{{"accepted":1,"results":[{}]}}"#, lines.join(","));
        check(200, &body(&[a, r, l]), 3, "answered a r l");
        check(200, &body(&[l, a, r]), 3, "answered a r l");
        check(200, &body(&[a, r]), 3, "later");
        check(200, &body(&[a, r, l, l]), 3, "later");
        check(200, &body(&[a, a, r, l]), 3, "later");
        check(200, &body(&[a, r, l]), 2, "later");
        check(200, &body(&[r#"{"index":0,"status":"maybe"}"#]), 1, "later");
        check(200, "<html>", 1, "later");
    }

    #[test]
    fn statuses_say_whether_waiting_helps() {
        for status in [425, 429, 500, 502, 503, 504] {
            check(status, "", 1, "later");
        }
        check(408, "", 1, "too-slow");
        let told = r#"{"code":"SP-1202","message":"m","request_id":"r"}"#;
        for status in [401, 403] {
            check(status, told, 1, "SP-1232");
        }
        check(413, "", 1, "too-much");
        for status in [400, 404, 405, 415] {
            check(status, told, 1, "SP-1233");
        }
        for status in [301, 302, 400, 401, 403, 404, 405, 415] {
            check(status, "<html>", 1, "stranger");
        }
    }
}
