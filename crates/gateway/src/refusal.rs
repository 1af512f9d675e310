//! Every way a request is refused: status, code, a sentence that says what to do.

mod consent;

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub use consent::OfConsent;

/// Why a request as a whole was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No `Authorization: Bearer` header.
    NoToken,
    /// A token nobody was given.
    UnknownToken,
    /// A token that was taken back.
    RevokedToken,
    /// More submissions than one batch may hold.
    TooMany,
    /// A body larger than allowed.
    TooLarge,
    /// Another content type than the one this interface speaks.
    ContentType,
    /// A body that is no batch.
    NotABatch,
    /// The facility sends faster than agreed.
    TooFast(Duration),
    /// As many requests as the gateway can hold are under way.
    Busy,
    /// The brokers confirmed nothing.
    Undelivered,
    /// No such path.
    NoSuchPath,
    /// The path exists, the method does not.
    NoSuchMethod,
    /// The body did not arrive in time.
    TooSlow,
    /// What is refused about withdrawals of consent alone.
    Consent(OfConsent),
}

/// Pause asked for when the brokers do not answer.
const BROKERS_PAUSE: Duration = Duration::from_secs(5);

impl Refusal {
    /// Status, code and sentence.
    pub const fn told(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "SP-1201",
                "send the facility's token: Authorization: Bearer <token>",
            ),
            Self::UnknownToken => (
                StatusCode::UNAUTHORIZED,
                "SP-1202",
                "this token is not known; check that it was copied whole, or ask for a new one",
            ),
            Self::RevokedToken => (
                StatusCode::FORBIDDEN,
                "SP-1218",
                "this token was revoked; ask the centre for a new one",
            ),
            Self::TooMany => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "SP-1207",
                "the batch holds too many submissions; send fewer at a time",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "SP-1208",
                "the body is too large; send fewer submissions at a time",
            ),
            Self::ContentType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "SP-1209",
                "send Content-Type: application/vnd.saphan.batch+avro, not compressed",
            ),
            Self::NotABatch => (
                StatusCode::BAD_REQUEST,
                "SP-1210",
                "the body is not an Avro record th.saphan.SubmissionBatch; see the API description",
            ),
            Self::TooFast(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "SP-1211",
                "the facility sends too many requests; wait as Retry-After says, send larger batches",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "SP-1212",
                "the gateway is busy; send the same again after Retry-After",
            ),
            Self::Undelivered => (
                StatusCode::SERVICE_UNAVAILABLE,
                "SP-1213",
                "the brokers did not confirm it; send the same again after Retry-After",
            ),
            Self::NoSuchPath => (
                StatusCode::NOT_FOUND,
                "SP-1215",
                "there is no such path; the interface is under /v1, see the API description",
            ),
            Self::NoSuchMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "SP-1216",
                "this path takes another method; see the Allow header",
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "SP-1217",
                "the body did not arrive in time; send smaller batches on a slow line",
            ),
            Self::Consent(it) => it.told(),
        }
    }

    /// Its code.
    pub const fn code(self) -> &'static str {
        self.told().1
    }

    /// The pause the client should make, where waiting helps.
    pub fn retry_after(self) -> Option<Duration> {
        match self {
            Self::TooFast(wait) => Some(wait),
            Self::Busy => Some(Duration::from_secs(1)),
            Self::Undelivered | Self::Consent(OfConsent::Untold) => Some(BROKERS_PAUSE),
            _ => None,
        }
    }

    /// The answer to the client.
    pub fn answer(self, request_id: &str) -> Response {
        let (status, code, message) = self.told();
        let mut response = (status, Json(Body { code, message, request_id })).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after() {
            // Rounded up: coming back a moment early would be refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<OfConsent> for Refusal {
    fn from(it: OfConsent) -> Self {
        Self::Consent(it)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'static str,
    message: &'static str,
    request_id: &'a str,
}
