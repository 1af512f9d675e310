//! The interface: `POST /v1/submissions` and `GET /v1/whoami`; withdrawals of consent in `revocations`.
//!
//! Order of checks: who, how much, what kind, how large, then content. Nothing of a body is read before
//! the token is known.

mod revocations;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use saphan_codec::batch;
use saphan_ops::Metrics;
use saphan_ops::metrics::SubmissionEnd;
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::batch::{Fault, frame_submission};
use crate::log::Appended;
use crate::rate::Rates;
use crate::refusal::Refusal;
use crate::server::Behind;
use crate::tokens::{Denied, TokenStore};

/// The one content type of a batch.
pub const CONTENT_TYPE: &str = "application/vnd.saphan.batch+avro";

const SUBMISSIONS: &str = "/v1/submissions";
const WHOAMI: &str = "/v1/whoami";

/// What the handlers share.
pub(crate) struct Door {
    pub tokens: TokenStore,
    pub behind: Behind,
    pub metrics: Metrics,
    pub rates: Mutex<Rates>,
    pub places: Arc<Semaphore>,
    pub body_bytes_max: usize,
    pub batch_events_max: usize,
    pub request_timeout: Duration,
    pub produce_timeout: Duration,
    pub revocations: Arc<Semaphore>,
    pub receipt_wait: Duration,
}

/// The routes.
pub(crate) fn router(door: Arc<Door>) -> Router {
    Router::new()
        .route(SUBMISSIONS, post(submissions))
        .route(WHOAMI, get(whoami))
        .route(revocations::REVOCATIONS, post(revocations::withdraw))
        .route(revocations::REVOCATION, get(revocations::sent))
        .route(revocations::RECEIPT, get(revocations::receipt))
        .method_not_allowed_fallback(async |State(door): State<Arc<Door>>| {
            refuse(&door, "method", &Started::now(), Refusal::NoSuchMethod)
        })
        .fallback(async |State(door): State<Arc<Door>>| {
            refuse(&door, "other", &Started::now(), Refusal::NoSuchPath)
        })
        .with_state(door)
}

/// A request's name and beginning. The name joins an answer with its log line.
struct Started {
    at: Instant,
    request_id: String,
}

impl Started {
    fn now() -> Self {
        let mut bytes = [0u8; 8];
        // Without randomness the name is not unique; nothing rests on that.
        let _ = getrandom::fill(&mut bytes);
        Self { at: Instant::now(), request_id: hex::encode(bytes) }
    }
}

#[derive(Serialize)]
struct WhoAmI<'a> {
    facility: &'a str,
    version: &'static str,
    request_id: &'a str,
}

#[derive(Serialize)]
struct BatchAnswer<'a> {
    accepted: usize,
    results: Vec<ResultLine>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct ResultLine {
    index: usize,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

async fn whoami(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response {
    let started = Started::now();
    match door.enter(&headers) {
        Err(refusal) => refuse(&door, WHOAMI, &started, refusal),
        Ok(facility) => {
            let (version, request_id) = (env!("CARGO_PKG_VERSION"), started.request_id.as_str());
            let answer = WhoAmI { facility: &facility, version, request_id };
            finish(&door, WHOAMI, &started, Json(answer).into_response())
        }
    }
}

async fn submissions(State(door): State<Arc<Door>>, request: Request) -> Response {
    let started = Started::now();
    let _under_way = door.metrics.gateway_began();
    match take_batch(&door, &started, request).await {
        Err(refusal) => refuse(&door, SUBMISSIONS, &started, refusal),
        Ok(ends) => {
            let results: Vec<_> = ends.iter().enumerate().map(|(n, it)| it.line(n)).collect();
            let accepted = ends.iter().filter(|it| matches!(it, End::Accepted)).count();
            let answer = BatchAnswer { accepted, results, request_id: &started.request_id };
            finish(&door, SUBMISSIONS, &started, Json(answer).into_response())
        }
    }
}

/// How one submission ended.
enum End {
    Accepted,
    Refused(Fault),
    Later,
}

impl End {
    fn line(&self, index: usize) -> ResultLine {
        let (status, told) = match self {
            Self::Accepted => ("accepted", None),
            Self::Refused(fault) => ("refused", Some(fault.told())),
            Self::Later => {
                let (_, code, message) = Refusal::Undelivered.told();
                ("later", Some((code, message)))
            }
        };
        ResultLine { index, status, code: told.map(|it| it.0), message: told.map(|it| it.1) }
    }
}

async fn take_batch(
    door: &Arc<Door>,
    started: &Started,
    request: Request,
) -> Result<Vec<End>, Refusal> {
    let (head, body) = request.into_parts();
    let facility = door.enter(&head.headers)?;
    if !speaks(&head.headers, CONTENT_TYPE) {
        return Err(Refusal::ContentType);
    }
    let place = Arc::clone(&door.places).try_acquire_owned().map_err(|_| Refusal::Busy)?;
    let body = tokio::time::timeout(door.request_timeout, read(body, door.body_bytes_max))
        .await
        .map_err(|_| Refusal::TooSlow)??;
    let items = batch::read(&body).map_err(|_| Refusal::NotABatch)?;
    if items.len() > door.batch_events_max {
        return Err(Refusal::TooMany);
    }
    let submissions: Vec<Bytes> = items.into_iter().map(|it| body.slice_ref(it)).collect();
    door.metrics.gateway_batch(submissions.len());

    // A task of its own: what was begun is finished and counted even when the client hangs up.
    let (door, request_id) = (Arc::clone(door), started.request_id.clone());
    let appended = tokio::spawn(async move {
        let ends = append(&door, &facility, &submissions).await;
        count(&door, &facility, &request_id, &ends);
        drop(place);
        ends
    });
    let ends = appended.await.map_err(|_| Refusal::Undelivered)?;
    let done = ends.iter().any(|it| matches!(it, End::Accepted));
    let undelivered = ends.iter().any(|it| matches!(it, End::Later));
    if undelivered && !done { Err(Refusal::Undelivered) } else { Ok(ends) }
}

/// Appends what may be appended; one end for each submission, in their order.
async fn append(door: &Door, facility: &str, submissions: &[Bytes]) -> Vec<End> {
    let mut values = Vec::with_capacity(submissions.len());
    let mut ends: Vec<End> = submissions
        .iter()
        .map(|it| match frame_submission(it, facility, &door.behind.ids) {
            Err(fault) => End::Refused(fault),
            Ok(value) => {
                values.push(value);
                End::Later
            }
        })
        .collect();
    if values.is_empty() {
        return ends;
    }
    let began = Instant::now();
    let appending = door.behind.log.append(facility, values);
    let Ok(outcomes) = tokio::time::timeout(door.produce_timeout, appending).await else {
        tracing::error!(code = "SP-1213", "the brokers did not answer in time");
        return ends;
    };
    door.metrics.gateway_produced(began.elapsed());
    let mut trouble = None;
    let waiting = ends.iter_mut().filter(|it| matches!(it, End::Later));
    for (end, outcome) in waiting.zip(outcomes) {
        match outcome {
            Appended::At(_) => *end = End::Accepted,
            Appended::Unconfirmed(it) => trouble = Some(it),
        }
    }
    if let Some(it) = trouble {
        tracing::error!(code = it.code, reason = it.reason, "the brokers did not confirm a batch");
    }
    ends
}

fn count(door: &Door, facility: &str, request_id: &str, ends: &[End]) {
    let (mut accepted, mut later) = (0, 0);
    for end in ends {
        match end {
            End::Accepted => accepted += 1,
            End::Later => later += 1,
            End::Refused(fault) => {
                let code = Some(fault.told().0);
                door.metrics.gateway_events(SubmissionEnd::Refused, code, 1);
            }
        }
    }
    door.metrics.gateway_events(SubmissionEnd::Accepted, None, accepted);
    let code = Some(Refusal::Undelivered.code());
    door.metrics.gateway_events(SubmissionEnd::Undelivered, code, later);
    tracing::debug!(facility, request_id, accepted, later, of = ends.len(), "batch taken");
}

impl Door {
    /// Whose request it is, if it may be made now.
    fn enter(&self, headers: &HeaderMap) -> Result<String, Refusal> {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|it| it.to_str().ok())
            .and_then(|it| it.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(Refusal::NoToken)?;
        let facility = self.tokens.facility_of(token).map_err(|it| match it {
            Denied::Unknown => Refusal::UnknownToken,
            Denied::Revoked => Refusal::RevokedToken,
        })?;
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.take(&facility, Instant::now()).map_err(Refusal::TooFast)?;
        Ok(facility)
    }
}

fn speaks(headers: &HeaderMap, content_type: &str) -> bool {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let kind = text(header::CONTENT_TYPE).and_then(|it| it.split(';').next()).map(str::trim);
    kind.is_some_and(|it| it.eq_ignore_ascii_case(content_type))
        && text(header::CONTENT_ENCODING).is_none_or(|it| it.eq_ignore_ascii_case("identity"))
}

/// The whole body, if it is not too large. Too large a body is still read, up to four times the limit,
/// since a client that is cut off while sending never sees why.
async fn read(mut body: Body, bytes_max: usize) -> Result<Bytes, Refusal> {
    let (mut whole, mut seen) = (BytesMut::new(), 0usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::NotABatch)?.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        if seen <= bytes_max {
            whole.extend_from_slice(&data);
        } else {
            whole = BytesMut::new();
            if seen > bytes_max.saturating_mul(4) {
                break;
            }
        }
    }
    if seen > bytes_max { Err(Refusal::TooLarge) } else { Ok(whole.freeze()) }
}

fn refuse(door: &Door, route: &'static str, started: &Started, refusal: Refusal) -> Response {
    let (_, code, _) = refusal.told();
    tracing::debug!(route, code, request_id = started.request_id, "request refused");
    finish(door, route, started, refusal.answer(&started.request_id))
}

fn finish(door: &Door, route: &'static str, started: &Started, mut answer: Response) -> Response {
    door.metrics.gateway_answered(route, answer.status().as_u16(), started.at.elapsed());
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    answer
}
